"""What members and recipients say of an indicator: confirmations, other classes, and how matches with it turned out.

A confirmation changes no state. A class counts once two organisations in two countries name the same one, of several
the one that was named last: for the policy, the feed, exports and what a law says. Certifiers signed the proposer's,
which stays beside it. False positives of two providers suspend the indicator (`lifecycle`, rule 3).

A word that an organisation said last is counted and not kept again, and of each entry it changes its word only so often
a day: every one that is kept is an entry of the public log for good, and one key could fill it. Who finds too many
entries wrong in an hour, or a day, is held (`rate_limits`): what it says then is kept, shown, and counts for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Max, Q, QuerySet, Sum

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_once
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.access.grants import current_grant, ever_granted
from tutela.indicators.errors import NoGrant, OutsidePolicy, SaidTooOften
from tutela.indicators.lifecycle import held_disputes, policy, state, state_machine, transitions
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.models import (
    Cause,
    DisputeDecision,
    Feedback,
    FeedbackAgain,
    Indicator,
    SuspensionEnd,
    Vote,
)
from tutela.indicators.safeguards import rate_limits
from tutela.law.classification import checked_code
from tutela.organisations.people import directory

# A function of the database says which class counts: a trigger asks it too.
_CLASSES = """
SELECT said.indicator_id, indicators_class(said.indicator_id)
FROM (SELECT DISTINCT indicator_id FROM indicators_vote WHERE indicator_id = ANY(%s) AND kind = 'reclassify') said"""
# So often an organisation changes its word on one entry in a day (UTC).
PER_DAY = 20


@dataclass(frozen=True)
class Recipient:
    """What one recipient said of matches, and when last. `held` of its words wait for the Centre, or never counted."""

    name: str
    right: int
    wrong: int
    last: datetime
    held: int = 0


@dataclass(frozen=True)
class Tally:
    """Confirmations, the class that counts, and recipients by their newest word on matches."""

    confirmed: int
    classification: str
    right: int
    wrong: int
    recipients: tuple[Recipient, ...] = ()


def confirm(actor: Actor, indicator_id: UUID, note: str = "") -> None:
    """Say that one's own assessment agrees. Raises `NotFound`, `SaidTooOften`."""
    _vote(actor, indicator_id, "confirm", "", note)


def reclassify(actor: Actor, indicator_id: UUID, classification: str, reason: str) -> None:
    """Say that it belongs in another class, with a reason. As `confirm`; raises `Invalid`, `OutsidePolicy`."""
    if not reason.strip():
        raise Invalid("Say why; the reason is part of the record.", field="reason")
    checked_code(classification)
    if not policy.rules().permits(classification):
        raise OutsidePolicy
    _vote(actor, indicator_id, "reclassify", classification, reason)


def feedback(centre: Actor, sender: Actor, list_id: str, indicator_id: UUID, verdict: str, note: str = "") -> bool:
    """A recipient of the list says how a match turned out. Returns whether the indicator was suspended by that.

    Raises `NoGrant`, `NotFound`, `Invalid`, `SaidTooOften`.
    """
    with acting(centre):
        if not sender.verified or current_grant(list_id, sender.organisation_id) is None:
            raise NoGrant
        return _feedback(centre, sender, indicator_id, verdict, note)


def of_desk(centre: Actor, sender: Actor, list_id: str, indicator_id: UUID, verdict: str, note: str = "") -> bool:
    """As `feedback`, from the desk of a provider that decides later than it matched: its grant may have ended since.

    Raises `NotFound` where it never had one, `SaidTooOften`.
    """
    with acting(centre):
        if not sender.verified or not ever_granted(list_id, sender.organisation_id):
            raise NotFound
        return _feedback(centre, sender, indicator_id, verdict, note)


def _feedback(centre: Actor, sender: Actor, indicator_id: UUID, verdict: str, note: str) -> bool:
    if verdict not in ("confirmed", "false"):
        raise Invalid("Say confirmed or false.", field="verdict")
    with acting(centre):
        lock(f"indicator:{indicator_id}")
        before = state.of(indicator_id)
        if before.state is state_machine.State.PROPOSED:
            raise NotFound
        row = Indicator.objects.get(pk=indicator_id)
        waits = _keep(centre, sender, row, verdict, note)
        if verdict == "confirmed" or before.state is not state_machine.State.ACTIVE:
            return False
        now = state_machine.after(before, state_machine.ReportFalse(str(sender.organisation_id), waits), policy.rules())
        return transitions.stop(centre, row, before, now, Cause.FEEDBACK, held_disputes.FALSE)


