"""A form with one file, read as it comes: its fields are known when the file's first byte is, and nothing is stored.

Django's own parser hands a file's bytes out before it says which fields came; who it is sealed to rests on them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

READ = 64 * 1024
LONGEST_FIELD = 200
MOST_PARTS = 20

# Its log repeats what it could not read.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


class Unreadable(Exception):
    """The form cannot be read, was cut, or holds another file than it should."""


class Taker(Protocol):
    """Who takes the file."""

    def write(self, piece: bytes, /) -> None: ...
    def abort(self) -> None: ...


class FileForm[T: Taker]:
    """The fields and the file named `file`. `begin(fields, name)` says who takes the file, before its first byte."""

    def __init__(self, begin: Callable[[dict[str, str], str], T]) -> None:
        self.fields: dict[str, str] = {}
        self.file: T | None = None
        self._begin, self._ended, self._parts = begin, False, 0
        self._header = [b"", b""]
        self._headers: dict[bytes, bytes] = {}
        self._field, self._value, self._in_file = "", b"", False

    def read(self, content_type: str, read: Callable[[int], bytes]) -> None:
        """Read the whole body. Raises `Unreadable`, and whatever `begin` and the taker raise; then it is aborted."""
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise Unreadable("it has no boundary")
        try:
            parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]  # a plain dictionary of them
            while piece := read(READ):
                parser.write(piece)
            if not self._ended:
                raise Unreadable("it ends early")
        except (FormParserError, ValueError):
            self._abort()
            raise Unreadable("it cannot be read") from None
        except BaseException:
            self._abort()
            raise

    def _callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self._part, "on_part_data": self._data, "on_part_end": self._part_end,
            "on_header_field": lambda data, start, end: self._more(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._more(1, data[start:end]),
            "on_header_end": self._header_end, "on_headers_finished": self._opened, "on_end": self._end,
        }  # fmt: skip

    def _part(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise Unreadable("it has too many parts")
        self._headers, self._value, self._in_file = {}, b"", False

    def _more(self, which: int, piece: bytes) -> None:
        self._header[which] += piece

    def _header_end(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]
        self._header = [b"", b""]

    def _opened(self) -> None:
        _kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._field = options.get(b"name", b"").decode(errors="replace")
        if b"filename" not in options:
            return
        if self._field != "file" or self.file is not None:
            raise Unreadable("one part named file belongs here")
        self._in_file = True
        self.file = self._begin(self.fields, options[b"filename"].decode(errors="replace")[:300])

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file and self.file is not None:
            self.file.write(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > LONGEST_FIELD:
            raise Unreadable("a field is too long")

    def _part_end(self) -> None:
        if not self._in_file:
            self.fields[self._field] = self._value.decode(errors="replace")

    def _end(self) -> None:
        self._ended = True

    def _abort(self) -> None:
        if self.file is not None:
            self.file.abort()
