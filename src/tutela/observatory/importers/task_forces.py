"""Editions of Europol's Victim Identification Task Force, with what each number is.

"Identified during an edition" and "identified since 2014" are two definitions. The second only rises. Its differences
are not what editions identified: children are also identified later, from datasets of an earlier edition.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import WORLD, Coverage
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.period import LAST_YEAR, ReportingPeriod
from tutela.observatory.importers import table_rows
from tutela.observatory.importers.table_rows import ImportRefused, TableRow

BEGINNING = date(2014, 11, 1)
_COLUMNS = ("edition", "first", "last", "during", "cumulative", "arrests", "files_held")
MOST_EDITIONS = 1000


class EditionsRefused(ImportRefused):
    """The file is no table of editions."""


@dataclass(frozen=True)
class Edition:
    """An edition as Europol announced it; None for what was not said. `mark` is how well it was checked.

    Periods are the months that were named. Totals that were announced as "more than" are lower bounds.
    """

    number: int
    first: date
    last: date
    during: int | None
    cumulative: int | None
    arrests: int | None
    files_held: int | None
    mark: str


EDITIONS = (
    Edition(10, date(2021, 10, 1), date(2021, 11, 30), 18, 533, 182, None, "verified"),
    Edition(14, date(2024, 4, 1), date(2024, 5, 31), 4, 700, 230, 68_000_000, "verified"),
    Edition(16, date(2025, 5, 1), date(2025, 5, 31), 3, None, None, 100_000_000, "verified"),
    Edition(17, date(2025, 9, 1), date(2025, 9, 30), 51, 1_000, 301, 111_000_000, "excerpt"),
)


def read_editions(data: bytes) -> list[Edition]:
    """Read a table of editions; an empty cell is what was not said. Raises `EditionsRefused`.

    The error names row, field and reason.
    """
    found = dict[int, Edition]()
    try:
        for row in table_rows.read_rows(data, _COLUMNS, MOST_EDITIONS):
            one = _edition(row)
            if one.number in found:
                raise row.refused("edition", f"{one.number} is in an earlier row")
            found[one.number] = one
    except ImportRefused as error:
        raise EditionsRefused(str(error)) from None
    if not found:
        raise EditionsRefused("the file has no rows")
    ordered = sorted(found.values(), key=lambda one: one.number)
    told = [one for one in ordered if one.cumulative is not None]
    for earlier, later in itertools.pairwise(told):
        if (later.cumulative or 0) < (earlier.cumulative or 0):
            raise EditionsRefused(f"cumulative: the total of edition {later.number} is less than the one before")
    return ordered


def _edition(row: TableRow) -> Edition:
    number = row.read("edition", table_rows.whole_number)
    during, total, arrests, held = (
        row.read(name, lambda text: table_rows.whole_number(text) if text else None)
        for name in ("during", "cumulative", "arrests", "files_held")
    )
    first, last = (row.read(name, table_rows.day) for name in ("first", "last"))
    if not first >= BEGINNING:
        raise row.refused("first", f"{first} is before the first edition")
    if not first <= last or last.year > LAST_YEAR:
        raise row.refused("last", f"{last} is before the first day, or after {LAST_YEAR}")
    return Edition(number, first, last, during, total, arrests, held, "imported")


def figures(editions: Sequence[Edition] = EDITIONS) -> list[Figure]:
    """Every number of every edition as a figure of its own definition."""
    found = []
    for one in editions:
        for definition, value in (
            ("europol.children.edition", one.during),
            ("europol.children", one.cumulative),
            ("europol.files", one.files_held),
        ):
            if value is None:
                continue
            period = ReportingPeriod(one.first, one.last)
            if definition == "europol.children":
                period = ReportingPeriod(BEGINNING, one.last)
            if definition == "europol.files":
                period = ReportingPeriod(one.last, one.last)
            coverage = Coverage(frozenset({WORLD}))
            label = f"edition {one.number}"
            found.append(Figure(catalogue.definition(definition), period, coverage, value, one.last, label=label))
    return found
