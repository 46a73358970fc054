"""Published cells reveal no small one: by brute force over every column that agrees with what is published."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.takedown.ledger.disclosure import SMALLEST, Cell, Shown, protected, published

COLUMNS = st.lists(st.integers(0, 45), min_size=1, max_size=4)


def _possible(cell: Cell, total: int) -> range:
    """The values that a cell may have, as a reader knows it."""
    if cell.value is not None:
        return range(cell.value, cell.value + 1)
    return range(SMALLEST) if cell.shown is Shown.SMALL else range(total + 1)


@settings(max_examples=120, deadline=None)
@given(COLUMNS)
def test_no_total_reveals_a_small_cell(values: list[int]) -> None:
    column = {f"c{place}": value for place, value in enumerate(values)}
    total, cells = sum(values), protected(column)
    if published(total).shown is Shown.SMALL:
        assert all(cell.value is None for cell in cells.values())
        return
    ranges = [_possible(cells[name], total) for name in column]
    # The last cell is what is left of the total.
    agreeing = [(*some, total - sum(some)) for some in product(*ranges[:-1]) if total - sum(some) in ranges[-1]]
    for place, value in enumerate(values):
        if value < SMALLEST:
            assert len({one[place] for one in agreeing}) >= SMALLEST


def test_large_cells_are_shown_and_a_small_one_takes_another_with_it() -> None:
    assert protected({"a": 10, "b": 40}) == {"a": Cell(Shown.VALUE, 10), "b": Cell(Shown.VALUE, 40)}
    found = protected({"a": 3, "b": 30, "c": 90})
    assert [found[name].shown for name in "abc"] == [Shown.SMALL, Shown.WITHHELD, Shown.VALUE]
    assert {one.shown for one in protected({"a": 3, "b": 11}).values()} == {Shown.WITHHELD}
    assert published(9) == Cell(Shown.SMALL)
    assert published(10) == Cell(Shown.VALUE, 10)
    assert protected({}) == {}
