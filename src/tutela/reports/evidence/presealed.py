"""Presealed files: the recipient key for a provider, and the receipt of the ciphertext.

The file is checked as far as possible without opening it: one age file for one recipient, a length that fits the stated
clear size, the addressee's current key, and an item of the report. The digests are the provider's statement, and the
addressee checks them when it opens the file.

During a hold no answer reveals what happened since (CSAR 48(6)-(7)): a referral to another authority, an error, or a
delivered file. Each answer is as it was when the hold began.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.exchange.referral import age_encryption
from tutela.law import holds
from tutela.organisations.errors import Erased
from tutela.organisations.keys import sealed_files
from tutela.organisations.people import directory
from tutela.organisations.people.encryption_recipients import Recipient
from tutela.reports.errors import EvidenceNotWanted, FileTooLarge, OtherKey
from tutela.reports.evidence import storage
from tutela.reports.evidence.storage import Inside, Origin, Sealed, StoragePlan
from tutela.reports.jurisdiction import rule
from tutela.reports.models import CLOSED, Evidence, Report
from tutela.reports.state import status
from tutela.reports.state.report_rows import body_of, locked

PIECE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Stated:
    """The provider's statement: the item, the contents, and the recipient key."""

    item: UUID
    inside: Inside
    key_id: str


@dataclass(frozen=True)
class Whom:
    """Addressee to whom files of a report are sealed; or nobody, and why."""

    authority: str
    plan: StoragePlan


def whom(sender: Actor, centre: Actor, report_id: UUID) -> Whom:
    """Return the addressee to whom a provider seals files of its own report. Raises `NotFound`."""
    with acting(centre):
        row = Report.objects.filter(report_id=report_id, provider_id=sender.organisation_id).first()
        if row is None:
            raise NotFound
        entry = addressee_of(row)
        return Whom(entry.name if entry else "", storage.plan(row.provider_id, entry.id if entry else None))


def addressee_of(row: Report) -> directory.DirectoryEntry | None:
    """The authority that has or will get the report: of the leading referral, else as resolved. Call inside
    `acting(actor)`.

    Duplicates go where their original goes. During a hold: the authority that had the report when the hold began.
    """
    row = row.duplicate_of or row
    began = _held_since(row)
    sent = status.lead_referral(row) if began is None else status.that_stood(row, began).first()
    if sent is not None:
        return directory.entry(sent.authority_id)
    found = row.jurisdictions.order_by("-created_at", "-id").first()
    try:
        country = found.country if found else rule.resolve(body_of(row)).country
    except Erased:
        return None
    return directory.competent_for(country)


def take(
    sender: Actor, centre: Actor, report_id: UUID, stated: Stated, read: Callable[[int], bytes]
) -> tuple[Evidence, bool]:
    """Keep a sealed file; the same item twice is one file, also once it arrived. Returns the row and whether it is new.

    Raises `Invalid` naming the field, `NotFound`, `OtherKey`, `EvidenceNotWanted`, `FileTooLarge`, `NoRoom`.
    """
    if stated.inside.size > settings.CONFIG.evidence_max_bytes:
        raise FileTooLarge(most=settings.CONFIG.evidence_max_bytes)
    to = _recipient(sender, centre, report_id, stated.key_id)
    part = received(read, stated.inside.size)
    try:
        with acting(centre):
            row = locked(report_id)
            began = _held_since(row)
            _check(row, sender, stated, began)
            earlier = _sent(row, stated.item, to)
            said = _there(row, earlier, began)
            if said is not None and (row.state in CLOSED or _there(row, earlier) is not None):
                part.discard()
                return said, False
            kept = _keep(centre, row, stated, Sealed(part, to, stated.inside))
            return (said, False) if said else (kept, True)
    except BaseException as error:
        part.give_up(error)
        raise


def _keep(centre: Actor, row: Report, stated: Stated, sealed: Sealed) -> Evidence:
    kept = storage.keep(centre, Origin(row.report_id, row.provider_id, "native", str(stated.item)), sealed)
    if kept is None:
        raise OtherKey
    if row.state in CLOSED:  # a hold forbids to say so; nobody is to open it
        storage.drop(centre, [kept], "unwanted")
    return kept


def _held_since(row: Report) -> datetime | None:
    return holds.since("report", (row.duplicate_of or row).report_id)


def _sent(row: Report, item: UUID, to: Recipient) -> list[Evidence]:
    """Every file of this item that came for this addressee, also what is gone."""
    rows = Evidence.objects.filter(report_id=row.report_id, file_id=str(item), addressee_id=to.organisation_id)
    return list(rows.order_by("created_at", "id"))


def _there(row: Report, sent: list[Evidence], began: datetime | None = None) -> Evidence | None:
    """Return a file that its addressee can fetch, or has fetched under a valid referral.

    If the beginning of a hold is given, return the first file in this state then or since.
    """
    main = row.duplicate_of or row
    stood = status.referrals_that_stand(main) if began is None else status.that_stood(main, began)
    for one in sent:
        if one.gone_at is None or (began is not None and one.gone_at >= began):
            return one
        of_it = stood.filter(authority_id=one.addressee_id, created_at__lte=one.gone_at)
        if one.gone_as == storage.ARRIVED and of_it.exists():
            return one
    return None


def received(read: Callable[[int], bytes], clear: int) -> sealed_files.SealedFileWriter:
    """The body of a request, written as it comes and judged without being opened. Raises `Invalid`, `NoRoom`."""
    part = sealed_files.begin()
    try:
        start = b""
        while len(start) <= age_encryption.LONGEST_HEADER and (piece := read(PIECE_BYTES)):
            start += piece
        expected = age_encryption.header_size(start) + age_encryption.payload_size(clear)
        part.write(start)
        while part.size <= expected and (piece := read(PIECE_BYTES)):
            part.write(piece)
        if part.size != expected:
            raise Invalid(
                "The size is wrong. A sealed file of {clear} clear bytes has {expected} bytes; "
                "{found} or more arrived.",
                field="size",
                clear=clear,
                expected=expected,
                found=part.size,
            )
    except age_encryption.NotSealedError as error:
        part.discard()
        raise Invalid("{reason}", field="body", reason=str(error)) from None
    except BaseException:
        part.discard()
        raise
    return part


def _recipient(sender: Actor, centre: Actor, report_id: UUID, key_id: str) -> Recipient:
    found = whom(sender, centre, report_id).plan
    if found.recipient is None:
        raise Conflict("No file is stored for this report at present ({why}). Preserve the file.", why=found.why_not)
    if found.recipient.key_id != key_id:
        raise OtherKey
    return found.recipient


def _check(row: Report, sender: Actor, stated: Stated, began: datetime | None) -> None:
    if row.provider_id != sender.organisation_id:
        raise NotFound
    # What was an error before has no referral that stands, and nobody whom a hold could be asked by.
    if row.erased_at or (began is None and row.state in CLOSED):
        raise EvidenceNotWanted
    item = next((one for one in body_of(row).items if one.item_id == stated.item), None)
    if item is None:
        raise Invalid("The report has no item with this ID.", field="item")
    for name in ("sha256", "sha1", "md5", "size"):
        said, known = getattr(stated.inside, name), getattr(item, name)
        if said and known is not None and said != known:
            raise Invalid("This value differs from the report's value for this item.", field=name)
