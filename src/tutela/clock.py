"""The only clock. All code gets the time here, so that tests and simulations can move it.

`now()` is always timezone-aware and in UTC. `simulate()` moves the clock for the current context only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_source: ContextVar[Callable[[], datetime] | None] = ContextVar("tutela_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC; the simulated one inside `simulate()`."""
    source = _source.get()
    return source() if source else datetime.now(UTC)


def this_hour() -> datetime:
    """The beginning of the present hour, for rows that must not say when exactly somebody was there."""
    return now().replace(minute=0, second=0, microsecond=0)


def ahead() -> timedelta:
    """Difference between this machine's clock and its uptime, sleep included.

    A change means that the clock was moved.
    """
    return timedelta(seconds=time.time() - running())


def running() -> float:
    """Uptime of this machine in seconds, sleep included; nobody can set it back."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@contextmanager
def simulate(at: datetime | Callable[[], datetime]) -> Iterator[None]:
    """Move the clock for this context: to a fixed aware moment, or to whatever a callable answers."""
    source = at if callable(at) else lambda: at
    if source().tzinfo is None:
        raise ValueError("A simulated time needs a time zone.")
    token = _source.set(lambda: source().astimezone(UTC))
    try:
        yield
    finally:
        _source.reset(token)
