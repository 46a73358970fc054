"""Periods of forms on every day of ten years: each is over, applies, and has a day on which its return is due."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.forms.form import PeriodKind, forms

FIRST, LAST = date(2026, 1, 1), date(2035, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
OLD, NEW = "provider-2021-1232", "provider-2026-1881"


@pytest.mark.parametrize("name", sorted(forms()))
def test_the_last_period_is_over_and_the_form_applies_to_it(name: str) -> None:
    form, before = forms()[name], None
    for day in DAYS:
        period = form.last_period(day)
        assert form.permits(period), day
        assert ReportingPeriod.parse(str(period)) == period
        assert period.end < day or (form.first_day is not None and period.start == form.first_day), day
        assert before is None or before <= period, day
        due = form.due_on(period)
        assert due is None or due > period.end, day
        before = period


@pytest.mark.parametrize("name", sorted(forms()))
def test_periods_follow_each_other_without_a_gap(name: str) -> None:
    form = forms()[name]
    found = form.periods(FIRST, LAST)
    assert all(later.follows(earlier) for earlier, later in pairwise(found))
    assert all(map(form.permits, found))
    length = {PeriodKind.QUARTER: 40, PeriodKind.HALF_YEAR: 20}.get(form.period, 10)
    assert len(found) == (1 if form.last_day else length)


@pytest.mark.parametrize(
    ("name", "day", "period"),
    [
        (OLD, date(2026, 4, 3), "2025"),
        (OLD, date(2026, 4, 4), "2026-01-01/2026-04-03"),
        (OLD, date(2027, 6, 1), "2026-01-01/2026-04-03"),
        (OLD, date(2028, 1, 1), "2026-01-01/2026-04-03"),
        (OLD, date(2035, 6, 1), "2026-01-01/2026-04-03"),
        (OLD, date(2020, 1, 1), "2021-08-03/2021-12-31"),
        (NEW, date(2026, 11, 30), "2026-04-04/2026-12-31"),
        (NEW, date(2027, 1, 1), "2026-04-04/2026-12-31"),
        (NEW, date(2028, 1, 1), "2027"),
        ("helpline-quarter", date(2028, 2, 29), "2027-Q4"),
        ("helpline-quarter", date(2028, 4, 1), "2028-Q1"),
    ],
)
def test_a_form_that_ends_or_begins_within_a_year_has_the_rest_of_it(name: str, day: date, period: str) -> None:
    assert forms()[name].last_period(day) == ReportingPeriod.parse(period)
