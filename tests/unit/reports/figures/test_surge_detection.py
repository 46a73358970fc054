"""A steady volume raises no alert, and a month of four times as much raises one."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tutela.reports.figures import surge_detection

WEEK = (1.2, 1.1, 1.0, 1.0, 1.1, 0.8, 0.8)


def poisson(rng: random.Random, mean: float) -> int:
    """A count by chance: exact for small means, and near enough for large ones."""
    if mean > 50:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    gap, count = rng.expovariate(1.0), 0
    while gap < mean:
        gap, count = gap + rng.expovariate(1.0), count + 1
    return count


def series(seed: int, mean: float, days: int, factor: float = 1.0, at: range = range(0)) -> list[int]:
    rng = random.Random(seed)
    return [poisson(rng, mean * WEEK[day % 7] * (factor if day in at else 1.0)) for day in range(days)]


def raised(daily: list[int]) -> list[int]:
    """The days on which the desk would have been called, day after day."""
    found: list[int] = []
    usual, quiet_until = None, -1
    for day in range(len(daily)):
        seen = daily[: day + 1]
        if usual is not None:
            if surge_detection.fell(seen, usual):
                usual, quiet_until = None, day + surge_detection.QUIET
        elif day >= quiet_until and (rise := surge_detection.rise(seen)):
            usual = rise.usual
            found.append(day)
    return found


@given(seed=st.integers(0, 10**9), mean=st.floats(0.05, 400))
def test_a_steady_volume_raises_no_alert(seed: int, mean: float) -> None:
    assert raised(series(seed, mean, 240)) == []


@given(seed=st.integers(0, 10**9), mean=st.floats(8, 400), begin=st.integers(40, 90))
def test_a_month_of_four_times_as_much_raises_one(seed: int, mean: float, begin: int) -> None:
    month = range(begin, begin + 30)
    days = raised(series(seed, mean, begin + 120, 4.0, month))
    assert len(days) == 1
    assert days[0] in month


def test_few_a_day_are_enough() -> None:
    """At four a day chance hides one such month in a thousand; a hundredth is more than it may."""
    months = [(seed, begin) for seed in range(500) for begin in (40, 61)]
    found = [raised(series(seed, 4.0, begin + 60, 4.0, range(begin, begin + 30))) for seed, begin in months]
    assert sum(len(days) == 1 for days in found) >= 0.99 * len(months)


def test_a_provider_that_has_just_begun_is_no_surge() -> None:
    assert raised([50] * 60) == []
    assert surge_detection.rise([1] * (surge_detection.WINDOW + surge_detection.BEFORE - 1)) is None


def test_a_new_usual_is_not_raised_again() -> None:
    assert len(raised([20] * 60 + [90] * 200)) == 1


def test_whoever_was_silent_and_floods_is_raised_on_that_day_and_once() -> None:
    assert raised([0] * 60 + [100] * 30 + [0] * 60) == [60]
    assert raised([0] * 60 + [0, 0, 1, 0, 2] * 12) == [], "a few after a silence are no flood"


def test_a_young_value_rises_from_its_third_week_on() -> None:
    days = raised([10] * 14 + [40] * 30)
    assert len(days) == 1
    assert days[0] < 14 + 7
    assert raised([0, 3, 1, 0, 2, 4, 1] * 3) == [], "few weeks say little"
