"""Recipients' feedback on matches: confirmed or false. Two providers' false positives suspend it.

See `lifecycle`, rule 3. Feedback equal to the organisation's last one is counted and not stored again. A recipient that
rejects too many indicators in an hour, or a day, is held (`rate_limits`): its further feedback is stored and shown, but
has no effect.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q, Sum

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.reason_codes import ReasonCode
from tutela.indicators.access.grants import current_grant, ever_granted
from tutela.indicators.errors import NoGrant
from tutela.indicators.lifecycle import policy, state, state_machine, transitions
from tutela.indicators.models import (
    Cause,
    DisputeDecision,
    Feedback,
    FeedbackAgain,
    Indicator,
    SuspensionEnd,
)
from tutela.indicators.safeguards import rate_limits
from tutela.indicators.safeguards.opinion_limits import refuse_too_many
from tutela.organisations.people import directory


@dataclass(frozen=True)
class RecipientOpinion:
    """Feedback of one recipient on matches, and its last time.

    `held` counts statements that wait for the Centre or were not accepted.
    """

    name: str
    right: int
    wrong: int
    last: datetime
    held: int = 0


def feedback(centre: Actor, sender: Actor, list_id: str, indicator_id: UUID, verdict: str, note: str = "") -> bool:
    """Record a recipient's feedback on a match. Returns true if it suspended the indicator.

    Raises `NoGrant`, `NotFound`, `Invalid`, `SaidTooOften`.
    """
    with acting(centre):
        if not sender.verified or current_grant(list_id, sender.organisation_id) is None:
            raise NoGrant
        return _feedback(centre, sender, indicator_id, verdict, note)


def of_desk(centre: Actor, sender: Actor, list_id: str, indicator_id: UUID, verdict: str, note: str = "") -> bool:
    """Record feedback as `feedback`, from a provider's desk that decides after the match. Its grant may have ended
    since.

    Raises `NotFound` if it never had one, `SaidTooOften`.
    """
    with acting(centre):
        if not sender.verified or not ever_granted(list_id, sender.organisation_id):
            raise NotFound
        return _feedback(centre, sender, indicator_id, verdict, note)


def _feedback(centre: Actor, sender: Actor, indicator_id: UUID, verdict: str, note: str) -> bool:
    if verdict not in ("confirmed", "false"):
        raise Invalid("The verdict must be confirmed or false.", field="verdict")
    with acting(centre):
        lock(f"indicator:{indicator_id}")
        before = state.state_of(indicator_id)
        if before.state is state_machine.State.PROPOSED:
            raise NotFound
        row = Indicator.objects.get(pk=indicator_id)
        waits = _keep(centre, sender, row, verdict, note)
        if verdict == "confirmed" or before.state is not state_machine.State.ACTIVE:
            return False
        now = state_machine.next_state(
            before, state_machine.ReportFalse(str(sender.organisation_id), waits), policy.rules()
        )
        return transitions.suspend(centre, row, before, now, Cause.FEEDBACK, ReasonCode.FALSE_POSITIVES)


def _keep(centre: Actor, sender: Actor, row: Indicator, verdict: str, note: str) -> bool:
    """Store new feedback or count a duplicate.

    Returns true if a rate limit holds it for the Centre. Raises `SaidTooOften`. With the indicator's lock.
    """
    mine = Feedback.objects.filter(indicator=row, sender_id=sender.organisation_id)
    last = mine.select_related("hold__decision").order_by("-created_at", "-id").first()
    if last is not None and last.verdict == verdict and not _over(row, last):
        insert_ignore(FeedbackAgain(organisation_id=centre.organisation_id, feedback=last))
        FeedbackAgain.objects.filter(feedback=last).update(times=F("times") + 1, last=clock.now())
        return last.hold is not None and not last.hold.accepted
    refuse_too_many(mine)
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
    """Return true if feedback no longer counts.

    The Centre has since decided on the indicator, or has rejected the statements under its hold.
    """
    return (last.hold is not None and last.hold.accepted is False) or _decided_since(row, last.created_at)


def _decided_since(row: Indicator, moment: datetime) -> bool:
    """Return true if the Centre has decided since; earlier feedback then has no effect."""
    since = {"created_at__gte": moment}
    ended = SuspensionEnd.objects.filter(suspension__indicator=row, **since)
    return ended.exists() or DisputeDecision.objects.filter(dispute__indicator=row, **since).exists()


def recipients_of(row: Any) -> tuple[tuple[RecipientOpinion, ...], list[str]]:
    """Return each recipient's feedback by name, and its newest verdict; the database counts."""
    by_sender: dict[UUID, dict[str, Any]] = defaultdict(dict)
    rows: Any = Feedback.objects.filter(indicator=row.pk).order_by().values("sender_id", "verdict")
    waits = Count("pk", filter=Q(hold__isnull=False) & ~Q(hold__decision__accepted=True))
    rows = rows.annotate(n=Count("pk"), more=Sum("again__times"), at=Max("created_at"), latest=Max("again__last"))
    for said in rows.annotate(held=waits):
        by_sender[said["sender_id"]][said["verdict"]] = said
    names, found, words = directory.names(by_sender), list[RecipientOpinion](), list[str]()
    for sender, verdicts in by_sender.items():
        counts = {verdict: said["n"] + (said["more"] or 0) for verdict, said in verdicts.items()}
        last = max(max(said["at"], said["latest"] or said["at"]) for said in verdicts.values())
        held = sum(said["held"] for said in verdicts.values())
        found.append(RecipientOpinion(names[sender], counts.get("confirmed", 0), counts.get("false", 0), last, held))
        words.append(max((said["at"], verdict) for verdict, said in verdicts.items())[1])
    return tuple(sorted(found, key=lambda one: one.name)), words
