"""Importer of yearly tables of hotlines in the shape of INHOPE: CSV with hotline, country, year and counts.

Also surveys, whose shares keep the size of their sample and get an exact interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tutela.indicators.audits import confidence_intervals
from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import Coverage
from tutela.observatory.definitions.definition import Figure, Value
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.importers import table_rows
from tutela.observatory.importers.cell_values import NotANumber, value_of
from tutela.observatory.importers.table_rows import ImportRefused, TableRow

_COLUMNS = ("hotline", "country", "year", "reports", "items_illegal")
MOST_ROWS = 10_000
# One hotline with more than this part of a total drives it.
DOMINANT = 0.4


class TableRefused(ImportRefused):
    """The file is no table of hotlines."""


@dataclass(frozen=True)
class HotlineTable:
    """Figures of hotlines, and the hotlines that drive a total by themselves."""

    figures: tuple[Figure, ...]
    dominant: tuple[str, ...]


def read_hotlines(data: bytes, vintage: date) -> HotlineTable:
    """Read a table of hotlines. Raises `TableRefused`, naming row, field and reason."""
    try:
        found = dict[tuple[str, str], list[Figure]]()
        for row in table_rows.read_rows(data, _COLUMNS, MOST_ROWS):
            place = row.read("hotline", table_rows.name), str(row.read("year", table_rows.period))
            if place in found:
                raise row.refused("year", f"{place[0]} has another row of {place[1]}")
            found[place] = _of_row(row, vintage)
    except ImportRefused as error:
        raise TableRefused(str(error)) from None
    figures = tuple(one for some in found.values() for one in some)
    if not figures:
        raise TableRefused("the file has no rows")
    return HotlineTable(figures, _dominant(figures))


def survey_share(
    definition: str, seen: int, of: int, period: ReportingPeriod, area: str, vintage: date, label: str = ""
) -> Figure:
    """A share of respondents with its denominator and exact interval. Raises `ValueError`."""
    interval = confidence_intervals.exact(seen, of)
    coverage = Coverage(frozenset({area}))
    kind = catalogue.definition(definition)
    sample = Figure(kind, period, coverage, of, vintage, label=f"n = {of}")
    return Figure(kind, period, coverage, seen / of, vintage, label=label, denominator=sample, interval=interval)


def _of_row(row: TableRow, vintage: date) -> list[Figure]:
    hotline, period = row.read("hotline", table_rows.name), row.read("year", table_rows.period)
    coverage = Coverage(frozenset({row.read("country", table_rows.area)}), frozenset({hotline}))
    return [
        Figure(catalogue.definition(name), period, coverage, row.read(column, _count), vintage, label=hotline)
        for name, column in (("inhope.reports", "reports"), ("inhope.items.illegal", "items_illegal"))
    ]


def _count(text: str) -> Value:
    try:
        return value_of(text)
    except NotANumber as error:
        raise ValueError(f"{error} is no number and no code for a missing value") from None


def _dominant(figures: Sequence[Figure]) -> tuple[str, ...]:
    found = dict[str, None]()
    for key in {(one.definition.key, one.period) for one in figures}:
        same = [one for one in figures if (one.definition.key, one.period) == key and not one.is_missing]
        total = sum(one.number for one in same)
        found |= {one.label: None for one in same if total and one.number > DOMINANT * total and len(same) > 1}
    return tuple(sorted(found))
