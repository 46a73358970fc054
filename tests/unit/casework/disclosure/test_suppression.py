"""Suppression holds against linear programming with HiGHS, which shares no code with ours."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from tutela.casework.disclosure import rules, suppression
from tutela.casework.disclosure.bounds import Network
from tutela.casework.disclosure.rules import BelowState, CountedTable
from tutela.casework.disclosure.suppression import CannotProtect, ProtectedTable

STATES = ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE")


def table(cells: list[list[int]], **more: object) -> CountedTable:
    given = {"persons": True, **more}
    rows, columns = tuple(f"r{n}" for n in range(len(cells))), tuple(f"c{n}" for n in range(len(cells[0])))
    return CountedTable(rows, columns, tuple(map(tuple, cells)), **given)  # type: ignore[arg-type]


def attack(shown: ProtectedTable) -> dict[tuple[int, int], tuple[float, float]]:
    """Bounds of every hidden cell and margin, by a linear programme over all equations of the table."""
    rows, columns = len(shown.rows), len(shown.columns)
    width, values = columns + 1, {}
    lines = [(*line, total) for line, total in zip(shown.cells, shown.row_totals, strict=True)]
    for r, line in enumerate([*lines, (*shown.column_totals, shown.total)]):
        values |= {(r, c): value for c, value in enumerate(line)}
    equations = np.zeros((rows + columns + 2, (rows + 1) * width))
    for r in range(rows + 1):
        equations[r, r * width : r * width + columns], equations[r, r * width + columns] = 1, -1
    for c in range(columns + 1):
        for r in range(rows):
            equations[rows + 1 + c, r * width + c] = 1
        equations[rows + 1 + c, rows * width + c] = -1
    limits = [(value, value) if value is not None else (0, None) for value in values.values()]
    found = {}
    for place, value in values.items():
        if value is not None:
            continue
        goal = np.zeros((rows + 1) * width)
        goal[place[0] * width + place[1]] = 1
        low, high = (
            linprog(sign * goal, A_eq=equations, b_eq=np.zeros(len(equations)), bounds=limits) for sign in (1, -1)
        )
        found[place] = (low.fun, float("inf") if high.status == 3 else -high.fun)
    return found


def check(given: CountedTable) -> ProtectedTable:
    shown = suppression.protect(given)
    values = Network(given).values
    primary = rules.confidential(given)
    bounds = attack(shown)
    assert primary <= set(bounds)
    for place in primary:
        low, high = bounds[place]
        assert low <= 0.8 * values[place] + 1e-6, (place, values[place], low)
        assert high >= 1.2 * values[place] - 1e-6, (place, values[place], high)
        assert high - low >= 1
    return shown


@pytest.mark.parametrize("seed", range(12))
def test_no_hidden_cell_of_a_random_table_can_be_bounded(seed: int) -> None:
    draw = random.Random(seed)
    cells = [[draw.choice([0, 0, 1, 2, 3, 7, 20, 300]) + draw.randrange(9) for _ in range(4)] for _ in range(6)]
    shown = check(table(cells))
    assert any(value is not None for line in shown.cells for value in line)


def test_the_table_whose_margins_leak() -> None:
    leaking = table([[2, 40, 60], [50, 30, 20], [10, 80, 90]])
    alone = {(0, 0)}
    assert Network(leaking).bounds((0, 0), alone).high == 2  # hidden alone, the margins tell it
    shown = check(leaking)
    assert shown.complementary >= 3


def test_bounds_equal_those_of_the_linear_programme() -> None:
    given = table([[2, 40, 60, 3], [50, 3, 20, 8], [10, 80, 4, 9]])
    shown = suppression.protect(given)
    network, hidden = Network(given), set(attack(shown))
    for place, (low, high) in attack(shown).items():
        ours = network.bounds(place, hidden)
        assert ours.low == pytest.approx(low, abs=1e-6)
        assert (ours.high if ours.high is not None else float("inf")) == pytest.approx(high, abs=1e-6)


def test_a_table_of_one_row_or_one_cell_hides_its_margins_too() -> None:
    shown = check(table([[2, 40, 60]]))
    assert shown.column_totals[0] is None
    assert suppression.protect(table([[2]])).total is None


def test_children_by_age_gender_and_state_need_ten() -> None:
    ages = ("0-6 girl", "0-6 boy", "7-12 girl", "7-12 boy", "13-17 girl", "13-17 boy")
    draw = random.Random(7)
    cells = tuple(tuple(draw.randrange(60) for _ in ages) for _ in STATES)
    given = CountedTable(STATES, ages, cells, frozenset({"age", "gender", "state"}), children=True)
    assert given.least == 10
    shown = check(given)
    assert all(value is None or value == 0 or value >= 10 for line in shown.cells for value in line)


def test_reports_are_no_persons_and_stay_as_they_are() -> None:
    shown = suppression.protect(table([[1, 2], [3, 4]], persons=False))
    assert (shown.cells, shown.total, shown.primary) == (((1, 2), (3, 4)), 10, 0)


def test_a_zero_that_says_where_everybody_is_is_hidden() -> None:
    assert rules.confidential(table([[30, 0, 0], [30, 20, 20], [20, 20, 9]])) == {(0, 1), (0, 2)}


def test_one_contributor_of_a_confidential_cell_is_hidden() -> None:
    parts = {(0, 0): [90, 10], (0, 1): [50, 50]}
    assert rules.confidential(table([[100, 100], [100, 100]], contributors=parts)) == {(0, 0)}


@pytest.mark.parametrize("dimension", ["municipality", "region", "school"])
def test_no_table_of_persons_goes_below_a_state(dimension: str) -> None:
    with pytest.raises(BelowState):
        suppression.protect(table([[50, 60], [70, 80]], dimensions=frozenset({dimension})))


@pytest.mark.parametrize("cells", [[[1, -2]], [[1], [1, 2]]])
def test_what_is_no_table_is_refused(cells: list[list[int]]) -> None:
    with pytest.raises(ValueError, match=r"table|count"):
        table(cells)


def test_every_small_table_of_two_by_two_is_protected_or_refused() -> None:
    for cells in product((0, 1, 4, 5, 30), repeat=4):
        given = table([list(cells[:2]), list(cells[2:])])
        try:
            suppression.protect(given)
        except CannotProtect:
            assert sum(cells) < 60 or 0 in cells, cells
