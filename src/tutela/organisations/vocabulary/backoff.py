"""Back-off before the next try: one rule for everything that a node sends until it is answered."""

from __future__ import annotations

from datetime import datetime, timedelta

# Somebody waits for help: a recipient that is back after an outage has it a minute later at the latest.
LONGEST_URGENT_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=10)


def pause_after(attempts: int, *, urgent: bool = False) -> timedelta:
    """1, 2, 4, … seconds, at most ten minutes, and for what is urgent at most one."""
    return min(timedelta(seconds=2 ** min(max(attempts, 1) - 1, 12)), LONGEST_URGENT_PAUSE if urgent else LONGEST_PAUSE)


def is_due(at: datetime, now: datetime) -> bool:
    """Whether a planned time has passed.

    A time further ahead than the longest pause was written by a wrong clock, and counts as passed.
    """
    return not now < at <= now + LONGEST_PAUSE
