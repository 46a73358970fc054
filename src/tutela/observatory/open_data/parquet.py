"""A dataset as a Parquet file: one row group, plain encoding, no compression.

The datasets of a node have thousands of rows and not millions, so that the simplest form of the format is enough and
needs no library at run time. A foreign reader checks it in the tests.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import date

from tutela.observatory.open_data import thrift_compact
from tutela.observatory.open_data.dataset import Cell, DataColumn, Dataset
from tutela.observatory.open_data.thrift_compact import Long, ThriftValue

MAGIC = b"PAR1"
_INT32, _INT64, _DOUBLE, _BYTES = 1, 2, 5, 6
_REQUIRED, _OPTIONAL = 0, 1
_PLAIN, _RLE = 0, 3
_UTF8, _DATE = 0, 6
_EPOCH = date(1970, 1, 1)
# Physical type of a column, and its converted type if it has one.
_TYPES: dict[str, tuple[int, int | None]] = {
    "string": (_BYTES, _UTF8),
    "integer": (_INT64, None),
    "double": (_DOUBLE, None),
    "date": (_INT32, _DATE),
}


def as_parquet(dataset: Dataset) -> bytes:
    """The rows of a dataset; texts, numbers and days. A missing value is null."""
    out, chunks = bytearray(MAGIC), list[ThriftValue]()
    for place, column in enumerate(dataset.columns):
        offset = len(out)
        out += _page(column, [row[place] for row in dataset.rows])
        chunks.append(_chunk(column, len(dataset.rows), offset, len(out) - offset))
    size = len(out) - len(MAGIC)
    footer = thrift_compact.struct(
        {
            1: 1,
            2: [{4: "rows", 5: len(dataset.columns)}, *map(_schema, dataset.columns)],
            3: Long(len(dataset.rows)),
            4: [{1: chunks, 2: Long(size), 3: Long(len(dataset.rows))}],
            6: "tutela",
        }
    )
    return bytes(out) + footer + struct.pack("<I", len(footer)) + MAGIC


def _schema(column: DataColumn) -> ThriftValue:
    physical, converted = _TYPES[column.datatype]
    found: dict[int, ThriftValue] = {1: physical, 3: _REQUIRED if column.required else _OPTIONAL, 4: column.name}
    return found if converted is None else {**found, 6: converted}


def _chunk(column: DataColumn, rows: int, offset: int, size: int) -> ThriftValue:
    physical, _converted = _TYPES[column.datatype]
    told: dict[int, ThriftValue] = {
        1: physical,
        2: [_PLAIN, _RLE],
        3: [column.name],
        4: 0,
        5: Long(rows),
        6: Long(size),
        7: Long(size),
        9: Long(offset),
    }
    return {2: Long(offset), 3: told}


def _page(column: DataColumn, cells: Sequence[Cell]) -> bytes:
    """One data page: which rows have a value, if the column may be without, and the values."""
    there = [one for one in cells if one is not None]
    if column.required and len(there) < len(cells):
        raise ValueError(f"{column.name} has no value in a row")
    body = (b"" if column.required else _levels(cells)) + b"".join(_value(column, one) for one in there)
    data_page: dict[int, ThriftValue] = {1: len(cells), 2: _PLAIN, 3: _RLE, 4: _RLE}
    return thrift_compact.struct({1: 0, 2: len(body), 3: len(body), 5: data_page}) + body


def _levels(cells: Sequence[Cell]) -> bytes:
    """Runs of rows with and without a value (RLE, one bit), with their length in front."""
    out, place = bytearray(), 0
    while place < len(cells):
        start, there = place, cells[place] is not None
        while place < len(cells) and (cells[place] is not None) == there:
            place += 1
        out += thrift_compact.varint((place - start) << 1) + bytes([there])
    return struct.pack("<I", len(out)) + bytes(out)


def _value(column: DataColumn, cell: Cell) -> bytes:
    if column.datatype == "integer":
        return struct.pack("<q", int(cell or 0))
    if column.datatype == "double":
        return struct.pack("<d", float(cell or 0))
    if column.datatype == "date":
        return struct.pack("<i", (date.fromisoformat(str(cell)) - _EPOCH).days)
    data = str(cell).encode()
    return struct.pack("<I", len(data)) + data
