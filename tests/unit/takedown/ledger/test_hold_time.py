"""Time of holds: spans that overlap count once, and only inside the time that is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tutela.takedown.ledger.hold_time import Span, overlap, stands

BASE = datetime(2026, 3, 1, tzinfo=UTC)
HOURS = st.integers(0, 60)
SPANS = st.lists(st.tuples(HOURS, HOURS).map(sorted), max_size=6)


def _at(hour: int) -> datetime:
    return BASE + timedelta(hours=hour)


@given(SPANS, HOURS, HOURS)
def test_each_hour_counts_once(drawn: list[list[int]], one: int, other: int) -> None:
    begin, end = sorted((one, other))
    spans = [Span(_at(first), _at(last)) for first, last in drawn]
    hours = [hour for hour in range(begin, end) if any(first <= hour < last for first, last in drawn)]
    assert overlap(spans, _at(begin), _at(end)) == timedelta(hours=len(hours))
    assert stands(spans, _at(begin)) == any(first <= begin < last for first, last in drawn)
