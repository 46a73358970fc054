"""One rule says when to try again, and no clock stretches it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tutela.organisations.vocabulary.backoff import LONGEST_PAUSE, LONGEST_URGENT_PAUSE, is_due, pause_after

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@given(st.integers(-5, 10**9), st.booleans())
def test_pauses_grow_to_their_longest_and_no_further(attempts: int, urgent: bool) -> None:
    pause = pause_after(attempts, urgent=urgent)
    assert timedelta(seconds=1) <= pause <= (LONGEST_URGENT_PAUSE if urgent else LONGEST_PAUSE)
    assert pause <= pause_after(attempts + 1, urgent=urgent)
    assert pause_after(attempts, urgent=True) <= pause


@given(st.integers(0, 10**6), st.booleans(), st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_a_planned_moment_comes_whatever_the_clock_did(attempts: int, urgent: bool, moved: timedelta) -> None:
    planned = NOW + moved + pause_after(attempts, urgent=urgent)
    if abs(moved) > LONGEST_PAUSE * 2:
        assert is_due(planned, NOW)
    assert is_due(planned, planned)
    assert not is_due(NOW + pause_after(attempts, urgent=urgent), NOW)
