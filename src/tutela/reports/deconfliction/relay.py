"""Relay of deconfliction between authorities: pass blinded points on, count them, and see nothing.

- Only participating authorities ask and are asked. A question goes to every other participant.
- The Centre reveals neither side's name to the other; a relay id stands for it, new for every question.
- Every point counts against a daily budget, which is that of two half-days in a row. An excess is refused and raises an
  alert, as an invalid proof does. Auditors see both, and how much each authority asked.
- Points are never stored, values cannot be computed without a holder's secret, and events contain numbers alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_ignore
from tutela.events.list_access import FIRST_PAGE, ListPage
from tutela.events.rate_limits import RateLimit
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.deconfliction import (
    HALF_A_DAY,
    POINTS_A_DAY,
    Answered,
    ContactReply,
    ContactRequest,
    Evaluation,
    HolderSet,
    Question,
)
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES
from tutela.reports.errors import AskedBefore, ContactEnded, NotTakingPart, UnknownRelay
from tutela.reports.models import (
    BlindAlert,
    BlindContact,
    BlindContactEnd,
    BlindQuestion,
    BlindRelay,
    BlindSet,
    BlindUse,
)
from tutela.reports.report_encryption import blind

CONTACTS_A_DAY = 20
QUESTION, CONTACT = "deconfliction-question", "deconfliction-contact"
PER_PAGE = 100
# These orders are offered in addition to newest day first; each row is one day and authority.
SORTS = {
    f"{sign}{key}": (f"{sign}{key}", f"{sign}id")
    for key in ("day", "points", "contacts", "refused")
    for sign in ("", "-")
}


@dataclass(frozen=True)
class Use:
    """Usage of deconfliction by an authority on a day, as auditors see it."""

    authority: str
    day: date
    points: int
    refused: int
    contacts: int
    alerts: list[str]


def take_set(centre: Actor, sender: Actor, message: HolderSet) -> None:
    """Keep a holder's set; the newest by the holder's own moment counts, and of the others no value is kept."""
    with acting(centre):
        lock(f"deconfliction:{sender.organisation_id}")
        earlier = BlindSet.objects.filter(holder_id=sender.organisation_id)
        late = earlier.filter(at__gt=message.at).exists()
        made = BlindSet(
            organisation_id=centre.organisation_id,
            holder_id=sender.organisation_id,
            set_id=message.set_id,
            public=message.public,
            values=[] if late else list(message.values),
            at=message.at,
        )
        if insert_ignore(made) and not late:
            earlier.exclude(pk=made.pk).exclude(values=[]).update(values=[])
            kind = "deconfliction.joined" if message.values else "deconfliction.left"
            record(centre, kind, "organisation", sender.organisation_id)


def ask(centre: Actor, sender: Actor, message: Question) -> bool:
    """Pass a question on to every other that takes part. False: the day's budget is spent, and that is noted.

    Not an error, because an error would undo the note. Raises `NotTakingPart`, `AskedBefore`.
    """
    count = len(message.points)
    with acting(centre):
        _taking_part(sender)
        if not _spend(centre, sender, points=count):
            return False
        question = BlindQuestion(
            organisation_id=centre.organisation_id,
            asker_id=sender.organisation_id,
            question_id=message.question_id,
            points=count,
        )
        if not insert_ignore(question):
            raise AskedBefore
        holders = [one for one in _newest_sets() if one.values and one.holder_id != sender.organisation_id]
        for one in holders:
            relay = BlindRelay.objects.create(
                organisation_id=centre.organisation_id, question=question, holder_id=one.holder_id, set=one
            )
            passed = Question(question_id=relay.pk, points=message.points)
            _pass_on(centre, one.holder_id, QUESTION, "deconfliction-questions", passed.to_bytes(), relay.pk)
        record(
            centre, "deconfliction.asked", "organisation", sender.organisation_id, points=count, holders=len(holders)
        )
    return True


def take_evaluation(centre: Actor, answer: outbox.MessageAnswer) -> None:
    """A holder's answer goes to who asked. For `outbox.on_answer`."""
    relay = BlindRelay.objects.select_related("question").filter(pk=answer.subject_id).first()
    if relay is None or relay.answered_at is not None:
        return
    relay.answered_at, relay.refused = clock.now(), True
    try:
        found = Evaluation.model_validate(answer.body) if answer.accepted else None
    except ValueError:
        found = None
    # The set as it is now: what was taken back while the question was on its way is found no more.
    current = next((one for one in _newest_sets() if one.holder_id == relay.holder_id and one.values), None)
    whole = found is not None and len(found.evaluated) == relay.question.points
    if whole and found and current and found.public == current.public:
        relay.refused = False
        back = Answered(
            question_id=relay.question.question_id, relay_id=relay.pk, evaluation=found, values=tuple(current.values)
        )
        kind, to = "deconfliction-answer", relay.question.asker_id
        _pass_on(centre, to, kind, "deconfliction-answers", back.to_bytes(), relay.pk)
    relay.save(update_fields=["answered_at", "refused"])


