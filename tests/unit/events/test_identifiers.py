"""Numbers that people read out over a telephone."""

from __future__ import annotations

from itertools import pairwise

from tutela.events.identifiers import ALPHABET, case_number, case_number_valid, first_from_now, uuid7


def test_every_wrong_sign_and_every_swap_of_neighbours_is_caught() -> None:
    for _ in range(20):
        number = case_number("R")
        assert case_number_valid(number)
        places = [i for i in range(2, 11) if number[i] != "-"]
        for i in places:
            others = [sign for sign in ALPHABET if sign != number[i]]
            assert not any(case_number_valid(number[:i] + sign + number[i + 1 :]) for sign in others)
        for left, right in pairwise(places):
            if number[left] != number[right]:
                swapped = list(number)
                swapped[left], swapped[right] = swapped[right], swapped[left]
                assert not case_number_valid("".join(swapped))


def test_number_is_read_in_either_case_and_nothing_else_is_a_number() -> None:
    number = case_number("R")
    assert case_number_valid(f" {number.lower()} ")
    assert not case_number_valid("")
    assert not case_number_valid(number.replace("-", ""))


def test_ids_carry_their_version() -> None:
    assert {uuid7().version for _ in range(9)} == {7}


def test_every_id_that_is_drawn_from_now_on_is_at_least_the_first() -> None:
    for _ in range(1000):
        first = first_from_now()
        assert first <= uuid7()
        assert first.version == 7
