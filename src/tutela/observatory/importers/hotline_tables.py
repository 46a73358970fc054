"""Importer of yearly tables of hotlines in the shape of INHOPE: CSV with hotline, country, year and counts.

Also surveys, whose shares keep the size of their sample and get an exact interval.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from tutela.indicators.audits import confidence_intervals
from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import Coverage, state_of
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.importers.cell_values import NotANumber, value_of

_COLUMNS = {"hotline", "country", "year", "reports", "items_illegal"}
# One hotline with more than this part of a total drives it.
DOMINANT = 0.4


class TableRefused(ValueError):
    """The file is no table of hotlines."""


@dataclass(frozen=True)
class HotlineTable:
    """Figures of hotlines, and the hotlines that drive a total by themselves."""

    figures: tuple[Figure, ...]
    dominant: tuple[str, ...]


def read_hotlines(data: bytes, vintage: date) -> HotlineTable:
    """Read a table of hotlines. Raises `TableRefused`."""
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        if not set(reader.fieldnames or ()) >= _COLUMNS:
            raise TableRefused(f"the file lacks one of the columns {', '.join(sorted(_COLUMNS))}")
        rows = list(reader)
        found = [one for row in rows for one in _of_row(row, vintage)]
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise TableRefused(str(error)) from None
    if len({(one.label, one.period, one.definition.key) for one in found}) != len(found):
        raise TableRefused("a hotline occurs twice in a year")
    return HotlineTable(tuple(found), _dominant(found))


def survey_share(
    definition: str, seen: int, of: int, period: ReportingPeriod, area: str, vintage: date, label: str = ""
) -> Figure:
    """A share of respondents with its denominator and exact interval. Raises `ValueError`."""
    interval = confidence_intervals.exact(seen, of)
    coverage = Coverage(frozenset({area}))
    kind = catalogue.definition(definition)
    sample = Figure(kind, period, coverage, of, vintage, label=f"n = {of}")
    return Figure(kind, period, coverage, seen / of, vintage, label=label, denominator=sample, interval=interval)


def _of_row(row: dict[str, str], vintage: date) -> list[Figure]:
    country = state_of(row["country"]) or row["country"].strip().upper()
    coverage = Coverage(frozenset({country}), frozenset({row["hotline"].strip()}))
    period = ReportingPeriod.parse(row["year"].strip())
    found = []
    for definition, column in (("inhope.reports", "reports"), ("inhope.items.illegal", "items_illegal")):
        try:
            value = value_of(row[column])
        except NotANumber as error:
            raise TableRefused(f"{error} is no number") from None
        kind = catalogue.definition(definition)
        found.append(Figure(kind, period, coverage, value, vintage, label=row["hotline"].strip()))
    return found


def _dominant(figures: list[Figure]) -> tuple[str, ...]:
    found = dict[str, None]()
    for key in {(one.definition.key, one.period) for one in figures}:
        same = [one for one in figures if (one.definition.key, one.period) == key and not one.is_missing]
        total = sum(one.number for one in same)
        found |= {one.label: None for one in same if total and one.number > DOMINANT * total and len(same) > 1}
    return tuple(sorted(found))
