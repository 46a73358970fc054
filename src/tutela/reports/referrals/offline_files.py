"""Offline files: a referral as a signed file for an authority without a network, and its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, TutelaError
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.canonical_json import Json, canonical
from tutela.exchange.message.problem import in_words
from tutela.exchange.message.signed_envelope import sign, trusted_keys
from tutela.exchange.police.archive import SealedPart, written
from tutela.exchange.referral.hold import HoldAsked, HoldEnded
from tutela.exchange.referral.offline_files import LATE, LATE_CONTEXT, SIGNED, AnswerMessage, read_answers
from tutela.exchange.referral.outcome import Acknowledgement, Outcome, Returned
from tutela.exchange.referral.referral import REFERRAL_CONTEXT, SealedFile, SealedFiles
from tutela.exchange.referral.referral import Referral as Wire
from tutela.exchange.referral.withdrawal import WithdrawalsTaken
from tutela.organisations.keys import sealed_files, signing
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.reports.evidence import handover
from tutela.reports.models import Evidence
from tutela.reports.referrals import delivery, outcomes, returned, withdrawal_delivery


@dataclass(frozen=True)
class AnswerResult:
    """Result of one message of an answers file; `reason` is empty if the message was accepted."""

    kind: str
    referral: str
    reason: str = ""


def write(actor: Actor, report_id: UUID, referral_id: UUID) -> Iterator[bytes]:
    """The signed file, piece by piece, with every sealed file that is kept for its addressee, also what came late.

    Raises before any piece as `fetch`.
    """
    actor.require("reports.refer")
    key = signing.current_private(actor.organisation_id, "receipt")
    with acting(actor):
        row = delivery.of_report(report_id, referral_id)
        body = delivery.standing_package(row)
        package, files = Wire.from_bytes(body), handover.for_package(row.report, row.authority_id)
        names = dict(Evidence.objects.filter(pk__in=[f.evidence_id for f in files]).values_list("pk", "name"))
        record(actor, "referral.exported_signed", "report", report_id, referral=row.number, files=len(files))
    first = [(SIGNED, sign(body, REFERRAL_CONTEXT, key).to_bytes())]
    named = {one.evidence_id for one in package.evidence}
    if late := tuple(one for one in files if one.evidence_id not in named):
        first.append((LATE, sign(SealedFiles(evidence=late).to_bytes(), LATE_CONTEXT, key).to_bytes()))

    def pieces(file: SealedFile) -> Callable[[], Iterator[bytes]]:
        return lambda: sealed_files.pieces(names[file.evidence_id])

    parts = [SealedPart(file, pieces(file)) for file in files]
    return written(package, first, parts)


def take(actor: Actor, data: bytes) -> list[AnswerResult]:
    """Take an answers' file in: what became of each message. One that is refused stops no other.

    Raises the errors of `offline_files.read_answers`, and `Forbidden` where the key's owner is no verified authority or
    not who the file names.
    """
    actor.require("reports.refer")
    known = signing.known_public_keys("answer")
    keys = trusted_keys(Ed25519PublicKey.from_public_bytes(public) for public in known.values())
    answers, key_id = read_answers(data, keys)
    owner = directory.entry(signing.owner_of(key_id))
    if owner.id != answers.authority_id or not owner.verified:
        raise Forbidden
    sender = directory.acting_for(owner, f"file:{key_id[:16]}", owner.name, frozenset({"outcomes.submit"}))
    centre = directory.acting_for(directory.entry(actor.organisation_id), actor.reference, actor.name)
    found = [_taken(centre, sender, one) for one in answers.messages]
    with acting(actor):
        refused = sum(bool(one.reason) for one in found)
        record(actor, "answers.taken", "organisation", owner.id, messages=len(found), refused=refused, key=key_id)
    return found


def _taken(centre: Actor, sender: Actor, message: AnswerMessage) -> AnswerResult:
    body = canonical(cast(Json, message.body))
    named = str(message.body.get("referral_id", ""))[:40]

    def work() -> tuple[int, str]:
        _DO[message.kind](centre, sender, body)
        return 201, "{}"

    try:
        inbox.once(centre, sender.organisation_id, message.key, body, work)
    except ValidationError as error:
        return AnswerResult(message.kind, named, in_words(error))
    except (TutelaError, ExchangeError) as error:
        return AnswerResult(message.kind, named, str(error))
    return AnswerResult(message.kind, named)


def _hold(centre: Actor, sender: Actor, body: bytes) -> None:
    outcomes.place_hold(centre, sender, HoldAsked.model_validate_json(body))


def _hold_end(centre: Actor, sender: Actor, body: bytes) -> None:
    outcomes.lift_hold(centre, sender, HoldEnded.model_validate_json(body).referral_id)


_DO: dict[str, Callable[[Actor, Actor, bytes], None]] = {
    "acknowledgement": lambda centre, sender, body: outcomes.acknowledge(
        centre, sender, Acknowledgement.from_bytes(body)
    ),
    "outcome": lambda centre, sender, body: outcomes.take_outcome(centre, sender, Outcome.from_bytes(body)),
    "return": lambda centre, sender, body: returned.take(centre, sender, Returned.from_bytes(body)),
    "withdrawal_taken": lambda centre, sender, body: withdrawal_delivery.taken(
        centre, sender, WithdrawalsTaken.from_bytes(body)
    ),
    "hold": _hold,
    "hold_end": _hold_end,
}
