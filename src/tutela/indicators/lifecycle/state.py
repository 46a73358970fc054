"""Current state of an indicator, built from its rows as `lifecycle` defines it."""

from __future__ import annotations

from uuid import UUID

from tutela.events.errors import NotFound
from tutela.indicators.lifecycle.queries import Stands, stands
from tutela.indicators.lifecycle.state_machine import IndicatorState, State


def state_of(indicator_id: UUID) -> IndicatorState:
    """Return the state of an indicator. Call inside `acting(actor)`. Raises `NotFound`."""
    found = stands(indicator_id)
    if found is None:
        raise NotFound
    return IndicatorState(
        _state(found),
        found.category,
        found.round,
        frozenset(found.certified),
        frozenset(found.doubts),
        frozenset(found.reports),
        frozenset(found.late),
    )


def _state(found: Stands) -> State:
    """Revoked before suspended before active before proposed."""
    if found.revoked:
        return State.REVOKED
    if found.suspended:
        return State.SUSPENDED
    return State.ACTIVE if found.active else State.PROPOSED
