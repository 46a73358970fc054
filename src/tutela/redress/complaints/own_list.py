"""End of a stop at this provider: the Centre leaves the entry unchanged. Subscribed to answers to reversals.

1. The Centre keeps everything, or accepts the report's error and leaves the entry as it is: the entry matches here at
   once again. The stop was for the time of the dispute alone.
2. In every other case the stop lasts until its longest time (`local_stops.LASTS`) is over: the entry was stopped
   everywhere, the Centre was told another way, or no report names it and the stop is local alone.
"""

from __future__ import annotations

from tutela.detection.candidates import local_stops
from tutela.events.actor import Actor
from tutela.exchange.redress.reversal import EntryOutcome, ReversalAnswer
from tutela.redress.models import HopKind, HopState, Reversal


def answered(actor: Actor, reversal: Reversal, answer: ReversalAnswer) -> None:
    """Rule 1, by the Centre's answer. Call inside `acting(actor)`."""
    if answer.entry is EntryOutcome.UNCHANGED:
        _lift(actor, reversal)


def ended(actor: Actor, reversal: Reversal) -> None:
    """Rule 1, where a person recorded that the Centre keeps everything. Call inside `acting(actor)`."""
    if reversal.hops.filter(kind=HopKind.CENTRE, state=HopState.KEPT).exists():
        _lift(actor, reversal)


def _lift(actor: Actor, reversal: Reversal) -> None:
    if reversal.indicator_id is not None and reversal.hops.filter(kind=HopKind.OWN_LIST).exists():
        local_stops.lift(actor, reversal.indicator_id, reversal.root_id)
