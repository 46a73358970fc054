"""Multipart form with one file, read as a stream: its fields are known before the file's first byte.

Nothing is stored. Django's own parser passes on a file's bytes before it reports the fields, and the recipient key
depends on the fields.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tutela.exchange.message import multipart
from tutela.exchange.message.multipart import FormUnreadableError

READ = 64 * 1024
LONGEST_FIELD = 200
MOST_PARTS = 20


class Taker(Protocol):
    """Receiver of the file."""

    def write(self, piece: bytes, /) -> None: ...
    def abort(self) -> None: ...


class FileForm[T: Taker]:
    """The fields and the file named `file`.

    `begin(fields, name)` returns the receiver of the file, before its first byte.
    """

    def __init__(self, begin: Callable[[dict[str, str], str], T]) -> None:
        self.fields: dict[str, str] = {}
        self.file: T | None = None
        self._taken_by = begin
        self._field, self._value, self._in_file = "", b"", False

    def read(self, content_type: str, read: Callable[[int], bytes]) -> None:
        """Read the whole body; abort the file on failure.

        Raises `FormUnreadableError` for a truncated or different form, and whatever `begin` and the receiver raise.
        """
        try:
            multipart.read(content_type, iter(lambda: read(READ), b""), self, most_parts=MOST_PARTS)
        except BaseException:
            if self.file is not None:
                self.file.abort()
            raise

    def begin(self, name: str, filename: str | None) -> None:
        """Start a part, as `multipart.Receiver` requires."""
        if name in self.fields:
            raise FormUnreadableError(f"The field {name[:80]} occurs twice.")
        self._field, self._value, self._in_file = name, b"", filename is not None
        if filename is None:
            return
        if name != "file" or self.file is not None:
            raise FormUnreadableError("Send exactly one part named file.")
        self.file = self._taken_by(self.fields, filename[:300])

    def data(self, piece: bytes) -> None:
        """More of a part."""
        if self._in_file and self.file is not None:
            self.file.write(piece)
            return
        self._value += piece
        if len(self._value) > LONGEST_FIELD:
            raise FormUnreadableError("A field is too long.")

    def end(self) -> None:
        """A part is whole."""
        if not self._in_file:
            self.fields[self._field] = self._value.decode(errors="replace")