def _keep(centre: Actor, sender: Actor, row: Indicator, verdict: str, note: str) -> bool:
    """A word that is new, or one more of the last. Returns whether it waits for the Centre, being one of a flood.

    Raises `SaidTooOften`. With the indicator's lock.
    """
    mine = Feedback.objects.filter(indicator=row, sender_id=sender.organisation_id)
    last = mine.select_related("hold__release").order_by("-created_at", "-id").first()
    if last is not None and last.verdict == verdict and not _over(row, last):
        insert_once(FeedbackAgain(organisation_id=centre.organisation_id, feedback=last))
        FeedbackAgain.objects.filter(feedback=last).update(times=F("times") + 1, last=clock.now())
        return last.hold is not None and not last.hold.counts
    _refuse_too_many(mine)
    hold = rate_limits.hold_of_false(centre, sender.organisation_id, row.pk) if verdict == "false" else None
    Feedback.objects.create(
        organisation_id=centre.organisation_id,
        indicator_id=row.pk,
        sender_id=sender.organisation_id,
        verdict=verdict,
        note=note.strip()[:300],
        hold=hold,
    )
    record(centre, "indicator.feedback", "indicator", row.pk, sender=sender.organisation_id, verdict=verdict)
    return hold is not None


def _over(row: Indicator, last: Feedback) -> bool:
    """Whether a word counts no longer: the Centre has decided on the entry since, or on the flood that it was of."""
    return (last.hold is not None and last.hold.counts is False) or _decided_since(row, last.created_at)


def _decided_since(row: Indicator, moment: datetime) -> bool:
    """Whether the Centre has decided on it since: what was said before counts no longer."""
    since = {"created_at__gte": moment}
    ended = SuspensionEnd.objects.filter(suspension__indicator=row, **since)
    return ended.exists() or DisputeDecision.objects.filter(dispute__indicator=row, **since).exists()


def _refuse_too_many(mine: QuerySet[Any]) -> None:
    day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    if mine.filter(created_at__gte=day).count() >= PER_DAY:
        raise SaidTooOften(most=PER_DAY)


def tally(row: Any) -> Tally:
    """How an indicator was voted on. Call inside `acting(actor)`."""
    said = Vote.objects.filter(indicator=row.pk, kind="confirm").order_by().values("organisation_id").distinct()
    recipients, words = _recipients(row)
    return Tally(said.count(), class_of(row), words.count("confirmed"), words.count("false"), recipients)


def class_of(row: Any) -> str:
    """The class that counts of an indicator. Call inside `acting(actor)`."""
    return classes([row.pk]).get(row.pk, str(row.classification))


def classes(ids: Collection[UUID]) -> dict[UUID, str]:
    """The classes that count of those about whose class anybody voted; of any other it is the proposer's.

    Call inside `acting(actor)`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLASSES, [list(ids)])
        return dict(cursor.fetchall())


def _recipients(row: Any) -> tuple[tuple[Recipient, ...], list[str]]:
    """What each recipient said, by name, and the newest word of each; the database counts."""
    by_sender: dict[UUID, dict[str, Any]] = defaultdict(dict)
    rows: Any = Feedback.objects.filter(indicator=row.pk).order_by().values("sender_id", "verdict")
    waits = Count("pk", filter=Q(hold__isnull=False) & ~Q(hold__release__counts=True))
    rows = rows.annotate(n=Count("pk"), more=Sum("again__times"), at=Max("created_at"), anew=Max("again__last"))
    for said in rows.annotate(held=waits):
        by_sender[said["sender_id"]][said["verdict"]] = said
    names, found, words = directory.names(by_sender), list[Recipient](), list[str]()
    for sender, verdicts in by_sender.items():
        counts = {verdict: said["n"] + (said["more"] or 0) for verdict, said in verdicts.items()}
        last = max(max(said["at"], said["anew"] or said["at"]) for said in verdicts.values())
        held = sum(said["held"] for said in verdicts.values())
        found.append(Recipient(names[sender], counts.get("confirmed", 0), counts.get("false", 0), last, held))
        words.append(max((said["at"], verdict) for verdict, said in verdicts.items())[1])
    return tuple(sorted(found, key=lambda one: one.name)), words


def _vote(actor: Actor, indicator_id: UUID, kind: str, classification: str, reason: str) -> None:
    actor.require("indicators.certify")
    actor.require_verified()
    with acting(actor):
        row = with_state().filter(pk=indicator_id).exclude(state=state_machine.State.REVOKED.value).first()
        if row is None:
            raise NotFound
        lock(f"vote:{row.pk}:{actor.organisation_id}")
        said = {"classification": classification, "country": actor.country, "reason": reason.strip()[:300]}
        mine = Vote.objects.filter(indicator=row.pk, organisation_id=actor.organisation_id)
        last = mine.filter(kind=kind).order_by("-created_at", "-id").first()
        if last is not None and all(getattr(last, name) == value for name, value in said.items()):
            return
        _refuse_too_many(mine)
        Vote.objects.create(
            organisation_id=actor.organisation_id, indicator_id=row.pk, kind=kind, by=actor.reference, **said
        )
        record(actor, "indicator.voted", "indicator", row.pk, number=row.number, vote=kind)
