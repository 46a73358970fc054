"""End questions that no provider has answered in time.

- The deadline is that of CSAR 48(4). An expired question ends, and its report is open again, only while that act is in
  force and checked.
- Until then the deadline is a simulation: the desk shows that it would have passed, and nothing is decided. The person
  who examines the report decides. A question blocks no decision, and an urgent report raises alerts with or without a
  question.
"""

from __future__ import annotations

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.reports.followups import duplicate_effects
from tutela.reports.state.overdue_questions import CLOCK, overdue_reports


def end(actor: Actor) -> int:
    """Let reports be open again whose provider has not answered in its time; returns how many."""
    with acting(actor):
        if CLOCK in clocks.simulated():
            return 0
        rows = list(overdue_reports().select_for_update())
        for row in rows:
            duplicate_effects.answered(actor, row, None)
    return len(rows)


def would_have_ended() -> int | None:
    """The number of questions the proposal would have ended; None if it is law. Call inside `acting(actor)`."""
    return overdue_reports().count() if CLOCK in clocks.simulated() else None
