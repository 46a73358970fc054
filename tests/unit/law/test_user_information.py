"""When the user is told: the table, and that nothing is ever due while a hold stands."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.law.clock_kinds import add_months
from tutela.law.user_information import Fact, standing

ROWS = list(csv.DictReader((Path(__file__).parent / "informing.csv").open(encoding="utf-8")))
REPORTED = datetime(2026, 1, 10, tzinfo=UTC)


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _fact(text: str) -> Fact:
    kind, at, *until = text.split()
    return Fact(kind, _day(at), _day(until[0]) if until else None)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['number']}-{row['state']}")
def test_the_table_of_telling(row: dict[str, str]) -> None:
    facts = [_fact(one.strip()) for one in row["facts"].split(";") if one.strip()]
    found = standing(_day(row["reported"]), facts, _day(row["now"]))
    assert (found.state, found.at) == (row["state"], _day(row["at"]))
    assert row["because"]


def test_the_table_is_long_enough() -> None:
    assert [row["number"] for row in ROWS] == [str(n) for n in range(1, len(ROWS) + 1)]
    assert len(ROWS) >= 40


days = st.integers(0, 900).map(lambda n: REPORTED + timedelta(hours=12 * n))
fact = st.one_of(
    st.builds(Fact, st.just("unfounded"), days),
    st.builds(Fact, st.just("hold"), days, days),
    st.builds(Fact, st.just("told"), days),
)


def _holds(facts: Sequence[Fact], now: datetime) -> bool:
    """Whether a hold stands, told as plainly as one can: the newest word that has come in."""
    words = [(f.at, f.until) for f in facts if f.kind == "hold" and f.at <= now and f.until]
    if not words:
        return False
    at, until = max(words)
    return now < min(until, add_months(at, 18))


@given(st.lists(fact, max_size=8), st.lists(days, min_size=1, max_size=8))
def test_nothing_is_due_while_a_hold_stands_whatever_the_order_of_moments(
    facts: list[Fact], moments: list[datetime]
) -> None:
    for now in moments:  # jumps backwards too
        found = standing(REPORTED, facts, now)
        if _holds(facts, now):
            assert found.state in ("held", "told")
        else:
            assert found.state != "held"
        if found.state == "waiting":
            assert found.at > now
        if found.state == "due":
            assert found.at <= now


@given(st.lists(fact.filter(lambda f: f.kind != "told"), max_size=8), days)
def test_what_waits_or_is_held_becomes_due_at_the_moment_that_was_said(facts: list[Fact], now: datetime) -> None:
    known = [f for f in facts if f.at <= now]
    found = standing(REPORTED, known, now)
    if found.state in ("waiting", "held"):
        assert standing(REPORTED, known, found.at).state == "due"
        assert standing(REPORTED, known, found.at - timedelta(seconds=1)).state != "due"


@given(st.lists(fact, max_size=8).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))), days)
def test_the_order_in_which_facts_are_read_does_not_matter(pair: tuple[list[Fact], list[Fact]], now: datetime) -> None:
    assert standing(REPORTED, pair[0], now) == standing(REPORTED, pair[1], now)
