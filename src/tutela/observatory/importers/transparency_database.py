"""Importer of daily dumps of the DSA Transparency Database: statements of reasons by platform and keyword."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import EUROPEAN_UNION, Coverage
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.period import LAST_YEAR, ReportingPeriod
from tutela.observatory.importers import table_rows
from tutela.observatory.importers.dsa_categories import KNOWN, MINORS
from tutela.observatory.importers.table_rows import ImportRefused, TableRow

# The schema of the database changed on this day; columns before it have other names.
SCHEMA_CHANGE = date(2025, 7, 1)
# The database opened in this year.
SCHEMA_BEGAN = 2023
_COLUMNS = ("platform_name", "category", "category_specification", "created_at", "uuid")
MOST_ROWS = 5_000_000


class DumpRefused(ImportRefused):
    """The file is no dump of the Transparency Database."""


@dataclass(frozen=True)
class DumpCount:
    """Statements of one day about the protection of minors, by platform and keyword. `repeated` were in it twice."""

    day: date
    by_keyword: dict[tuple[str, str], int]
    repeated: int
    unmapped: tuple[str, ...]

    def figures(self, vintage: date) -> list[Figure]:
        """One figure for each platform and keyword."""
        definition = catalogue.definition("dsa.database.statements")
        period = ReportingPeriod(self.day, self.day)
        return [
            Figure(
                definition,
                period,
                Coverage(frozenset({EUROPEAN_UNION}), frozenset({platform})),
                number,
                vintage,
                label=f"{platform} {keyword}",
            )
            for (platform, keyword), number in sorted(self.by_keyword.items())
        ]


def count(data: bytes) -> DumpCount:
    """Count the statements of a dump. A statement that occurs twice counts once.

    Raises `DumpRefused`, naming row, field and reason.
    """
    try:
        return _counted(table_rows.read_rows(data, _COLUMNS, MOST_ROWS))
    except ImportRefused as error:
        raise DumpRefused(str(error)) from None


def _counted(rows: Iterable[TableRow]) -> DumpCount:
    counted, unmapped = Counter[tuple[str, str]](), set[str]()
    seen, day, repeated = set[str](), None, 0
    for row in rows:
        statement = row.read("uuid", table_rows.name)
        if statement in seen:
            repeated += 1
            continue
        seen.add(statement)
        own = row.read("created_at", _day)
        if day is not None and own != day:
            raise row.refused("created_at", f"{own} is another day than {day}")
        day = own
        if row.cells["category"].strip() != MINORS:
            continue
        platform = row.read("platform_name", table_rows.name)
        for keyword in filter(None, (one.strip(' "[]') for one in row.cells["category_specification"].split(","))):
            counted[platform, keyword[: table_rows.MOST_NAME]] += 1
            if keyword not in KNOWN:
                unmapped.add(keyword[: table_rows.MOST_NAME])
    if day is None:
        raise DumpRefused("the file has no statement")
    return DumpCount(day, dict(counted), repeated, tuple(sorted(unmapped)))


def _day(text: str) -> date:
    """The day of a moment; only days of a reporting period."""
    found = table_rows.day(text[:10])
    if not SCHEMA_BEGAN <= found.year <= LAST_YEAR:
        raise ValueError(f"{found} is not from {SCHEMA_BEGAN} to {LAST_YEAR}")
    return found
