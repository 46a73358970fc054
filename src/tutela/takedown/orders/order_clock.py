"""Clock of an order: its deadline, and the time in which it could not be executed, counted apart.

1. A removal or delisting order (simulated) has 24 hours from receipt. After a stop a whole new period begins
   (`exchange.takedown.csar_order.execution_deadline`).
2. The deadline of every other order is named by the authority. A stop moves it by its length.
3. A stop that is reported after the deadline moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tutela.exchange.takedown.csar_order import execution_deadline
from tutela.takedown.models import OrderKind, OrderStepKind

# Kinds whose period begins again after a stop.
FRESH = (OrderKind.REMOVAL, OrderKind.DELISTING)
ENDS = (OrderStepKind.CLARIFIED, OrderStepKind.RESUMED)

type Stop = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class OrderTime:
    """Deadline (None while the clock is stopped), time stopped so far, and whether it is stopped now."""

    deadline: datetime | None
    missing: timedelta
    stopped: bool


def stops(steps: Iterable[tuple[str, datetime]]) -> list[Stop]:
    """The stops of a copy, from its steps (kind, time) in their order. Any other end of the order ends the stop."""
    found: list[Stop] = []
    begun: datetime | None = None
    for kind, at in steps:
        if kind == OrderStepKind.IMPOSSIBLE:
            begun = at
        elif begun is not None and kind != OrderStepKind.CONTESTED:
            found.append((begun, at))
            begun = None
    return [*found, (begun, None)] if begun is not None else found


def deadline_of(kind: str, received_at: datetime, due_at: datetime, interruptions: Sequence[Stop]) -> datetime | None:
    """The deadline; None while a stop lasts."""
    if kind in FRESH:
        return execution_deadline(received_at, interruptions)
    deadline = due_at
    for reported, ended in interruptions:
        if not received_at <= reported <= deadline:
            continue
        if ended is None:
            return None
        deadline += ended - reported
    return deadline


def time_of(
    kind: str, received_at: datetime, due_at: datetime, steps: Sequence[tuple[str, datetime]], now: datetime
) -> OrderTime:
    """Where the clock of a copy is at `now`."""
    interruptions = stops(steps)
    missing = sum(((ended or now) - begun for begun, ended in interruptions), timedelta())
    stopped = bool(interruptions) and interruptions[-1][1] is None
    return OrderTime(deadline_of(kind, received_at, due_at, interruptions), missing, stopped)