def ask_contact(centre: Actor, sender: Actor, message: ContactRequest) -> bool:
    """Pass the wish to know a holder on to it. False as for `ask`. Raises `UnknownRelay`, `AskedBefore`."""
    with acting(centre):
        _taking_part(sender)
        if not _spend(centre, sender, contacts=1):
            return False
        relay = BlindRelay.objects.filter(pk=message.relay_id, question__asker_id=sender.organisation_id).first()
        if relay is None:
            raise UnknownRelay
        made = BlindContact(
            organisation_id=centre.organisation_id, request_id=message.request_id, relay=relay, tag=_known(message.tag)
        )
        if not insert_ignore(made):
            raise AskedBefore
        # The name is the directory's: nobody asks under another's.
        named = message.model_copy(update={"authority": sender.organisation_name})
        _pass_on(centre, relay.holder_id, CONTACT, "deconfliction-contacts", named.to_bytes(), message.request_id)
        record(centre, "deconfliction.contact_asked", "organisation", sender.organisation_id)
    return True


def take_contact_answer(centre: Actor, answer: outbox.MessageAnswer) -> None:
    """Process a holder's refusal: its statement of an invalid proof raises an alert.

    For `outbox.on_answer`. No alert if the value is no longer in the holder's set, because it was withdrawn or its
    secret is new. The answer is then a "no".
    """
    found = BlindContact.objects.select_related("relay__question").filter(request_id=answer.subject_id).first()
    if found is None or answer.accepted:
        return
    current = next((one for one in _newest_sets() if one.holder_id == found.relay.holder_id), None)
    published = current is not None and any(_known(value) == found.tag for value in current.values)
    how = "refused" if published else "declined"
    if insert_ignore(BlindContactEnd(organisation_id=centre.organisation_id, contact=found, how=how)):
        asker = found.relay.question.asker_id
        if published:
            _sound(centre, asker, "proof", "A request for contact came without knowledge of the value.")
        _reply(centre, asker, ContactReply(request_id=found.request_id, accepted=False))


def reply(centre: Actor, sender: Actor, message: ContactReply) -> None:
    """Pass a holder's decision on. Raises `UnknownRelay`, `ContactEnded`."""
    with acting(centre):
        found = (
            BlindContact.objects.select_related("relay__question")
            .filter(request_id=message.request_id, relay__holder_id=sender.organisation_id)
            .first()
        )
        if found is None:
            raise UnknownRelay
        how = "accepted" if message.accepted else "declined"
        if not insert_ignore(BlindContactEnd(organisation_id=centre.organisation_id, contact=found, how=how)):
            raise ContactEnded
        named = {"authority": sender.organisation_name} if message.accepted else {}
        _reply(centre, found.relay.question.asker_id, message.model_copy(update=named))
        record(centre, f"deconfliction.{how}", "organisation", sender.organisation_id)


