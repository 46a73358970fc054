"""Suspend an indicator until the Centre decides, or revoke it permanently."""

from __future__ import annotations

from uuid import UUID

from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.transaction import acting
from tutela.indicators.cases import KIND
from tutela.indicators.lifecycle import transitions
from tutela.indicators.lifecycle.state_machine import Revoke, State, Suspend
from tutela.indicators.models import (
    Cause,
)
from tutela.indicators.register import approvals
from tutela.indicators.register.errors import AlreadyRevoked
from tutela.indicators.register.preconditions import after, locked, needs_reason
from tutela.organisations.approvals.approve import NO_INPUT as ALONE
from tutela.organisations.approvals.approve import Way


def suspend(actor: Actor, indicator_id: UUID, reason: str) -> bool:
    """The Centre stops an active entry everywhere until it decides; returns whether it was active."""
    actor.require("indicators.revoke")
    with acting(actor):
        try:
            row, before = locked(indicator_id)
        except NotFound:
            return False
        if before.state is not State.ACTIVE:
            return False
        return transitions.suspend(actor, row, before, after(before, Suspend()), Cause.CENTRE, reason)


def revoke(actor: Actor, indicator_id: UUID, reason: str, way: Way = ALONE) -> None:
    """End an indicator for good; every connected Edge stops matching it within seconds.

    Raises `AlreadyRevoked`, and as `approve.approve`.
    """
    actor.require("indicators.revoke")
    needs_reason(reason)
    with acting(actor):
        row, before = locked(indicator_id)
        if before.state is State.REVOKED:
            raise AlreadyRevoked
        after(before, Revoke())
        approvals.approve(actor, "revoke", row, way, reason=reason)
        claim.decided(actor, KIND, row.id)
        transitions.revoke(actor, row, reason)
