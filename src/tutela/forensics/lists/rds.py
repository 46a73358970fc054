"""NSRL's Reference Data Set (RDS) as a list of lawful files: the CSV of version 2, and the SQLite of version 3."""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import NAMESPACE_OID, uuid5

from tutela.exchange.message.line_ends import CutOffError, whole_lines
from tutela.forensics.errors import ListUnreadableError
from tutela.matching import Record

_COLUMNS = {"sha-256": "sha256", "sha256": "sha256", "sha-1": "sha1", "sha1": "sha1", "md5": "md5"}
_SQLITE = b"SQLite format 3\0"
_HEX = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")
# Of a name in the database: no quoting is needed for these.
_NAME = re.compile(r"\w{1,100}")


def rds_records(path: Path) -> Iterator[Record]:
    """The entries of a reference data set. Raises ListUnreadableError for another kind of file."""
    try:
        with path.open("rb") as file:
            start = file.read(len(_SQLITE))
        yield from _from_database(path) if start == _SQLITE else _from_csv(path)
    except CutOffError as error:
        raise ListUnreadableError(f"{path}: {error}.") from None
    except (OSError, UnicodeDecodeError, csv.Error, sqlite3.Error) as error:
        raise ListUnreadableError(f"{path}: {type(error).__name__}.") from None


def _from_csv(path: Path) -> Iterator[Record]:
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        rows = csv.reader(whole_lines(file))
        heads = [_COLUMNS.get(name.strip().lower(), "") for name in next(rows, [])]
        if not any(heads):
            raise ListUnreadableError(f"{path}: no column SHA-256, SHA-1 or MD5.")
        for row in rows:
            yield _record({head: value.strip() for head, value in zip(heads, row, strict=False) if head})


def _from_database(path: Path) -> Iterator[Record]:
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True)
    try:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if not _NAME.fullmatch(table):
                continue
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            kept = {name: _COLUMNS[name.lower()] for name in columns if name.lower() in _COLUMNS}
            if kept:
                for row in connection.execute(f"SELECT {', '.join(kept)} FROM {table}"):  # noqa: S608 - checked names
                    yield _record(dict(zip(kept.values(), map(str, row), strict=True)))
                return
    finally:
        connection.close()
    raise ListUnreadableError(f"{path}: no table with SHA-256, SHA-1 or MD5.")


def _record(values: dict[str, str]) -> Record:
    usable = {kind: (value,) for kind, value in values.items() if _HEX.fullmatch(value)}
    name = next((usable[kind][0].lower() for kind in ("sha256", "sha1", "md5") if kind in usable), "")
    # Versions name a file once per product; the strongest digest names it once here.
    entry = uuid5(NAMESPACE_OID, f"rds:{name}")
    return Record(entry, usable.get("sha256", ()), usable.get("sha1", ()), usable.get("md5", ()))