def uses(actor: Actor, part: ListPage = FIRST_PAGE, *, refused: bool = False) -> tuple[list[Use], bool]:
    """List questions, or days with something `refused`, with their alerts.

    The order is newest first or one of `SORTS`. For the Centre's leads and for auditors.
    """
    actor.require("deconfliction.oversee")
    with acting(actor):
        kept = BlindUse.objects.order_by("-day", "-points", "-id")
        rows, more = part.of(kept.filter(refused__gt=0) if refused else kept, SORTS, PER_PAGE)
        names = directory.names(row.asker_id for row in rows)
        alerts = _alerts(rows)
        found = [
            Use(names.get(r.asker_id, "?"), r.day, r.points, r.refused, r.contacts, alerts.get((r.asker_id, r.day), []))
            for r in rows
        ]
        record(actor, "deconfliction.listed", "list", "deconfliction", page=part.page, exported=part.file)
    return found, more


def _alerts(rows: Iterable[BlindUse]) -> dict[tuple[UUID, date], list[str]]:
    found: dict[tuple[UUID, date], list[str]] = {}
    for alert in BlindAlert.objects.filter(day__in={row.day for row in rows}).order_by("code"):
        found.setdefault((alert.asker_id, alert.day), []).append(alert.code)
    return found


def _known(value: str) -> str:
    """Return a value of a set in the form stored: without this node's key, it cannot be recognised."""
    return blind("deconfliction", value).hex()


def _newest_sets() -> list[BlindSet]:
    newest = BlindSet.objects.filter(holder_id=OuterRef("holder_id")).order_by("-at", "-id").values("pk")[:1]
    rows = BlindSet.objects.filter(pk=Subquery(newest)).order_by("holder_id")
    entries = {one.id for one in directory.list_organisations() if one.verified and one.kind in AUTHORITIES}
    return [row for row in rows if row.holder_id in entries]


def _taking_part(sender: Actor) -> None:
    if not any(one.holder_id == sender.organisation_id and one.values for one in _newest_sets()):
        raise NotTakingPart


def _spend(centre: Actor, sender: Actor, *, points: int = 0, contacts: int = 0) -> bool:
    """Count a question before it is passed on; one that goes beyond the budget is counted as refused."""
    day, asker = clock.now().date(), str(sender.organisation_id)
    insert_ignore(BlindUse(organisation_id=centre.organisation_id, asker_id=sender.organisation_id, day=day))
    use = BlindUse.objects.select_for_update().get(asker_id=sender.organisation_id, day=day)
    limit, many = (
        (RateLimit("deconfliction.points", HALF_A_DAY, POINTS_A_DAY), points)
        if points
        else (RateLimit("deconfliction.contacts", HALF_A_DAY, CONTACTS_A_DAY), contacts)
    )
    fits = limit.take(asker, many).allowed
    if fits:
        use.points, use.contacts = use.points + points, use.contacts + contacts
    else:
        limit.give_back(asker, many)
        use.refused += 1
        said = f"{use.points} points and {use.contacts} requests for contact already used; the limit is exceeded"
        _sound(centre, sender.organisation_id, "budget", said)
    use.save(update_fields=["points", "contacts", "refused"])
    return fits


def _sound(centre: Actor, asker: UUID, code: str, detail: str) -> None:
    row = BlindAlert(
        organisation_id=centre.organisation_id, asker_id=asker, day=clock.now().date(), code=code, detail=detail
    )
    if insert_ignore(row):
        record(centre, "deconfliction.alert", "organisation", asker, code=code)


def _reply(centre: Actor, asker: UUID, message: ContactReply) -> None:
    _pass_on(centre, asker, "deconfliction-reply", "deconfliction-replies", message.to_bytes(), message.request_id)


def _pass_on(centre: Actor, to: UUID, kind: str, path: str, body: bytes, about: Any) -> None:
    address = f"/api/v1/organisations/{to}/{path}"
    outbox.send(centre, to, kind, address, body.decode(), key=f"{kind}:{about}", subject_id=about)
