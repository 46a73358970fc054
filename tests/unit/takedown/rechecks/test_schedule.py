"""Rechecks come often at first, rarer later, never exactly, and end after a verified absence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tutela.takedown.rechecks import schedule

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
AGES = st.timedeltas(timedelta(0), timedelta(days=400))


@given(age=AGES, seed=st.integers(0, 1000))
def test_the_next_recheck_is_later_and_within_the_longest_pause(age: timedelta, seed: int) -> None:
    at = schedule.following(NOW, NOW - age, Random(seed))
    assert timedelta(minutes=54) <= at - NOW <= schedule.LONGEST * 1.1


@given(younger=AGES, older=AGES)
def test_an_older_case_is_never_rechecked_more_often(younger: timedelta, older: timedelta) -> None:
    ages = sorted((younger, older))
    pauses = [schedule.following(NOW, NOW - age, Random(1)) - NOW for age in ages]
    assert pauses == sorted(pauses)


@given(seed=st.integers(0, 1000))
def test_an_absence_is_looked_at_for_ninety_days_and_then_no_more(seed: int) -> None:
    at, looks = NOW, 0
    while (after := schedule.after_absence(at, NOW, Random(seed))) is not None:
        # A time that jitter moved before its day is asked again on that day.
        at, looks = max(after, at + timedelta(minutes=1)), looks + 1
        assert at <= NOW + timedelta(days=100)
        assert looks < 40_000
    assert at >= NOW + timedelta(days=80)


def test_the_jitter_is_real() -> None:
    assert len({schedule.following(NOW, NOW) for _ in range(50)}) > 10
