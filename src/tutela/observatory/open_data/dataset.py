"""A dataset: typed columns, rows, and a version that names its content. The same rows always have the same version."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tutela.exchange.message.spreadsheet_cells import cell

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
VERSION_LENGTH = 16

type Cell = str | int | float | None


@dataclass(frozen=True)
class DataColumn:
    """A column: its name, title, XML Schema type, and what its values are."""

    name: str
    title: str
    datatype: str
    text: str
    required: bool = False


@dataclass(frozen=True)
class Change:
    """What a version added, for the changelog."""

    at: date
    text: str


@dataclass(frozen=True)
class Dataset:
    """A dataset with its rows. `source` and `licence` are those of the data, which may be somebody else's."""

    slug: str
    title: str
    text: str
    columns: tuple[DataColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    modified: date
    frequency: str
    source: str = ""
    licence: str = LICENCE
    publisher: str = ""
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row has other columns than the dataset")

    @cached_property
    def version(self) -> str:
        """The beginning of the SHA-256 of the CSV."""
        return hashlib.sha256(self.as_csv()).hexdigest()[:VERSION_LENGTH]

    def as_csv(self) -> bytes:
        """CSV by RFC 4180 in UTF-8; an empty cell is no value."""
        return csv_lines([tuple(one.name for one in self.columns), *self.rows])

    def as_json(self) -> bytes:
        """A list of objects, one for each row."""
        names = [one.name for one in self.columns]
        rows = [dict(zip(names, row, strict=True)) for row in self.rows]
        return json.dumps(rows, ensure_ascii=False, indent=1).encode()

    def citation(self, address: str) -> str:
        """How a text cites this version."""
        by = self.publisher or "Tutela"
        return f"{by} ({self.modified.year}): {self.title}. Version {self.version}. {address}"


def csv_lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Lines of CSV by RFC 4180, of which a spreadsheet runs none."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_text(one) for one in row] for row in rows)
    return out.getvalue().encode()


def _text(value: Cell) -> str:
    if value is None:
        return ""
    return cell(value) if isinstance(value, str) else str(value)
