"""Subscriptions to the answers to a reversal and to its end, in their transactions."""

from __future__ import annotations

from collections.abc import Callable

from tutela.events.actor import Actor
from tutela.exchange.redress.reversal import ReversalAnswer
from tutela.redress.models import Reversal

type Listener = Callable[[Actor, Reversal], None]
type AnswerListener = Callable[[Actor, Reversal, ReversalAnswer], None]
_on_ended: list[Listener] = []
_on_answered: list[AnswerListener] = []


def on_ended(listener: Listener) -> None:
    """Subscribe to reversals that every recipient has answered. For `app/wiring.py`."""
    _on_ended.append(listener)


def ended(actor: Actor, row: Reversal) -> None:
    """Tell the subscribers. Call inside `acting(actor)`, the reversal locked."""
    for listener in _on_ended:
        listener(actor, row)


def on_answered(listener: AnswerListener) -> None:
    """Subscribe to final answers of recipients. For `app/wiring.py`."""
    _on_answered.append(listener)


def answered(actor: Actor, row: Reversal, answer: ReversalAnswer) -> None:
    """Tell the subscribers. Call inside `acting(actor)`, the reversal locked."""
    for listener in _on_answered:
        listener(actor, row, answer)
