"""Rows of a published CSV. Whatever is wrong is refused with its row, its field and the reason; the head is row 1.

A row has as many cells as the head. An empty row is none. A cell is text until its importer reads it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tutela.exchange.message.line_ends import CutOffError, whole_lines
from tutela.observatory.definitions.coverage import EUROPEAN_UNION, WORLD, state_of
from tutela.observatory.definitions.period import ReportingPeriod

MOST_CELL, MOST_DIGITS, MOST_NAME = 20_000, 15, 200
_SHOWN = 40


class ImportRefused(ValueError):
    """A file that is not of its format. The text names row and field, as far as there are, and the reason."""


@dataclass(frozen=True)
class TableRow:
    """A row by the names of the head, with its number in the file."""

    number: int
    cells: Mapping[str, str]

    def read[T](self, name: str, reader: Callable[[str], T]) -> T:
        """A cell as its reader takes it. Raises `ImportRefused`."""
        try:
            return reader(self.cells[name].strip())
        except ValueError as error:
            raise self.refused(name, str(error)) from None

    def refused(self, name: str, reason: str) -> ImportRefused:
        """The error about a cell of this row."""
        return ImportRefused(f"row {self.number}, {name}: {reason}")


def read_rows(data: bytes, columns: Collection[str], most: int) -> Iterator[TableRow]:
    """Rows of a file that has these columns, and perhaps others. Raises `ImportRefused`, also while it reads."""
    lines = numbered(data, most)
    _number, head = next(lines)
    if missing := sorted(set(columns) - set(head)):
        raise ImportRefused(f"row 1 lacks the columns {', '.join(missing)}")
    if twice := sorted(one for one in columns if head.count(one) > 1):
        raise ImportRefused(f"row 1 has the columns {', '.join(twice)} twice")
    for number, line in lines:
        yield TableRow(number, dict(zip(head, line, strict=True)))


def numbered(data: bytes, most: int) -> Iterator[tuple[int, list[str]]]:
    """The head and every row that is not empty, with their numbers. Raises `ImportRefused`, also while it reads."""
    try:
        reader = csv.reader(whole_lines(io.StringIO(data.decode("utf-8-sig"), newline="")), strict=True)
        head = [one.strip() for one in next(reader, [])]
        if not any(head):
            raise ImportRefused("row 1 has no names of columns")
        yield 1, head
        for number, line in enumerate(reader, 2):
            if not any(one.strip() for one in line):
                continue
            _whole(number, line, head, most)
            yield number, line
    except UnicodeDecodeError as error:
        raise ImportRefused(f"the file is not UTF-8 at byte {error.start}") from None
    except CutOffError as error:
        raise ImportRefused(str(error)) from None
    except csv.Error as error:
        raise ImportRefused(f"the file is no CSV: {error}") from None


def _whole(number: int, line: list[str], head: list[str], most: int) -> None:
    if number > most + 1:
        raise ImportRefused(f"the file has more than {most} rows")
    if len(line) != len(head):
        raise ImportRefused(f"row {number} has {len(line)} cells, and row 1 has {len(head)}")
    for name, text in zip(head, line, strict=True):
        if len(text) > MOST_CELL:
            raise ImportRefused(f"row {number}, {name[:_SHOWN]}: longer than {MOST_CELL} characters")


def whole_number(text: str) -> int:
    """A whole number from 0 on, in digits alone. Raises `ValueError`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise ValueError(f"{_said(text)} is no whole number from 0 on")
    return int(text)


def name(text: str) -> str:
    """A name of 1 to 200 characters. Raises `ValueError`."""
    if not text or len(text) > MOST_NAME:
        raise ValueError(f"the cell is empty or longer than {MOST_NAME} characters")
    return text


def day(text: str) -> date:
    """A day such as 2026-11-30. Raises `ValueError`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{_said(text)} is no day such as 2026-11-30") from None


def period(text: str) -> ReportingPeriod:
    """A period such as 2026 or 2026-Q3. Raises `ValueError`."""
    try:
        return ReportingPeriod.parse(text)
    except ValueError:
        raise ValueError(f"{_said(text)} is no period such as 2026 or 2026-Q3") from None


def area(text: str) -> str:
    """A Member State in two letters, another country in two or three, EU or world. Raises `ValueError`."""
    code = text.upper()
    if text.lower() == WORLD:
        return WORLD
    if code == EUROPEAN_UNION or state_of(code):
        return state_of(code) or EUROPEAN_UNION
    if not (code.isascii() and code.isalpha() and 2 <= len(code) <= 3):
        raise ValueError(f"{_said(text)} is no code of a country")
    return code


def _said(text: str) -> str:
    return text[:_SHOWN] or "an empty cell"
