"""Effects of quarantine, applied part by part: an import may have a million indicators.

1. An indicator is held until its own hold, or that of its import, is released. SQL defines this once,
   `indicators_is_held`.
2. When a hold begins, active indicators are suspended, after waiting for a running certification.
3. After a refusal, all are revoked. Those that were ever active are revoked one by one, so that every recipient is
   notified.
4. After a release, indicators suspended only by the hold need a new round of certifications, as after any suspension.

`run_effects` does the work recorded in the rows. If called again, it does the remaining work.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.record import record_many
from tutela.events.sql import run_statements
from tutela.events.transaction import acting
from tutela.indicators import enqueue
from tutela.indicators.lifecycle import policy, state, state_machine, transitions
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.models import (
    Activation,
    Cause,
    Dispute,
    Indicator,
    Quarantine,
    QuarantineDecision,
    Revocation,
    Suspension,
)
from tutela.organisations.people import directory

# So many are locked at once.
AT_ONCE = 500


def is_held(indicator: UUID | None, run_id: UUID | None) -> bool:
    """Whether nobody has released what holds an indicator, or an import. Call inside `acting(actor)`."""
    return bool(run_statements([("SELECT indicators_is_held(%s, %s)", [indicator, run_id])])[0][0][0])


def of_runs(runs: Iterable[UUID]) -> set[UUID]:
    """Those of some imports that nobody has released. Call inside `acting(actor)`."""
    rows = Quarantine.objects.filter(run_id__in=list(runs)).exclude(decision__released=True)
    return {row.run_id for row in rows if row.run_id}


def not_held(rows: QuerySet[Indicator]) -> QuerySet[Indicator]:
    """Those that nothing holds."""
    held = Func(F("pk"), F("run_id"), function="indicators_is_held", output_field=BooleanField())
    return rows.alias(held_by_any=held).filter(held_by_any=False)


def holds(row: Indicator) -> QuerySet[Quarantine]:
    """What holds an indicator, or was decided about it; what is open first, then the newest."""
    rows = Quarantine.objects.filter(Q(indicator=row) | Q(run_id=row.run_id, run_id__isnull=False))
    return rows.select_related("decision").order_by(F("decision__created_at").desc(nulls_first=True), "-created_at")


def quarantined_indicators(row: Quarantine) -> QuerySet[Indicator]:
    """Every indicator that it is about."""
    return Indicator.objects.filter(Q(run_id=row.run_id) if row.indicator_id is None else Q(pk=row.indicator_id))


def mark(ids: list[UUID]) -> None:
    """Set in the lists' own rows whether these are held. Call inside `acting(actor)`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indicators_mark_held(%s)", [ids])


def enqueue_effects(row: Quarantine) -> None:
    """Enqueue `run_effects` after any running one. Call inside `acting(actor)`.

    A superfluous run finds nothing to do.
    """
    enqueue.apply_quarantine(row.pk)


def run_effects(centre: Actor, quarantine_id: UUID) -> None:
    """Do what a hold or its decision asks for, each part in a transaction of its own. For the job."""
    with acting(centre):
        row = Quarantine.objects.filter(pk=quarantine_id).first()
    if row is None:
        return
    last: UUID | None = None
    while True:
        with acting(centre):
            last = part(centre, row, last)
        if last is None:
            return


def part(centre: Actor, row: Quarantine, after: UUID | None = None) -> UUID | None:
    """The next part after an indicator; its last one, or None where there was none. Call inside `acting(centre)`."""
    about = quarantined_indicators(row).order_by("pk")
    ids = list((about.filter(pk__gt=after) if after else about).values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return None
    # A certification that did not see the hold has ended when this is taken; one that begins later sees it.
    lock(*(f"indicator:{one}" for one in ids))
    decision = QuarantineDecision.objects.filter(quarantine=row).first()
    if decision is None:
        _stop(centre, row, ids)
    else:
        owner = directory.entry(decision.organisation_id)
        actor = directory.acting_for(owner, decision.by, decision.by_name).with_purpose(centre.purpose)
        (_let_go if decision.released else _end)(actor, decision, ids)
    mark(ids)
    return ids[-1]


def _stop(centre: Actor, row: Quarantine, ids: list[UUID]) -> None:
    for one in with_state().filter(pk__in=ids, state=state_machine.State.ACTIVE.value):
        before = state.state_of(one.pk)
        now = state_machine.after(before, state_machine.Suspend(), policy.rules())
        transitions.suspend(centre, one, before, now, Cause.QUARANTINE, f"Held as unusual: {row.codes}")


def _end(actor: Actor, decision: QuarantineDecision, ids: list[UUID]) -> None:
    left: list[Any] = list(with_state().filter(pk__in=ids).exclude(state=state_machine.State.REVOKED.value))
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


def _let_go(actor: Actor, decision: QuarantineDecision, ids: list[UUID]) -> None:
    stopped = Suspension.objects.filter(indicator__in=ids, cause=Cause.QUARANTINE, end__isnull=True)
    # An indicator that is also disputed needs a decision on that dispute first.
    doubted = Dispute.objects.filter(indicator__in=ids, decision__isnull=True).values("indicator")
    rows = not_held(Indicator.objects.filter(pk__in=stopped.values("indicator"))).exclude(pk__in=doubted)
    for one in rows.exclude(revocation__isnull=False):
        transitions.resolve_disputes(actor, one.pk, upheld=False, reason=decision.reason)
