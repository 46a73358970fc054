"""Reports in one file: a table, JSON Lines, a JSON array, police JSON, or a ZIP of such files.

Read in memory, within limits.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tutela.exchange.cybertip.police_json import NotPoliceJsonError, is_police, read_police
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.problem import FieldError
from tutela.exchange.report.batch import TooManyError, split
from tutela.exchange.report.csv_rows import Filer, rows

# So many reports in a file; a larger one is several.
MOST_REPORTS = 2000
MOST_FILES = 100
# Limit for all files of a ZIP together. A file that understates its size is cut off at the stated size.
MOST_BYTES = 20 * 1024 * 1024


class NotAZipError(ExchangeError):
    """The ZIP file is damaged, encrypted, too large when unpacked, or has too many files."""


@dataclass(frozen=True)
class Piece:
    """Report of a file: its place and its bytes, or its errors."""

    file: str
    line: int
    body: bytes = b""
    errors: tuple[FieldError, ...] = ()
    # A report of another provider, as police receive it.
    handed_on: bool = False


def pieces(name: str, data: bytes, filer: Filer) -> list[Piece]:
    """Every report of a file, in its order. Raises ExchangeError where the whole cannot be read, or has too many."""
    found = []
    for inner, content in _files(name, data):
        for piece in _of_file(inner, content, filer):
            found.append(piece)
            if len(found) > MOST_REPORTS:
                raise TooManyError(f"The file has more than {MOST_REPORTS}.")
    if not found:
        raise TooManyError("The file has none.")
    return found


def _of_file(name: str, content: bytes, filer: Filer) -> Iterator[Piece]:
    if name.lower().endswith(".csv"):
        for row in rows(content, filer):
            yield Piece(name, row.line, row.body, row.errors)
        return
    if (whole := _whole(content)) is not None:
        yield _handed_on(name, 1, whole)
        return
    try:
        for line, body in split(content, most=MOST_REPORTS):
            one = _whole(body)
            yield Piece(name, line, body) if one is None else _handed_on(name, line, one)
    except ExchangeError as error:
        yield Piece(name, 1, errors=(FieldError(field="", reason=str(error)[:500]),))


def _whole(content: bytes) -> dict[str, Any] | None:
    """A document as police receive it; None for anything else."""
    if b"reportedInformation" not in content:
        return None
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return value if is_police(value) else None


def _handed_on(name: str, line: int, value: dict[str, Any]) -> Piece:
    try:
        return Piece(name, line, read_police(value).to_bytes(), handed_on=True)
    except NotPoliceJsonError as error:
        return Piece(name, line, errors=error.errors, handed_on=True)


def _files(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    if not data.startswith(b"PK\x03\x04"):
        yield name, data
        return
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inner = [one for one in archive.infolist() if not one.is_dir()]
            if len(inner) > MOST_FILES or any(one.flag_bits & 1 for one in inner):
                raise NotAZipError
            for one in inner:
                with archive.open(one) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise NotAZipError
                yield one.filename[-200:], content
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError, zlib.error) as error:
        raise NotAZipError from error
