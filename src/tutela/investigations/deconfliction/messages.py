"""Deconfliction messages to an authority: points to evaluate, answers, requests and replies."""

from __future__ import annotations

import hmac
import json
from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Greatest

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.rate_limits import RateLimit
from tutela.events.record import record
from tutela.exchange.referral.deconfliction import (
    HALF_A_DAY,
    TAG_BYTES,
    Answered,
    ContactReply,
    ContactRequest,
    Evaluation,
    Question,
    proof_of,
)
from tutela.investigations.deconfliction.identifiers import item_of
from tutela.investigations.deconfliction.query import SEALED_HIT, SEALED_QUESTION, joined, secret_of, text_of
from tutela.investigations.errors import NotTakingPart, UnknownQuestion
from tutela.investigations.models import (
    AskedQuestion,
    ContactAnswer,
    ContactAsked,
    ContactWanted,
    EvaluatedDay,
    HeldIdentifier,
    Hit,
)
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.messages import outbox
from tutela.tlog import voprf
from tutela.tlog.verify import Refused

# Whatever the Centre lets through: in two half-days in a row nobody learns more from us than what so many guesses tell.
POINTS_A_DAY = 5000


def evaluate(actor: Actor, message: Question) -> Evaluation | None:
    """Multiply points by one's secret. None: the day's own budget is spent, and that is noted.

    Call inside `acting(actor)`. Raises `NotTakingPart`, `Invalid` for what is no point.
    """
    if not joined(actor.organisation_id):
        raise NotTakingPart
    day = clock.now().date()
    insert_ignore(EvaluatedDay(organisation_id=actor.organisation_id, day=day))
    use = EvaluatedDay.objects.select_for_update().get(day=day)
    limit, mine = RateLimit("deconfliction.evaluated", HALF_A_DAY, POINTS_A_DAY), str(actor.organisation_id)
    if not limit.take(mine, len(message.points)).allowed:
        limit.give_back(mine, len(message.points))
        use.refused += 1
        use.save(update_fields=["refused"])
        record(actor, "deconfliction.alert", "organisation", actor.organisation_id, points=use.points)
        return None
    secret = secret_of(actor)
    try:
        made, proof = voprf.evaluate(secret, [bytes.fromhex(point) for point in message.points])
    except Refused as error:
        raise Invalid("{reason}", field="points", reason=error) from None
    use.points += len(message.points)
    use.save(update_fields=["points"])
    record(actor, "deconfliction.evaluated", "organisation", actor.organisation_id, points=len(made))
    return Evaluation(public=secret.public.hex(), evaluated=tuple(one.hex() for one in made), proof=proof.hex())


def take_answer(actor: Actor, message: Answered) -> int:
    """Look a holder's answer to a question of ours up in its set; returns how many hits are new.

    Call inside `acting(actor)`. Raises `UnknownQuestion`, and `Invalid` where the holder did not use its secret.
    """
    asked = AskedQuestion.objects.select_for_update().filter(question_id=message.question_id).first()
    if asked is None or not asked.sealed:
        raise UnknownQuestion
    kept = json.loads(unwrap(bytes(asked.sealed), SEALED_QUESTION))
    rows = {str(row.pk): row for row in HeldIdentifier.objects.filter(pk__in=[one[0] for one in kept], removed_at=None)}
    asked_of = [_blinded(rows.get(pk), scalar, *point) for pk, scalar, *point in kept]
    blinded = [one for one in asked_of if one is not None]
    if len(blinded) != len(kept):
        # Of before points were kept: the proof covers all of them, and without one the answer has no use.
        return 0
    values = _finalized(message, blinded)
    theirs, new = set(message.values), 0
    for (pk, *_rest), value in zip(kept, values, strict=True):
        tag, row = value[:TAG_BYTES].hex(), rows.get(pk)
        if row is not None and tag in theirs:
            hit = Hit(
                organisation_id=actor.organisation_id,
                identifier=row,
                relay_id=message.relay_id,
                tag=tag,
                sealed=wrap(value, SEALED_HIT),
            )
            new += insert_ignore(hit)
    asked.answers += 1
    asked.save(update_fields=["answers"])
    record(actor, "deconfliction.answered", "organisation", actor.organisation_id, hits=new)
    return new


