"""Read forms with files (multipart/form-data) as a stream of announced parts.

Each part is announced before its first byte. Nothing is stored by this module. The receiver decides how to handle each
part, and may refuse it.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from python_multipart.multipart import MultipartParser, parse_options_header

from tutela.exchange.errors import ExchangeError

FORM = "multipart/form-data"
# Content-Transfer-Encoding is deprecated in forms (RFC 7578, 4.7). Of those that it may name these change no byte.
AS_THEY_ARE = frozenset({b"binary", b"8bit", b"7bit", b""})
# Far more than the headers of any part of ours.
MOST_HEADER_BYTES = 8 << 10

# The parser would log content of a malformed body. Our error reports the problem to the caller, and a log must hold no
# upload.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


class FormUnreadableError(ExchangeError):
    """The form cannot be read."""


class Receiver(Protocol):
    """Receiver of a form. Any error that it raises ends the reading."""

    def begin(self, name: str, filename: str | None, /) -> None:
        """A part begins; only a file has a file name."""

    def data(self, piece: bytes, /) -> None:
        """More of that part."""

    def end(self) -> None:
        """End the part."""


def is_form(content_type: str) -> bool:
    """True if a body declares that it is such a form."""
    return content_type.partition(";")[0].strip().lower() == FORM


def read(content_type: str, pieces: Iterable[bytes], receiver: Receiver, *, most_parts: int) -> None:
    """Read a whole form. Raises `FormUnreadableError` for one that is none, is cut or too large in its heads."""
    for _read in _reading(content_type, pieces, receiver, most_parts):
        pass


def _reading(content_type: str, pieces: Iterable[bytes], receiver: Receiver, most_parts: int) -> Iterator[None]:
    """Read a form piece by piece; between two steps, the receiver gets data of one piece only."""
    kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
    boundary = options.get(b"boundary")
    if kind != FORM.encode() or not boundary:
        raise FormUnreadableError("The form has no boundary.")
    reader = _Reader(receiver, most_parts)
    try:
        parser = MultipartParser(boundary, reader.callbacks())  # type: ignore[arg-type]  # a plain dictionary of them
    except ValueError:
        raise FormUnreadableError("The boundary is too long.") from None
    for piece in pieces:
        try:
            parser.write(piece)
        except ValueError:  # the parser's own errors are such, too
            raise FormUnreadableError("The body does not follow the format.") from None
        yield
    if not reader.ended:
        raise FormUnreadableError("The body ends early.")


class FileIn:
    """Form whose only file comes last: its fields are read at once, the bytes of the file on request.

    At most one piece of the input is in memory, and nothing is stored anywhere else.
    """

    def __init__(self, content_type: str, pieces: Iterable[bytes], *, longest_field: int = 200) -> None:
        """Reads the fields, as far as the file's beginning. Raises `FormUnreadableError`."""
        self.fields: dict[str, str] = {}
        self.name: str | None = None
        self._longest, self._field, self._value = longest_field, "", b""
        self._waiting = deque[bytes]()
        self._steps = _reading(content_type, pieces, self, 20)
        while self.name is None and self._step():
            pass

    def pieces(self) -> Iterator[bytes]:
        """Bytes of the file. Raises `FormUnreadableError` if it is cut or something follows it."""
        more = True
        while more or self._waiting:
            while self._waiting:
                yield self._waiting.popleft()
            more = self._step()

    def _step(self) -> bool:
        try:
            next(self._steps)
        except StopIteration:
            return False
        return True

    def begin(self, name: str, filename: str | None) -> None:
        """Begin a part, as in `Receiver`."""
        if self.name is not None or (filename is not None and name != "file"):
            raise FormUnreadableError("Send exactly one part named file, as the last part.")
        if name in self.fields:
            raise FormUnreadableError(f"The field {name[:80]} occurs twice.")
        self._field, self._value = name, b""
        if filename is not None:
            self.name = filename[:300]

    def data(self, piece: bytes) -> None:
        """More of a part."""
        if self.name is not None:
            self._waiting.append(piece)
            return
        self._value += piece
        if len(self._value) > self._longest:
            raise FormUnreadableError("A field is too long.")

    def end(self) -> None:
        """A part is whole."""
        if self.name is None:
            self.fields[self._field] = self._value.decode(errors="replace")


class _Reader:
    """Callbacks of the parser: a part's headers arrive in pieces, and one of them holds its name."""

    def __init__(self, receiver: Receiver, most_parts: int) -> None:
        self.ended = False
        self._receiver, self._most, self._parts = receiver, most_parts, 0
        self._name, self._value, self._headers, self._seen = bytearray(), bytearray(), dict[bytes, bytes](), 0

    def callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, a, b: self._more(self._name, data[a:b]),
            "on_header_value": lambda data, a, b: self._more(self._value, data[a:b]),
            "on_header_end": self._header,
            "on_headers_finished": self._ready,
            "on_part_data": lambda data, a, b: self._receiver.data(data[a:b]),
            "on_part_end": self._receiver.end,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._headers, self._seen, self._parts = {}, 0, self._parts + 1
        if self._parts > self._most:
            raise FormUnreadableError(f"The form has more than {self._most} parts.")

    def _more(self, to: bytearray, piece: bytes) -> None:
        self._seen += len(piece)
        if self._seen > MOST_HEADER_BYTES:
            raise FormUnreadableError("The headers of a part are too long.")
        to += piece

    def _header(self) -> None:
        name = bytes(self._name).lower()
        if name in self._headers and name.startswith(b"content-"):
            raise FormUnreadableError("A part has a header twice.")
        self._headers[name] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def _ready(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition"))
        name, filename = options.get(b"name"), options.get(b"filename")
        if kind != b"form-data" or name is None:
            raise FormUnreadableError("A part has no name.")
        if self._headers.get(b"content-transfer-encoding", b"binary").strip().lower() not in AS_THEY_ARE:
            raise FormUnreadableError("A part is encoded for transfer; send the plain bytes.")
        said = None if filename is None else filename.decode(errors="replace")
        self._receiver.begin(name.decode(errors="replace"), said)

    def _end(self) -> None:
        self.ended = True
