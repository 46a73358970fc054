"""Effects of holds, applied part by part: an import may have a million indicators.

1. An indicator is held until its own hold, or that of its import, is released. SQL defines this once,
   `indicators_is_held`.
2. When material is held, its active indicators are suspended, after waiting for a running certification.
3. After a refusal, all of it is revoked. Indicators that were ever active are revoked one by one, so that every
   recipient is notified.
4. After a release, indicators suspended only by the hold need a new round of certifications, as after any suspension.
5. Disputes and false positives beyond a rate limit name their hold. Once the Centre accepts them, each affected
   indicator is evaluated again, unless the Centre has decided on it since. Refused disputes stay open, because the
   Centre decides each; a refused report has no effect until it is made again.

`run_effects` does the work recorded in the rows. If called again, it does the remaining work.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.record import record_many
from tutela.events.transaction import acting
from tutela.exchange.referral.reason_codes import ReasonCode
from tutela.indicators import enqueue
from tutela.indicators.lifecycle import policy, state, state_machine, transitions
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.lifecycle.state_machine import AcceptHeld, State
from tutela.indicators.models import (
    OF_MATERIAL,
    Activation,
    Cause,
    Dispute,
    Hold,
    HoldDecision,
    HoldKind,
    Indicator,
    Revocation,
    Suspension,
)
from tutela.indicators.safeguards import holds
from tutela.organisations.people import directory

# So many are locked at once.
INDICATORS_AT_ONCE = 500


def begin(actor: Actor, row: Hold, *, accepted: bool) -> None:
    """Apply a decision: to material the first part at once, the rest as a job. Call inside `acting(actor)`.

    Statements wait for the job, because whoever disputes locks the indicator before the hold.
    """
    if row.kind in OF_MATERIAL:
        last, _changed = part(actor, row)
        if last and holds.indicators_of(row).filter(pk__gt=last).exists():
            enqueue.apply_hold(row.pk)
    elif accepted:
        enqueue.apply_hold(row.pk)


def run_effects(centre: Actor, hold_id: UUID) -> int:
    """Do what a hold or its decision asks for, each part in a transaction of its own. For the job.

    Returns how many indicators changed.
    """
    with acting(centre):
        row = Hold.objects.filter(pk=hold_id).first()
    last: UUID | None = None
    count = 0
    while row is not None:
        with acting(centre):
            last, changed = part(centre, row, last)
        count += changed
        if last is None:
            break
    return count


def part(centre: Actor, row: Hold, after: UUID | None = None) -> tuple[UUID | None, int]:
    """Apply a hold or its decision to the next part after an indicator. Call inside `acting(centre)`.

    Returns the last indicator, or None if there was none, and how many changed.
    """
    about = holds.indicators_of(row).order_by("pk")
    ids = list((about.filter(pk__gt=after) if after else about).values_list("pk", flat=True)[:INDICATORS_AT_ONCE])
    if not ids:
        return None, 0
    # What did not see the hold or its decision has ended when this is taken; what begins later sees it.
    lock(*(f"indicator:{one}" for one in ids))
    decision = HoldDecision.objects.filter(hold=row).first()
    if decision is not None:
        changed = _decided(centre, row, decision, ids)
    else:
        changed = _stop(centre, ids) if row.kind in OF_MATERIAL else 0
    mark(ids)
    return ids[-1], changed


def mark(ids: list[UUID]) -> None:
    """Set in the lists' own rows whether these are held. Call inside `acting(actor)`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indicators_mark_held(%s)", [ids])


def _decided(centre: Actor, row: Hold, decision: HoldDecision, ids: list[UUID]) -> int:
    owner = directory.entry(decision.organisation_id)
    actor = directory.acting_for(owner, decision.by, decision.by_name).with_purpose(centre.purpose)
    if row.kind in OF_MATERIAL:
        return (_let_go if decision.accepted else _end)(actor, decision, ids)
    return sum(_hear(actor, row, one) for one in ids) if decision.accepted else 0


def _stop(centre: Actor, ids: list[UUID]) -> int:
    active = list(with_state().filter(pk__in=ids, state=State.ACTIVE.value))
    for one in active:
        before = state.state_of(one.pk)
        now = state_machine.next_state(before, state_machine.Suspend(), policy.rules())
        transitions.suspend(centre, one, before, now, Cause.QUARANTINE, ReasonCode.HELD.value)
    return len(active)


def _end(actor: Actor, decision: HoldDecision, ids: list[UUID]) -> int:
    left: list[Any] = list(with_state().filter(pk__in=ids).exclude(state=State.REVOKED.value))
    known = set(Activation.objects.filter(indicator__in=left).values_list("indicator", flat=True))
    for one in left:
        if one.pk in known:
            transitions.revoke(actor, one, decision.reason, cause="quarantine")
    # Nobody ever got these: there is no list to shorten, and nobody to tell.
    unknown = [one.pk for one in left if one.pk not in known]
    Revocation.objects.bulk_create(
        Revocation(organisation_id=actor.organisation_id, indicator_id=one, reason=decision.reason, by=actor.reference)
        for one in unknown
    )
    record_many(actor, "indicator.revoked", "indicator", ((one, {"cause": "quarantine"}) for one in unknown))
    return len(left)


def _let_go(actor: Actor, decision: HoldDecision, ids: list[UUID]) -> int:
    stopped = Suspension.objects.filter(indicator__in=ids, cause=Cause.QUARANTINE, end__isnull=True)
    # An indicator that is also disputed needs a decision on that dispute first.
    doubted = Dispute.objects.filter(indicator__in=ids, decision__isnull=True).values("indicator")
    rows = holds.not_held(Indicator.objects.filter(pk__in=stopped.values("indicator"))).exclude(pk__in=doubted)
    left = list(rows.exclude(revocation__isnull=False))
    for one in left:
        transitions.resolve_disputes(actor, one.pk, upheld=False, reason=decision.reason)
    return len(left)


def _hear(actor: Actor, row: Hold, indicator: UUID) -> bool:
    """Whether accepted statements suspended this one."""
    before, sender, disputed = state.state_of(indicator), str(row.subject_id), row.kind == HoldKind.DISPUTES
    # An indicator that is not active has no matches.
    if before.state is not State.ACTIVE and not (disputed and before.state is State.PROPOSED):
        return False
    now = state_machine.next_state(before, AcceptHeld(sender), policy.rules())
    cause, reason = Cause.FEEDBACK, ReasonCode.FALSE_POSITIVES.value
    if disputed:
        cause = Cause.CERTIFIER if before.rests_on(sender) else Cause.DOUBTS
        reason = Dispute.objects.filter(hold=row, indicator=indicator).latest("created_at").reason
    return transitions.suspend(actor, Indicator.objects.get(pk=indicator), before, now, cause, reason)
