"""Protect small cells of a published column, also against its total. A pure function.

1. A cell below 10 is shown as "fewer than 10".
2. The total less the visible cells gives the sum of the others. So further cells are withheld, the smallest first,
   until each small cell may still have any value from 0 to 9 by what is published.
3. If that is not possible, every cell is withheld. A total below 10 is itself a small cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# A smaller count could point to one child, one case or one analyst.
SMALLEST = 10


class Shown(StrEnum):
    """How a cell is published."""

    VALUE = "value"
    SMALL = "small"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Cell:
    """A published cell: its value, or why there is none."""

    shown: Shown
    value: int | None = None


SMALL, WITHHELD = Cell(Shown.SMALL), Cell(Shown.WITHHELD)


def published(value: int) -> Cell:
    """A cell that is in no sum."""
    return SMALL if value < SMALLEST else Cell(Shown.VALUE, value)


def protected(column: Mapping[str, int]) -> dict[str, Cell]:
    """The cells of a column whose total is published."""
    small = {name for name, value in column.items() if value < SMALLEST}
    if not small:
        return {name: Cell(Shown.VALUE, value) for name, value in column.items()}
    withheld, others = set[str](), sorted((value, name) for name, value in column.items() if name not in small)
    while not _safe(sum(column[one] for one in small | withheld), len(withheld)):
        if len(withheld) == len(others):
            return dict.fromkeys(column, WITHHELD)
        withheld.add(others[len(withheld)][1])
    return {name: _cell(name, value, small, withheld) for name, value in column.items()}


def _safe(total: int, withheld: int) -> bool:
    """Rule 2: one small cell may be 9 while every withheld cell has its least value; then it may be 0 as well."""
    return withheld > 0 and total >= SMALLEST - 1 + SMALLEST * withheld


def _cell(name: str, value: int, small: set[str], withheld: set[str]) -> Cell:
    if name in small:
        return SMALL
    return WITHHELD if name in withheld else Cell(Shown.VALUE, value)
