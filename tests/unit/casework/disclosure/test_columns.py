"""A published column reveals no small cell: by brute force over every column that agrees with what is published."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tutela.casework.disclosure.columns import protect_column, published

LEAST = 10
COLUMNS = st.lists(st.integers(0, 45), min_size=1, max_size=4)


@given(COLUMNS)
def test_no_total_reveals_a_small_cell(values: list[int]) -> None:
    column = {f"c{place}": value for place, value in enumerate(values)}
    found = protect_column(column, LEAST)
    if found.total is None:
        assert all(found.cells[name] is None for name, value in column.items() if 0 < value < LEAST)
        return
    ranges = [range(found.total + 1) if cell is None else range(cell, cell + 1) for cell in found.cells.values()]
    # The last cell is what is left of the total.
    agreeing = [
        (*some, found.total - sum(some)) for some in product(*ranges[:-1]) if found.total - sum(some) in ranges[-1]
    ]
    for place, value in enumerate(values):
        if 0 < value < LEAST:
            assert {one[place] for one in agreeing} >= set(range(LEAST))


def test_large_cells_are_shown_and_a_small_one_takes_another_with_it() -> None:
    assert protect_column({"a": 10, "b": 40}, LEAST).cells == {"a": 10, "b": 40}
    found = protect_column({"a": 3, "b": 30, "c": 90}, LEAST)
    assert (found.cells, found.total) == ({"a": None, "b": None, "c": 90}, 123)
    assert set(protect_column({"a": 3, "b": 11}, LEAST).cells.values()) == {None}
    assert protect_column({"a": 3}, LEAST).total is None
    assert (published(9, LEAST), published(10, LEAST), published(0, LEAST)) == (None, 10, 0)
    assert protect_column({}, LEAST).cells == {}
