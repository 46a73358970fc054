"""Editions of Europol's Victim Identification Task Force, with what each number is.

"Identified during an edition" and "identified since 2014" are two definitions. The second only rises. Its differences
are not what editions identified: children are also identified later, from datasets of an earlier edition.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import WORLD, Coverage
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.period import ReportingPeriod

BEGINNING = date(2014, 11, 1)
_COLUMNS = {"edition", "first", "last", "during", "cumulative", "arrests", "files_held"}


class EditionsRefused(ValueError):
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
    """Read a table of editions; an empty cell is what was not said. Raises `EditionsRefused`."""
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        if not set(reader.fieldnames or ()) >= _COLUMNS:
            raise EditionsRefused(f"the file lacks one of the columns {', '.join(sorted(_COLUMNS))}")
        found = sorted(map(_edition, reader), key=lambda one: one.number)
    except (UnicodeDecodeError, csv.Error, ValueError, AttributeError) as error:
        raise EditionsRefused(str(error)) from None
    if len({one.number for one in found}) != len(found):
        raise EditionsRefused("an edition occurs twice")
    totals = [one.cumulative for one in found if one.cumulative is not None]
    if totals != sorted(totals):
        raise EditionsRefused("a total since the beginning falls")
    return found


def _edition(row: Mapping[str, str]) -> Edition:
    during, total, arrests, held = (
        int(row[name]) if row[name].strip() else None for name in ("during", "cumulative", "arrests", "files_held")
    )
    if any(one is not None and one < 0 for one in (during, total, arrests, held)):
        raise EditionsRefused("a count is negative")
    first, last = (date.fromisoformat(row[name].strip()) for name in ("first", "last"))
    if last < first:
        raise EditionsRefused("an edition ends before it begins")
    return Edition(int(row["edition"]), first, last, during, total, arrests, held, "imported")


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
