"""Changes of a case that others may have to know, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from tutela.events.actor import Actor
from tutela.exchange.takedown.hotline_message import ActionKind

type Listener = Callable[[Actor, UUID, ActionKind], None]
_listeners: list[Listener] = []


def on_change(listener: Listener) -> None:
    """Subscribe to the changes of cases. For `app/wiring.py`."""
    _listeners.append(listener)


def changed(actor: Actor, case_id: UUID, kind: ActionKind) -> None:
    """Tell the subscribers what was done about a case. Call inside `acting(actor)`, the case locked."""
    for listener in _listeners:
        listener(actor, case_id, kind)