def _finalized(message: Answered, blinded: list[voprf.Blinded]) -> list[bytes]:
    """The holder's values, proven to be of its secret. Raises `Invalid`."""
    given = message.evaluation
    try:
        return voprf.finalize(
            bytes.fromhex(given.public),
            blinded,
            [bytes.fromhex(one) for one in given.evaluated],
            bytes.fromhex(given.proof),
        )
    except Refused as error:
        raise Invalid("{reason}", field="evaluation", reason=error) from None


def _blinded(row: HeldIdentifier | None, scalar: str, point: str = "") -> voprf.Blinded | None:
    """An identifier as it was asked about; of one that was taken back meanwhile the point alone, if that was kept."""
    if row is not None:
        return voprf.blind(item_of(row.kind, text_of(row)), bytes.fromhex(scalar))
    return voprf.forgotten(bytes.fromhex(point)) if point else None


def take_request(actor: Actor, message: ContactRequest) -> None:
    """Take a contact request from an authority that has an identifier of ours and proves it.

    Raises `Invalid` if it does not.

    Call inside `acting(actor)`.
    """
    tag = bytes.fromhex(message.tag)
    for row in HeldIdentifier.objects.filter(removed_at=None):
        value = bytes(row.value)
        if hmac.compare_digest(value[:TAG_BYTES], tag):
            if hmac.compare_digest(proof_of(value, message.request_id, message.relay_id), message.proof):
                _want(actor, row, message)
                return
            break
    # The same words for both: what is not ours, and what was not proven.
    raise Invalid("The proof is invalid.", field="proof")


def take_reply(actor: Actor, message: ContactReply) -> None:
    """The other's decision. Call inside `acting(actor)`. Raises `UnknownQuestion`."""
    asked = ContactAsked.objects.filter(request_id=message.request_id).first()
    if asked is None:
        raise UnknownQuestion
    made = ContactAnswer(
        organisation_id=actor.organisation_id,
        asked=asked,
        accepted=message.accepted,
        authority=message.authority or "",
        contact=message.contact or "",
    )
    if insert_ignore(made):
        kind = "deconfliction.accepted" if message.accepted else "deconfliction.declined"
        record(actor, kind, "identifier", asked.hit.identifier_id)


def take_centres_answer(actor: Actor, answer: outbox.MessageAnswer) -> None:
    """Handle the Centre's answer to a query: forwarded or refused. For `outbox.on_answer`.

    A refused query does not change the order in which identifiers are queried.
    """
    asked = AskedQuestion.objects.select_for_update().filter(question_id=answer.subject_id).first()
    if asked is None:
        return
    if answer.accepted:
        # It may have been refused before, and been sent again.
        asked.passed_at, asked.refused = clock.now(), ""
        kept = json.loads(unwrap(bytes(asked.sealed), SEALED_QUESTION)) if asked.sealed else []
        rows = HeldIdentifier.objects.filter(pk__in=[pk for pk, *_rest in kept])
        rows.update(asked_at=Greatest("asked_at", Value(asked.created_at)))
    else:
        reason = str(answer.body.get("detail") or answer.body.get("title") or "")[:300]
        asked.refused = reason or str(answer.status)
    asked.save(update_fields=["passed_at", "refused"])
    HeldIdentifier.objects.filter(under_way=asked).update(under_way=None)


def contact_refused(actor: Actor, answer: outbox.MessageAnswer) -> None:
    """The Centre does not pass a request for contact on: it counts as declined. For `outbox.on_answer`."""
    asked = ContactAsked.objects.filter(request_id=UUID(answer.subject_id)).first()
    if asked is not None and not answer.accepted:
        insert_ignore(ContactAnswer(organisation_id=actor.organisation_id, asked=asked, accepted=False))


def _want(actor: Actor, row: HeldIdentifier, message: ContactRequest) -> None:
    made = ContactWanted(
        organisation_id=actor.organisation_id,
        request_id=message.request_id,
        identifier=row,
        authority=message.authority,
        message=message.message or "",
    )
    if insert_ignore(made):
        record(actor, "deconfliction.wanted", "identifier", row.pk)
