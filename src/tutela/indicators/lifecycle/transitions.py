"""Suspension and revocation of an indicator, by any decider: the row, its event and the notifications."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.indicators.lifecycle import signals
from tutela.indicators.lifecycle.state_machine import IndicatorState, State
from tutela.indicators.models import Dispute, DisputeDecision, Revocation, Suspension, SuspensionEnd


def suspend(actor: Actor, row: Any, before: IndicatorState, now: IndicatorState, cause: str, reason: str) -> bool:
    """Write a suspension where `now` is one and `before` was none. Call inside `acting(actor)`, with its lock."""
    if now.state is not State.SUSPENDED or before.state is State.SUSPENDED:
        return False
    Suspension.objects.create(
        organisation_id=actor.organisation_id,
        indicator_id=row.pk,
        round=before.round,
        cause=cause,
        reason=reason.strip()[:300],
        by=actor.reference,
    )
    record(actor, "indicator.suspended", "indicator", row.pk, number=row.number, cause=str(cause))
    signals.deactivated(row.pk)
    return True


def resolve_disputes(actor: Actor, indicator_id: UUID, *, upheld: bool, reason: str) -> None:
    """Decide every open doubt and suspension of an indicator. Call inside `acting(actor)`, with its lock."""
    shared = {"organisation_id": actor.organisation_id, "upheld": upheld, "reason": reason.strip()[:300]}
    for one in Dispute.objects.filter(indicator=indicator_id, decision__isnull=True):
        DisputeDecision.objects.create(dispute=one, by=actor.reference, **shared)
    for stopped in Suspension.objects.filter(indicator=indicator_id, end__isnull=True):
        SuspensionEnd.objects.create(suspension=stopped, by=actor.reference, **shared)
    record(actor, "dispute.decided", "indicator", indicator_id, upheld=upheld)


def revoke(actor: Actor, row: Any, reason: str, **facts: str) -> None:
    """Revoke, and tell earlier recipients. Call inside `acting(actor)`, with its lock."""
    Revocation.objects.create(
        organisation_id=actor.organisation_id, indicator_id=row.pk, reason=reason.strip()[:300], by=actor.reference
    )
    record(actor, "indicator.revoked", "indicator", row.pk, number=row.number, **facts)
    signals.revoked(actor, row.pk, reason)
