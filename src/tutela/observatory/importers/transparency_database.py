"""Importer of daily dumps of the DSA Transparency Database: statements of reasons by platform and keyword."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import EUROPEAN_UNION, Coverage
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.importers.dsa_categories import KNOWN, MINORS

# The schema of the database changed on this day; columns before it have other names.
SCHEMA_CHANGE = date(2025, 7, 1)
_COLUMNS = ("platform_name", "category", "category_specification", "created_at", "uuid")
MOST_ROWS = 5_000_000


class DumpRefused(ValueError):
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
    """Count the statements of a dump. A statement that occurs twice counts once. Raises `DumpRefused`."""
    counted, unmapped = Counter[tuple[str, str]](), set[str]()
    seen, days, repeated = set[str](), set[date](), 0
    for row in _rows(data):
        if row["uuid"] in seen:
            repeated += 1
            continue
        seen.add(row["uuid"])
        days.add(_day(row["created_at"]))
        if row["category"] != MINORS:
            continue
        keywords = [one.strip(' "[]') for one in row["category_specification"].split(",")]
        for keyword in filter(None, keywords):
            counted[row["platform_name"], keyword] += 1
            if keyword not in KNOWN:
                unmapped.add(keyword)
    if len(days) != 1:
        raise DumpRefused("the file has no statement, or statements of several days")
    return DumpCount(days.pop(), dict(counted), repeated, tuple(sorted(unmapped)))


def _rows(data: bytes) -> Iterator[dict[str, str]]:
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        if not set(_COLUMNS) <= set(reader.fieldnames or ()):
            raise DumpRefused(f"the file lacks one of the columns {', '.join(_COLUMNS)}")
        for number, row in enumerate(reader):
            if number >= MOST_ROWS or any(row[name] is None for name in _COLUMNS):
                raise DumpRefused("a row has too few cells, or there are too many rows")
            yield row
    except (UnicodeDecodeError, csv.Error) as error:
        raise DumpRefused(f"the file is no CSV in UTF-8: {error}") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise DumpRefused(f"{text[:40]} is no day") from None
