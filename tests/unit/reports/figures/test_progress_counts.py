"""A time in whole months and the days at its ends."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from tutela.reports.figures.progress_counts import Months, parts

FAR = (date(2024, 1, 1), date(2027, 12, 31))
DAYS = some.none() | some.dates(date(2025, 1, 1), date(2026, 12, 31))


def _in_months(day: date, months: Months) -> bool:
    return (months.begin is None or months.begin <= day) and (months.after is None or day < months.after)


@given(DAYS, DAYS)
def test_every_day_is_in_one_part_and_no_other_day_is(first: date | None, last: date | None) -> None:
    found = parts(first, last)
    for n in range((FAR[1] - FAR[0]).days + 1):
        day = FAR[0] + timedelta(days=n)
        within = sum(one.begin <= day < one.after for one in found.days)
        within += found.months is not None and _in_months(day, found.months)
        assert within == ((first is None or first <= day) and (last is None or day <= last)), day


@given(DAYS, DAYS)
def test_months_are_whole_and_the_days_beside_them_are_less_than_two(first: date | None, last: date | None) -> None:
    found = parts(first, last)
    assert found.months is None or {one.day for one in (found.months.begin, found.months.after) if one} <= {1}
    assert sum(max(0, (one.after - one.begin).days) for one in found.days) <= 61
