"""Withheld counts, quarters, and versions of the categories."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.victims.helpline import categories, quarters


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 60), min_size=1))
def test_no_small_count_can_be_read_from_the_total(counts: dict[str, int]) -> None:
    shown = quarters.withheld(Counter(counts))
    assert all(count is None or count >= quarters.LEAST for count in shown.values())
    hidden = [name for name, count in shown.items() if count is None]
    assert len(hidden) != 1 or len(shown) == 1
    assert not hidden or len(hidden) == len(shown) or sum(counts[name] for name in hidden) >= quarters.LEAST


@pytest.mark.parametrize(
    ("name", "first", "after"),
    [("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)), ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))],
)
def test_quarters_have_their_days(name: str, first: date, after: date) -> None:
    found = quarters.quarter(name)
    assert (found.first, found.after, quarters.quarter_of(first)) == (first, after, name)


def test_every_category_has_a_word_and_later_sets_come_later() -> None:
    for before, after in zip(categories.sets(), categories.sets()[1:], strict=False):
        assert before.since < after.since
    assert {one for each in categories.sets() for one in each.categories} == set(categories.LABELS)
