"""Files of another authority: list pending files, name their recipients, upload resealed files.

The files belong to returned referrals, or were sealed to this authority before the responsible authority was known.

1. The key is on a machine of the authority's own: here a command is shown for that machine, and ciphertext is accepted.
2. An uploaded file is streamed to the Centre. A file without age's header is stopped at its first piece, because
   somebody may have chosen the unsealed file by mistake.
3. age names no recipient in a file. The name that `tutela unseal --reseal` gives identifies the file and the key; the
   Centre compares length and digest. Only the addressee can tell whether the file opens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.list_access import listed
from tutela.events.transaction import acting
from tutela.exchange.referral import age_encryption
from tutela.exchange.referral.resealing import Resealing
from tutela.exchange.referral.unsealing import RESEALED
from tutela.investigations.evidence import evidence
from tutela.investigations.inbox.packages import referral_row
from tutela.investigations.models import Returned
from tutela.organisations.messages import peer_client
from tutela.organisations.messages.peer_client import PeerRefused, PeerSilent
from tutela.organisations.people import directory

MOST_ANSWER_BYTES = 4 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class WaitingFiles:
    """Files that wait at the Centre. `asked` is False if it did not answer, or if it `refused`, with its reason."""

    list: Resealing
    asked: bool = True
    refused: str = ""


@dataclass(frozen=True)
class ResealedFile:
    """File that a person hands in: the recipient to whom it is sealed, its digest if known, and its file name."""

    recipient: str
    sha256: str = ""
    name: str = ""


def waiting_files(actor: Actor, form: str = "") -> WaitingFiles:
    """Files at the Centre that only this authority can open and that another addressee is to have.

    The access is recorded, with its `form`.
    """
    actor.require("investigations.read")
    with acting(actor):
        returned = Returned.objects.exists()
    centre = directory.the_centre()
    if centre is None or not (returned or peer_client.token_for(actor, centre)):
        return WaitingFiles(Resealing())
    try:
        with peer_client.asked(actor, centre, "GET", "/api/v1/evidence/returned") as answer:
            found = Resealing.from_bytes(peer_client.body(answer, MOST_ANSWER_BYTES))
    except PeerRefused as error:
        # Whose key may not ask for referrals at all has given none back either.
        return WaitingFiles(Resealing(), asked=False, refused=str(error)) if returned else WaitingFiles(Resealing())
    except (PeerSilent, NotFound, ValidationError, ValueError):
        return WaitingFiles(Resealing(), asked=False)
    with acting(actor):
        listed(actor, "resealing", (one.evidence.evidence_id for one in found.files), page=1, form=form)
    return WaitingFiles(found)


def exists(actor: Actor, evidence_id: UUID) -> bool:
    """Return whether the Centre keeps a file for us to reseal without our having its referral."""
    return any(
        one.evidence.evidence_id == evidence_id for one in waiting_files(actor).list.files if one.referral_id is None
    )


def fetch(actor: Actor, evidence_id: UUID) -> Iterator[bytes]:
    """Such a file's ciphertext, piece by piece. Raises `NotFound`, `PeerSilent` before any piece."""
    centre = directory.the_centre()
    if centre is None:
        raise NotFound
    return evidence.fetch_from(actor, centre, evidence_id, "evidence", evidence_id)


def hand_in(
    actor: Actor, referral_id: UUID | None, evidence_id: UUID, given: ResealedFile, pieces: Iterable[bytes]
) -> None:
    """Hand in a file of a referral that went back, or without one; recorded once the Centre has taken it.

    Raises `Invalid` naming the field, `NotFound`, `PeerRefused` with the Centre's reason, `PeerSilent`.
    """
    actor.require("investigations.answer")
    centre = directory.the_centre() if referral_id is None else _centre_of(actor, referral_id)
    if centre is None:
        raise NotFound
    try:
        recipient = age_encryption.recipient_of(given.recipient)
    except age_encryption.NotARecipientError as error:
        raise Invalid("{reason}", field="recipient", reason=str(error)) from None
    digest = "".join(given.sha256.split()).lower()
    if digest and not _DIGEST.fullmatch(digest):
        raise Invalid("SHA-256 must be 64 hex digits (0 to 9, a to f).", field="sha256")
    _check_name(given.name, evidence_id, recipient)
    evidence.hand_in(actor, centre, evidence_id, _headed(pieces), recipient, digest)


def _centre_of(actor: Actor, referral_id: UUID) -> directory.DirectoryEntry:
    """The Centre to which a referral went back."""
    with acting(actor):
        row = referral_row(referral_id)
        if not Returned.objects.filter(referral=row).exists():
            raise NotFound
    return directory.entry(row.centre_id)


def _check_name(name: str, evidence_id: UUID, recipient: str) -> None:
    """Check the file and key that the file name states (3). A name in another form is ignored."""
    found = RESEALED.fullmatch(name.rpartition("/")[2])
    if found is None:
        return
    if found["stem"] != str(evidence_id):
        raise Invalid(
            "The file name belongs to another file: {name}. Choose the right file.", field="file", name=found["stem"]
        )
    if not age_encryption.key_id(recipient).startswith(found["key"]):
        raise Invalid(
            "The file name belongs to another key: {key}. Choose the file that was resealed to the right key.",
            field="file",
            key=found["key"],
        )


def _headed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Return the pieces, once their header is known to be age's (2)."""
    start, rest = b"", iter(pieces)
    while len(start) <= age_encryption.LONGEST_HEADER and (piece := next(rest, b"")):
        start += piece
    if not start:
        raise Invalid("Choose the resealed file.", field="file")
    try:
        age_encryption.header_size(start)
    except age_encryption.NotSealedError as error:
        raise Invalid("This file was not forwarded to the Centre: {reason}", field="file", reason=str(error)) from None
    return _on(start, rest)


def _on(start: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from rest
