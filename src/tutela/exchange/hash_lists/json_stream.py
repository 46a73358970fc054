"""Read JSON that is larger than memory: an object's members and an array's elements, one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from tutela.exchange.hash_lists.entry import Unreadable

_CHUNK = 64 * 1024
MOST_LINE_BYTES = 4 << 20
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
# Behind one of these a value is whole; a number at the end of what was read may go on.
_BEHIND = ",]} \t\r\n"


class Stream:
    """Reads forward alone. Every error is `Unreadable` with the character's number."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._text, self._at, self._before, self._ended = file, "", 0, 0, False
        if self.peek() == "\ufeff":
            self._at += 1

    def members(self) -> Iterator[str]:
        """The names of an object's members; the caller reads each value before the next name."""
        self.expect("{")
        if self._took("}"):
            return
        while True:
            name = self.value()
            if not isinstance(name, str):
                raise self._wrong("a name is expected")
            self.expect(":")
            yield name
            if self._took("}"):
                return
            self.expect(",")

    def elements(self) -> Iterator[None]:
        """Once for each element of an array; the caller reads each before the next."""
        self.expect("[")
        if self._took("]"):
            return
        while True:
            yield
            if self._took("]"):
                return
            self.expect(",")

    def value(self) -> Any:
        """A whole value."""
        self.peek()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                found, end = None, -1
            whole = end >= 0 and ((end < len(self._text) and self._text[end] in f"{_BEHIND}:") or self._ended)
            if whole:
                self._at = end
                return found
            if self._ended or len(self._text) - self._at > MOST_LINE_BYTES:
                raise self._wrong("no value can be read")
            self._more()

    def peek(self) -> str:
        """The next character that is no space; nothing at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # it always matches
            if self._at < len(self._text) or self._ended:
                return self._text[self._at : self._at + 1]
            self._more()

    def expect(self, sign: str) -> None:
        """This sign and no other."""
        if not self._took(sign):
            raise self._wrong(f"{sign} is expected")

    def end(self) -> None:
        """Nothing more than spaces."""
        if self.peek():
            raise self._wrong("the file must end here")

    def _took(self, sign: str) -> bool:
        if self.peek() != sign:
            return False
        self._at += 1
        return True

    def _more(self) -> None:
        try:
            chunk = self._file.read(max(_CHUNK, len(self._text) - self._at))
        except UnicodeDecodeError:
            raise self._wrong("not UTF-8") from None
        self._ended = not chunk
        self._before += self._at
        self._text, self._at = self._text[self._at :] + chunk, 0

    def _wrong(self, reason: str) -> Unreadable:
        return Unreadable(f"character {self._before + self._at + 1}: {reason}")
