"""Matches with hashes whose removal somebody requested: they never become a candidate for a report.

An Edge loads such hashes as a list of the provider with the ID `LIST_ID`. What matches it is passed to the domain that
keeps these requests, and taken out of the message before anything else sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from tutela.events.actor import Actor
from tutela.exchange.removal.requested_hashes import LIST_ID
from tutela.exchange.report.candidate import Candidate, CandidateMatch

# Takes the message and its matches with requested hashes; returns the ID of what it stored, or None.
type Taker = Callable[[Actor, Candidate, Sequence[CandidateMatch]], UUID | None]
_takers: list[Taker] = []


def on_match(taker: Taker) -> None:
    """Subscribe to matches with requested hashes. For `app/wiring.py`."""
    _takers[:] = [taker]


def split(actor: Actor, message: Candidate, *, visible: bool) -> tuple[Candidate | None, UUID | None]:
    """Pass on the matches with requested hashes; returns the message without them, and what was stored.

    The message is None if it has no other match. `visible`: anybody can see the item, and detection is not only tried
    out; otherwise its matches with requested hashes are dropped. Call inside `acting(actor)`.
    """
    requested = [one for one in message.matches if one.list_id == LIST_ID]
    if not requested:
        return message, None
    stored = next((taker(actor, message, requested) for taker in _takers), None) if visible else None
    others = tuple(one for one in message.matches if one.list_id != LIST_ID)
    return (message.model_copy(update={"matches": others}) if others else None), stored
