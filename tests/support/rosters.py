"""The shifts of a roster, as its page lists them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tutela import clock
from tutela.casework.alerts import roster
from tutela.casework.alerts.roster import ShiftState
from tutela.events.actor import Actor


def shifts_of(actor: Actor) -> list[ShiftState]:
    """Shifts of the actor's organisation that have not ended."""
    return roster.load(actor, clock.now(), ZoneInfo("UTC")).shifts
