"""Dates of backlogs in the forms that hotlines used."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.takedown.backlog_text import addresses_in, date_in

DAY = datetime(2026, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-02-10", "10-02-2026", "10.02.2026", "10/02/2026 14:05", "2026/02/10", "20260210", " 2026-02-10 "]
)
def test_days_are_midnight(text: str) -> None:
    assert date_in(text) == DAY


@pytest.mark.parametrize("text", ["2026-02-10T15:05:00+01:00", "Tue, 10 Feb 2026 14:05:00 GMT", "2026-02-10 14:05"])
def test_moments_are_in_utc(text: str) -> None:
    assert date_in(text) == datetime(2026, 2, 10, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "EX-2026-000123", "32-13-2026", "0001-01-01T00:00:00+14:00"])
def test_other_texts_are_no_date(text: str) -> None:
    assert date_in(text) is None


@given(st.text(max_size=80))
def test_no_text_breaks_either(text: str) -> None:
    date_in(text)
    assert all((address is None) == bool(reason) for address, reason in addresses_in(f"http://a.example/{text}"))
