"""The clock of an order against a truth that counts every minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.support.order_truth import deadline_minute, minutes_stopped
from tutela.takedown.models import OrderKind, OrderStepKind
from tutela.takedown.orders.order_clock import FRESH, stops, time_of

RECEIVED = datetime(2026, 10, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = 24 * 60


@some.composite
def histories(draw: some.DrawFn) -> tuple[list[tuple[int, int | None]], int]:
    """Stops in minutes from receipt, the last perhaps open, and a moment after them."""
    at, found = 0, list[tuple[int, int | None]]()
    for _number in range(draw(some.integers(0, 4))):
        begin = at + draw(some.integers(0, 2 * DAY))
        end = begin + draw(some.integers(1, DAY))
        found.append((begin, end))
        at = end
    if draw(some.booleans()):
        begin = at + draw(some.integers(0, DAY))
        found.append((begin, None))
        at = begin
    return found, at + draw(some.integers(0, DAY))


def _steps(history: list[tuple[int, int | None]]) -> list[tuple[str, datetime]]:
    steps: list[tuple[str, datetime]] = [(OrderStepKind.ISSUED, RECEIVED)]
    for begin, end in history:
        steps.append((OrderStepKind.IMPOSSIBLE, RECEIVED + begin * MINUTE))
        if end is not None:
            steps.append((OrderStepKind.CLARIFIED, RECEIVED + end * MINUTE))
    return steps


@given(histories(), some.sampled_from(OrderKind.values), some.integers(60, 3 * DAY))
def test_the_deadline_is_that_of_counting_every_minute(
    drawn: tuple[list[tuple[int, int | None]], int], kind: str, period: int
) -> None:
    history, now = drawn
    fresh = kind in FRESH
    minutes = DAY if fresh else period
    time = time_of(kind, RECEIVED, RECEIVED + minutes * MINUTE, _steps(history), RECEIVED + now * MINUTE)
    truth = deadline_minute(minutes, history, now, fresh=fresh)
    assert time.deadline == (None if truth is None else RECEIVED + truth * MINUTE)
    assert time.missing == minutes_stopped(history, now) * MINUTE
    assert time.stopped == (bool(history) and history[-1][1] is None)


@pytest.mark.parametrize("end", [OrderStepKind.GIVEN, OrderStepKind.NOT_GIVEN, OrderStepKind.WITHDRAWN])
def test_an_answer_or_a_withdrawal_ends_a_stop_and_redress_does_not(end: str) -> None:
    later = [RECEIVED + hours * timedelta(hours=1) for hours in (1, 2, 3)]
    steps = [(OrderStepKind.IMPOSSIBLE, later[0]), (OrderStepKind.CONTESTED, later[1]), (end, later[2])]
    assert stops(steps) == [(later[0], later[2])]
