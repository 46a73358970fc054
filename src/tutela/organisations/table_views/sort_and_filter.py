"""In-memory lists: search, sort and export as a file by the same columns.

A list whose rows must be selected by a database is sorted there (`paged`); this module is for lists that are always
short. On a page with several lists, each list's parameters begin with its prefix.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse

from tutela.exchange.message.spreadsheet_cells import cell

# Address parameters: the words to find, and the column to sort by; a minus reverses the order.
FIELDS = "find sort"
MOST_CHARACTERS = 100


@dataclass(frozen=True)
class Column[T]:
    """A column: its name in addresses and files, its heading, and a row's value (None: unknown).

    `shown`: the text that the page shows instead of a code; searches find this text.
    """

    key: str
    label: object
    value: Callable[[T], object]
    number: bool = False
    shown: Callable[[T], object] | None = None


@dataclass(frozen=True)
class Arranged[T]:
    """The rows that were asked for, in order; `total` of all there are; `prefix` of its words in an address."""

    rows: list[T]
    columns: Sequence[Column[T]]
    find: str
    sort: str
    total: int
    prefix: str = ""

    def column(self, key: str) -> Column[T]:
        return next(one for one in self.columns if one.key == key)

    def csv(self, name: str) -> HttpResponse:
        """The rows as a CSV file with this name."""
        lines = ([_cell(one.value(row)) for one in self.columns] for row in self.rows)
        return table(name, [[one.key for one in self.columns], *lines])


def as_file(asked: Mapping[str, str], prefix: str = "") -> bool:
    """Whether an address asks for the list as a file."""
    return asked.get("format") == f"{prefix}csv"


def arranged[T](
    asked: Mapping[str, str],
    rows: Iterable[T],
    columns: Sequence[Column[T]],
    prefix: str = "",
    first: Callable[[T], bool] | None = None,
) -> Arranged[T]:
    """Filter and sort a list by the parameters of an address.

    A parameter that names no column changes nothing; unknown values come last. Rows for which `first` is true come
    first in every order.
    """
    every = list(rows)
    find, sort = asked.get(f"{prefix}find", "").strip()[:MOST_CHARACTERS], asked.get(f"{prefix}sort", "")
    by = {one.key: one for one in columns}.get(sort.removeprefix("-"))
    found = [row for row in every if not find or _says(row, columns, find.casefold())]
    if by is not None:
        known = [row for row in found if by.value(row) is not None]
        found = sorted(known, key=lambda row: _rank(by.value(row)), reverse=sort.startswith("-")) + [
            row for row in found if by.value(row) is None
        ]
    if first is not None:
        found.sort(key=first, reverse=True)
    return Arranged(found, columns, find, sort if by else "", len(every), prefix)


def paged[T](rows: list[T], columns: Sequence[Column[T]], sort: str, sorts: Container[str]) -> Arranged[T]:
    """A page, or a file, of a list that a database has put in order: by `sort` where that is one of its orders."""
    return Arranged(rows, columns, "", sort if sort in sorts else "", len(rows))


def table(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A file to download. A cell that a spreadsheet would take for a formula is only text there."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    for row in rows:
        writer.writerow([cell(one) if isinstance(one, str) else one for one in row])
    return response


def streamed(name: str, rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A CSV file, as `table`, of more rows than fit in memory: each row is sent as it is read."""
    response = StreamingHttpResponse(_written(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _written(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([cell(one) if isinstance(one, str) else one for one in row])
        yield line.getvalue()


def _says[T](row: T, columns: Sequence[Column[T]], words: str) -> bool:
    return any(words in str(_cell((one.shown or one.value)(row))).casefold() for one in columns)


def _rank(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _cell(value: object) -> object:
    if value is None:
        return ""
    said = getattr(value, "isoformat", None)
    return said() if said else value if isinstance(value, int | float) else str(value)
