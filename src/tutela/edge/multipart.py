"""Forms with files, in memory: nothing that a form carries touches a disk."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from tutela.edge.errors import EdgeError

# The parser logs what it finds in a body that is none; our error says it to the caller, and a log holds no upload.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

# Far more than any form of ours; headers are counted as they come.
_MOST_PARTS = 64
_MOST_HEADER_BYTES = 8 << 10


class FormError(EdgeError):
    """The form cannot be read."""

    code = "form"


@dataclass(slots=True)
class Part:
    """One field of a form. `is_file` if it came with a file name, which is not kept."""

    name: str
    is_file: bool
    data: bytearray = field(default_factory=bytearray)


class _Reader:
    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._name, self._value, self._headers, self._seen = bytearray(), bytearray(), dict[str, bytes](), 0

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin, "on_header_field": self._field, "on_header_value": self._text,
            "on_header_end": self._header, "on_headers_finished": self._ready, "on_part_data": self._data,
        }  # fmt: skip

    def _begin(self) -> None:
        self._headers, self._seen = {}, 0
        if len(self.parts) >= _MOST_PARTS:
            raise FormError(f"It has more than {_MOST_PARTS} parts.")

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._name += data[start:end]

    def _text(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._value += data[start:end]

    def _header(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def _ready(self) -> None:
        kind, options = parse_options_header(self._headers.get("content-disposition"))
        name = options.get(b"name")
        if kind != b"form-data" or name is None:
            raise FormError("A part has no name.")
        self.parts.append(Part(name.decode("utf-8", "replace"), b"filename" in options))

    def _data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].data += memoryview(data)[start:end]

    def _count(self, size: int) -> None:
        self._seen += size
        if self._seen > _MOST_HEADER_BYTES:
            raise FormError("The headers of a part are too long.")


def is_form(content_type: str) -> bool:
    """Whether a body says that it is such a form."""
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def parts(body: bytes, content_type: str) -> list[Part]:
    """The fields of a whole form, in order. Raises FormError."""
    _, options = parse_options_header(content_type.encode("latin-1", "replace"))
    boundary = options.get(b"boundary")
    if not boundary:
        raise FormError("It names no boundary.")
    reader = _Reader()
    try:
        parser = MultipartParser(boundary, reader.callbacks())  # type: ignore[arg-type]
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise FormError(str(error)[:200]) from None
    return reader.parts


def files(body: bytes, content_type: str) -> Iterator[Part]:
    """The parts that are files."""
    return (part for part in parts(body, content_type) if part.is_file)
