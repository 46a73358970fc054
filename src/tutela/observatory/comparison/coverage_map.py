"""The coverage map of a comparison: which states are in it, which are left out in part, and which sent nothing."""

from __future__ import annotations

from dataclasses import dataclass

from tutela.exchange.message.translatable_text import Term
from tutela.exchange.message.translatable_text import marked as _
from tutela.observatory.comparison.comparability_check import CheckedReturns
from tutela.observatory.definitions.coverage import STATES

# Roughly where a state lies, in rows from north and columns from west: a reader finds it, nobody measures it.
_GRID = """
.. .. .. .. .. .. FI
.. .. .. .. SE .. EE
IE .. DK .. .. LT LV
.. NL .. DE PL .. ..
BE LU .. CZ SK .. ..
.. FR AT SI HU RO ..
PT ES .. IT HR BG ..
.. .. MT .. .. GR CY
"""


class StateCoverage(Term):
    """How much of a state is in the comparison."""

    WHOLE = "whole", _("every value counts")
    PART = "part", _("some values are left out")
    NONE = "none", _("no return")


# Sign and tone of each.
MARKS = {
    StateCoverage.WHOLE: ("✓", "good"),
    StateCoverage.PART: ("!", "warn"),
    StateCoverage.NONE: ("–", "quiet"),
}


@dataclass(frozen=True)
class StatePlace:
    """A state with its place on the map and its coverage."""

    state: str
    row: int
    column: int
    coverage: StateCoverage


@dataclass(frozen=True)
class GridPlace:
    """A state with its place on the map."""

    state: str
    row: int
    column: int


def grid() -> list[GridPlace]:
    """Every Member State with its place."""
    lines = [line.split() for line in _GRID.strip().splitlines()]
    return [
        GridPlace(state, row, column)
        for row, line in enumerate(lines)
        for column, state in enumerate(line)
        if state in STATES
    ]


def places(checked: CheckedReturns) -> list[StatePlace]:
    """Every Member State."""
    return [StatePlace(one.state, one.row, one.column, _coverage(checked, one.state)) for one in grid()]


def _coverage(checked: CheckedReturns, state: str) -> StateCoverage:
    if state not in checked.by_state:
        return StateCoverage.NONE
    barred = any(checked.bars(state, field.id) for field in checked.form.fields)
    missing = any(one.missing for one in checked.by_state[state].lines)
    return StateCoverage.PART if barred or missing else StateCoverage.WHOLE
