"""Apply disputes and false-positive reports held by a rate limit, after the Centre accepts them.

1. A dispute or false-positive report beyond the limit refers to the hold under which it was made (`rate_limits`).
2. If the Centre accepts the statements, each affected indicator is evaluated again, part by part. The statement has its
   normal effect now, unless the Centre has decided on the indicator since.
3. If the Centre rejects the statements, they stay readable. Disputes stay open, because the Centre decides each. A
   recipient's report has no effect until it is made again.

`apply_held_disputes` may be called again; it does the remaining work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.list_access import listed
from tutela.events.transaction import acting
from tutela.exchange.referral.reason_codes import ReasonCode
from tutela.indicators import enqueue
from tutela.indicators.lifecycle import policy, state, state_machine, transitions
from tutela.indicators.lifecycle.state_machine import Heard, State
from tutela.indicators.models import Cause, Dispute, Feedback, FloodHold, Indicator
from tutela.organisations.people import directory

# So many are locked at once.
AT_ONCE = 500
# Each rate-limit hold names at most this many indicators.
NAMED = 20


@dataclass(frozen=True)
class Flood:
    """What is held, of whom, how many entries it speaks of, and the first of them: id and number."""

    row: FloodHold
    held: directory.DirectoryEntry
    count: int
    entries: list[tuple[UUID, str]]


def open_ones(actor: Actor) -> list[Flood]:
    """List rate-limit holds waiting for the Centre, newest first.

    Records the access to each named indicator.
    """
    actor.require("alerts.read")
    with acting(actor):
        rows = FloodHold.objects.filter(release__isnull=True).order_by("-created_at")
        found = [_flood(row) for row in rows]
        named = [pk for one in found for pk, _number in one.entries]
        if named:
            listed(actor, "indicator", named, page=1, state="flood")
        return found


def enqueue_held_disputes(hold_id: UUID) -> None:
    """Enqueue `apply_held_disputes`. Call inside `acting(actor)`."""
    enqueue.apply_held_disputes(hold_id)


def apply_held_disputes(centre: Actor, hold_id: UUID) -> int:
    """Apply all accepted statements under a hold. For the job.

    Returns how many indicators were suspended.
    """
    with acting(centre):
        hold = FloodHold.objects.select_related("release").filter(pk=hold_id, release__counts=True).first()
    if hold is None:
        return 0
    by = directory.acting_for(directory.entry(hold.release.organisation_id), hold.release.by, centre.name)
    actor, stopped, last = by.with_purpose(centre.purpose), 0, UUID(int=0)
    while True:
        with acting(actor):
            some = list(_said_of(hold).filter(indicator_id__gt=last)[:AT_ONCE])
            # What is certified, doubted or decided meanwhile has ended when this is taken.
            lock(*(f"indicator:{one}" for one in some))
            stopped += sum(_heard(actor, hold, one) for one in some)
        if not some:
            return stopped
        last = some[-1]


def _heard(actor: Actor, hold: FloodHold, indicator: UUID) -> bool:
    """Whether it stopped this one."""
    before, sender = state.state_of(indicator), str(hold.held_id)
    # Of what is not active there are no matches.
    states = (State.ACTIVE, State.PROPOSED) if hold.kind == "disputes" else (State.ACTIVE,)
    if before.state not in states:
        return False
    now = state_machine.after(before, Heard(sender), policy.rules())
    cause, reason = Cause.FEEDBACK, ReasonCode.FALSE_POSITIVES.value
    if hold.kind == "disputes":
        cause = Cause.CERTIFIER if before.rests_on(sender) else Cause.DOUBTS
        reason = Dispute.objects.filter(hold=hold, indicator=indicator).latest("created_at").reason
    return transitions.suspend(actor, Indicator.objects.get(pk=indicator), before, now, cause, reason)


def _said_of(hold: FloodHold) -> QuerySet[Any, UUID]:
    """Return the ids of the indicators with a statement under a hold."""
    rows: Any = (Dispute if hold.kind == "disputes" else Feedback).objects.filter(hold=hold)
    return rows.order_by("indicator_id").values_list("indicator_id", flat=True).distinct()  # type: ignore[no-any-return]


def _flood(row: FloodHold) -> Flood:
    said = _said_of(row)
    numbers = Indicator.objects.filter(pk__in=list(said[:NAMED])).order_by("number").values_list("pk", "number")
    return Flood(row, directory.entry(row.held_id), said.count(), list(numbers))
