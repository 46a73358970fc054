"""Preconditions of every action on an indicator: right, reason, lock and permitted transition."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid
from tutela.indicators.errors import KindOutsidePolicy, OutsidePolicy
from tutela.indicators.hashes.errors import KnownItem
from tutela.indicators.lifecycle import policy, state, state_machine
from tutela.indicators.lifecycle.state_machine import Action, IndicatorState
from tutela.indicators.models import (
    Indicator,
)
from tutela.indicators.register.errors import (
    AlreadyCertified,
    AlreadyDisputed,
    AlreadyRevoked,
    NotInDoubt,
    UnderDispute,
)

_REFUSALS = {
    "certified": AlreadyCertified,
    "doubted": AlreadyDisputed,
    "suspended": UnderDispute,
    "undisputed": NotInDoubt,
    "category": OutsidePolicy,
    "known": KnownItem,
}


def require_member(actor: Actor, permission: str) -> None:
    """Require the permission, of a verified member that the policy lets propose and certify. Raises `OutsidePolicy`."""
    actor.require(permission)
    actor.require_verified()
    if actor.organisation_kind not in policy.certifiers():
        raise KindOutsidePolicy


def locked(indicator_id: UUID) -> tuple[Any, IndicatorState]:
    """Lock an indicator until the transaction ends; return it with its state. Raises `NotFound`."""
    lock(f"indicator:{indicator_id}")
    before = state.state_of(indicator_id)
    return Indicator.objects.get(pk=indicator_id), before


def after(before: IndicatorState, act: Action) -> IndicatorState:
    """The standing that an act leads to. Raises the refusal that the state machine names."""
    try:
        return state_machine.next_state(before, act, policy.rules())
    except state_machine.ActionNotAllowed as error:
        raise _REFUSALS.get(error.reason, AlreadyRevoked) from None


def needs_reason(reason: str) -> None:
    """Raise `Invalid` if no reason was given."""
    if not reason.strip():
        raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
