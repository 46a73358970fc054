"""Enqueue a new release and notify subscribers when an indicator becomes active or inactive.

Every call happens inside the transaction of the change, so a rolled-back change enqueues nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators import enqueue

# (actor, indicator id, reason).
Listener = Callable[[Actor, UUID, str], None]
_on_revoked: list[Listener] = []
_on_moved: list[Callable[[UUID], None]] = []


def on_moved(listener: Callable[[UUID], None]) -> None:
    """Subscribe to entries that begin or cease to count: activated, suspended, revoked. For `app/wiring.py`."""
    _on_moved.append(listener)


def on_revoked(listener: Listener) -> None:
    """Subscribe to revocations. For `app/wiring.py`."""
    _on_revoked.append(listener)


def activated(indicator_id: UUID) -> None:
    """Handle an indicator that became active: enqueue a release with it."""
    enqueue.publish_release()
    _moved(indicator_id)


def deactivated(indicator_id: UUID) -> None:
    """Handle an indicator that is no longer active: the head of the list removes it at once."""
    order_head()
    _moved(indicator_id)


def all_deactivated(ids: Iterable[UUID]) -> None:
    """Handle many indicators as `deactivated`, and enqueue a new version without them."""
    order_head()
    enqueue.publish_release()
    for one in sorted(ids):
        _moved(one)


def revoked(actor: Actor, indicator_id: UUID, reason: str) -> None:
    """Handle an indicator that has ended for good: notify earlier recipients as well."""
    deactivated(indicator_id)
    for listener in _on_revoked:
        listener(actor, indicator_id, reason)


def order_version(centre: Actor) -> None:
    """Order a new version of the list."""
    with acting(centre):
        enqueue.publish_release()


def order_head() -> None:
    """Order a new head of the list."""
    enqueue.refresh_head()


def _moved(indicator_id: UUID) -> None:
    for listener in _on_moved:
        listener(indicator_id)
