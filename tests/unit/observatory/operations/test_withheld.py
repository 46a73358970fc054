"""Few persons are withheld with what gives them away, and nothing else is."""

from __future__ import annotations

import random

import pytest

from tutela.observatory.operations.withheld import gives_away, withheld

DECIDED, CONFIRMED, REJECTED = (f"provider.candidates.{one}/1" for one in ("decided", "confirmed", "rejected"))
RECEIVED, REFERRED = "centre.reports.received/1", "authority.referrals.received/1"
COMPLAINTS, ADDRESSES = "redress.complaints.decided/1", "hotline.addresses.opened/1"


@pytest.mark.parametrize("name", [RECEIVED, REFERRED, COMPLAINTS, CONFIRMED])
@pytest.mark.parametrize(("value", "hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_what_stands_for_one_person_each_is_counted_as_persons(name: str, value: int, hidden: bool) -> None:
    assert (name in withheld({name: value})) == hidden


def test_addresses_are_no_persons() -> None:
    assert withheld({ADDRESSES: 1}, [{ADDRESSES: 3}]) == frozenset()


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        ({DECIDED: 100, CONFIRMED: 97, REJECTED: 3}, {DECIDED, REJECTED}),
        ({DECIDED: 100, CONFIRMED: 90, REJECTED: 10}, set()),
        ({DECIDED: 100, CONFIRMED: 100, REJECTED: 0}, set()),
        ({DECIDED: 3, CONFIRMED: 3, REJECTED: 0}, {DECIDED, CONFIRMED}),
        # A match that was confirmed and rejected is in both parts.
        ({DECIDED: 100, CONFIRMED: 98, REJECTED: 50}, {DECIDED}),
    ],
)
def test_a_whole_that_gives_a_part_away_is_withheld(values: dict[str, int], hidden: set[str]) -> None:
    assert withheld(values) == hidden


def test_a_small_change_since_any_earlier_release_is_withheld() -> None:
    earlier = [{RECEIVED: 10}, {RECEIVED: 30}]
    assert withheld({RECEIVED: 12}, earlier) == {RECEIVED}
    assert withheld({RECEIVED: 33}, earlier) == {RECEIVED}
    assert withheld({RECEIVED: 20}, earlier) == frozenset()
    assert withheld({RECEIVED: 10}, earlier) == frozenset()
    whole = {DECIDED: 60, CONFIRMED: 42, REJECTED: 18}
    assert withheld(whole, [{DECIDED: 30, CONFIRMED: 40, REJECTED: 10}]) == {DECIDED, CONFIRMED}


@pytest.mark.parametrize("seed", range(300))
def test_a_reader_computes_no_count_of_few_persons(seed: int) -> None:
    draw = random.Random(seed)
    values = {name: draw.choice([0, 1, 2, 4, 5, 9, 50, 97]) for name in (CONFIRMED, REJECTED)}
    values[DECIDED] = sum(values.values())
    hidden = withheld(values)
    shown = {name: value for name, value in values.items() if name not in hidden}
    computed = set(shown.values())
    if DECIDED in shown:
        computed |= {shown[DECIDED] - shown[one] for one in (CONFIRMED, REJECTED) if one in shown}
    assert not computed & {1, 2, 3, 4}
    assert gives_away(shown, hidden) == []
