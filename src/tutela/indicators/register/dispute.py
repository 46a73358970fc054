"""Dispute an indicator, and decide its disputes."""

from __future__ import annotations

from uuid import UUID

from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.cases import KIND
from tutela.indicators.lifecycle import signals, state_machine, transitions
from tutela.indicators.lifecycle.state_machine import Decide
from tutela.indicators.models import (
    Cause,
    Dispute,
    Ground,
)
from tutela.indicators.register import approvals
from tutela.indicators.register.preconditions import after, locked, needs_reason
from tutela.indicators.safeguards import rate_limits
from tutela.organisations.approvals.approve import NO_INPUT as ALONE
from tutela.organisations.approvals.approve import Way


def dispute(actor: Actor, indicator_id: UUID, reason: str, ground: str = Ground.DOUBT) -> bool:
    """Doubt an indicator, with a reason. Returns whether it stopped matching everywhere by that (`lifecycle`, rule
    3)."""
    actor.require("indicators.dispute")
    needs_reason(reason)
    if ground not in Ground.values:
        raise Invalid("Choose one of: {known}.", field="ground", known=", ".join(Ground.values))
    with acting(actor):
        row, before = locked(indicator_id)
        hold = rate_limits.hold_of_dispute(actor)
        now = after(before, state_machine.Dispute(str(actor.organisation_id), waits=hold is not None))
        Dispute.objects.create(
            organisation_id=actor.organisation_id,
            indicator=row,
            reason=reason.strip()[:300],
            by=actor.reference,
            ground=ground,
            hold=hold,
        )
        claim.decided(actor, KIND, row.id)
        record(actor, "indicator.disputed", "indicator", row.id, number=row.number)
        cause = Cause.CERTIFIER if before.rests_on(str(actor.organisation_id)) else Cause.DOUBTS
        return transitions.suspend(actor, row, before, now, cause, reason)


def decide_dispute(actor: Actor, dispute_id: UUID, *, upheld: bool, reason: str, way: Way = ALONE) -> None:
    """Decide by one of the indicator's open disputes, as `decide`."""
    actor.require("indicators.revoke")
    with acting(actor):
        row = Dispute.objects.filter(pk=dispute_id, decision__isnull=True).first()
    if row is None:
        raise NotFound
    decide(actor, row.indicator_id, upheld=upheld, reason=reason, way=way)


def decide(actor: Actor, indicator_id: UUID, *, upheld: bool, reason: str, way: Way = ALONE) -> None:
    """Settle every open dispute for the Centre: revoke if upheld, begin a new round of certifications if dismissed.

    Raises `NotInDoubt` if there is nothing to decide, and as `approve.approve`.
    """
    actor.require("indicators.revoke")
    needs_reason(reason)
    with acting(actor):
        row, before = locked(indicator_id)
        after(before, Decide(upheld))
        chosen = {"decision": "upheld" if upheld else "dismissed"}
        approvals.approve(actor, "decide", row, way, reason=reason, chosen=chosen)
        transitions.resolve_disputes(actor, indicator_id, upheld=upheld, reason=reason)
        if upheld:
            transitions.revoke(actor, row, reason)
        else:
            signals.order_head()
