"""Sealed files of a referral: kept by the Centre, fetched through this node, stored nowhere here.

The files stay sealed in transit. They are opened on the authority's own machine, with `tutela unseal`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.age_encryption import key_id
from tutela.exchange.referral.referral import SealedFile
from tutela.investigations.inbox.packages import package_of, referral_row
from tutela.investigations.models import Returned
from tutela.organisations.messages import peer_client
from tutela.organisations.messages.peer_client import PeerSilent
from tutela.organisations.people import directory

MOST_ANSWER_BYTES = 4 << 20


@dataclass(frozen=True)
class WaitingEvidence:
    """Files that wait at the Centre.

    `asked` is False if it did not answer; the files are then those that the package named.
    """

    files: tuple[SealedFile, ...]
    asked: bool
    # For a returned referral: the recipient for whom each file must be resealed. (authority, recipient)
    next: tuple[str, str] | None = None


def waiting_evidence(actor: Actor, referral_id: UUID) -> WaitingEvidence:
    """Files of a referral that the Centre keeps for us now, including later ones. Raises `NotFound`."""
    actor.require("investigations.read")
    with acting(actor):
        row = referral_row(referral_id)
        package, given_back = package_of(row), Returned.objects.filter(referral=row).exists()
    centre = directory.entry(row.centre_id)
    named = package.evidence if package else ()
    try:
        with peer_client.asked(actor, centre, "GET", f"/api/v1/referrals/{referral_id}/evidence") as answer:
            said = json.loads(peer_client.body(answer, MOST_ANSWER_BYTES))
        files = tuple(SealedFile.model_validate_json(json.dumps(one)) for one in said["evidence"])
        return WaitingEvidence(files, True, _next(actor, centre, files) if given_back else None)
    except (PeerSilent, NotFound, ValueError, KeyError, TypeError, ValidationError):
        return WaitingEvidence(named, False)


def _next(actor: Actor, centre: directory.DirectoryEntry, files: tuple[SealedFile, ...]) -> tuple[str, str] | None:
    if not files:
        return None
    with peer_client.asked(actor, centre, "GET", f"/api/v1/evidence/{files[0].evidence_id}/next") as answer:
        said = json.loads(peer_client.body(answer, MOST_ANSWER_BYTES))
    return (str(said["authority"]), str(said["recipient"])) if said["recipient"] else None


def hand_in(
    actor: Actor,
    centre: directory.DirectoryEntry,
    evidence_id: UUID,
    pieces: Iterator[bytes],
    recipient: str,
    sha256: str = "",
) -> None:
    """Submit a file that was resealed for the next addressee.

    The submission is recorded once the Centre has accepted it. Raises `NotFound`, `PeerRefused`, `PeerSilent`.
    """
    actor.require("investigations.answer")
    path = f"/api/v1/evidence/{evidence_id}/resealed?key={key_id(recipient)}"
    if sha256:
        path += f"&sha256={sha256}"
    headers = {"Content-Type": "application/octet-stream"}
    with peer_client.asked(actor, centre, "POST", path, content=pieces, headers=headers), acting(actor):
        record(actor, "referral.resealed", "evidence", evidence_id, key=key_id(recipient))


def fetch(actor: Actor, referral_id: UUID, evidence_id: UUID) -> Iterator[bytes]:
    """A file's ciphertext, piece by piece; the access is recorded. Raises `NotFound`, `PeerSilent` before any piece."""
    with acting(actor):
        centre = directory.entry(referral_row(referral_id).centre_id)
    return fetch_from(actor, centre, evidence_id, "referral", referral_id)


def fetch_from(
    actor: Actor, centre: directory.DirectoryEntry, evidence_id: UUID, subject_kind: str, subject_id: UUID
) -> Iterator[bytes]:
    """Fetch a file as `fetch`, recorded for a referral or, if there is none, for the file itself."""
    actor.require("investigations.answer")
    with acting(actor):
        record(actor, "referral.exported_evidence", subject_kind, subject_id, evidence=evidence_id)
    held = ExitStack()
    answer = held.enter_context(peer_client.asked(actor, centre, "GET", f"/api/v1/evidence/{evidence_id}"))

    def pieces() -> Iterator[bytes]:
        with held:
            yield from answer.iter_bytes()

    return pieces()
