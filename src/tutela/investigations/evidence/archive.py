"""Archive of a referral: message, cover, package, printable PDF, STIX and sealed files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.police import stix
from tutela.exchange.police.archive import Document, SealedPart, written
from tutela.exchange.police.builder import message
from tutela.exchange.police.message import dumped
from tutela.exchange.referral.referral import Referral as Wire
from tutela.exchange.referral.referral import SealedFile, SealedFiles
from tutela.investigations.evidence import evidence
from tutela.investigations.inbox.packages import package_of, referral_row
from tutela.investigations.referral_work import pdf
from tutela.organisations.errors import Erased
from tutela.organisations.messages.peer_client import PeerSilent

type Fetch = Callable[[SealedFile], Iterator[bytes]]


def archive(actor: Actor, referral_id: UUID, *, with_files: bool) -> Iterator[bytes]:
    """The archive, piece by piece; the access is recorded. Raises `NotFound`, `Erased`, and `PeerSilent` where
    its sealed files cannot be asked for, before any piece."""
    actor.require("investigations.answer")
    with acting(actor):
        package = package_of(referral_row(referral_id))
        if package is None:
            raise Erased
        record(actor, "referral.exported_archive", "referral", referral_id, files=with_files)
    waiting = evidence.waiting_evidence(actor, referral_id) if with_files else None
    if waiting and waiting.files and not waiting.asked:
        raise PeerSilent
    return parts(
        package, waiting.files if waiting else (), lambda file: evidence.fetch(actor, referral_id, file.evidence_id)
    )


def parts(package: Wire, files: tuple[SealedFile, ...], fetch: Fetch) -> Iterator[bytes]:
    """The archive of a package with these sealed files."""
    documents = [
        Document("referral.json", package.to_bytes(), "application/json"),
        Document("referral.pdf", pdf.render(package), "application/pdf"),
        Document("stix.json", stix.bundle(package), "application/stix+json;version=2.1"),
    ]
    if late := tuple(one for one in files if one not in package.evidence):
        listed = SealedFiles(evidence=late).to_bytes()
        documents.append(Document("sealed-files.json", listed, "application/json"))
    sealed: list[Document | SealedPart] = [SealedPart(one, lambda one=one: fetch(one)) for one in files]  # type: ignore[misc]
    attachments: list[Document | SealedPart] = [*documents, *sealed]
    told = message(package, (one.attached() for one in attachments))
    first = [("message.json", dumped(told)), ("cover.pdf", pdf.cover(told))]
    yield from written(package, first, attachments)
