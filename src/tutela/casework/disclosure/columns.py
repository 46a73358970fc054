"""Protect a published column of counts, also against its total. None stands for a count that is not published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tutela.casework.disclosure.rules import CountedTable
from tutela.casework.disclosure.suppression import CannotProtect, protect


@dataclass(frozen=True)
class ProtectedColumn:
    """The cells of a column and its total, as they may be published."""

    cells: dict[str, int | None]
    total: int | None


def published(value: int, least: int) -> int | None:
    """A count that is in no sum: None from 1 to below `least`."""
    return None if 0 < value < least else value


def protect_margins(cells: Mapping[tuple[str, str], int], least: int) -> tuple[ProtectedColumn, ProtectedColumn]:
    """Two columns that count the same by two groupings; `cells` are the counts by both, which are not published.

    Each column alone is no protection: who knows which cells are empty computes a line of one from lines of the other.
    """
    rows, columns = (tuple(dict.fromkeys(key[place] for key in cells)) for place in (0, 1))
    if not cells:
        return ProtectedColumn({}, 0), ProtectedColumn({}, 0)
    table = CountedTable(
        rows, columns, tuple(tuple(cells.get((r, c), 0) for c in columns) for r in rows), threshold=least
    )
    try:
        shown = protect(table)
    except CannotProtect:
        return ProtectedColumn(dict.fromkeys(rows), None), ProtectedColumn(dict.fromkeys(columns), None)
    # The total is a line of the other column, if that has only one.
    lines = (*(shown.row_totals if len(rows) == 1 else ()), *(shown.column_totals if len(columns) == 1 else ()))
    total = None if None in (shown.total, *lines) else shown.total
    by_row, by_column = (
        dict(zip(rows, shown.row_totals, strict=True)),
        dict(zip(columns, shown.column_totals, strict=True)),
    )
    if total is None:
        by_row |= dict.fromkeys(rows) if len(rows) == 1 else {}
        by_column |= dict.fromkeys(columns) if len(columns) == 1 else {}
    return ProtectedColumn(by_row, total), ProtectedColumn(by_column, total)


def protect_column(column: Mapping[str, int], least: int) -> ProtectedColumn:
    """A column whose total is published too. Nothing of it is, where no pattern of hidden cells protects it."""
    names = tuple(column)
    if not names:
        return ProtectedColumn({}, 0)
    table = CountedTable(names, ("",), tuple((column[name],) for name in names), threshold=least)
    try:
        shown = protect(table)
    except CannotProtect:
        return ProtectedColumn(dict.fromkeys(names), None)
    # A cell and the margin of its line are one number: what hides one hides the other.
    lines = zip(names, shown.cells, shown.row_totals, strict=True)
    cells = {name: None if total is None else cell for name, (cell,), total in lines}
    return ProtectedColumn(cells, None if None in (shown.total, *shown.column_totals) else shown.total)
