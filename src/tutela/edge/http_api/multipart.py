"""Parse forms with files in memory: no part of a form touches a disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tutela.edge.errors import EdgeError
from tutela.exchange.message import multipart
from tutela.exchange.message.multipart import is_form

__all__ = ["FormError", "MultipartPart", "files", "is_form", "parts"]

# Far more than any form of ours.
_MOST_PARTS = 64


class FormError(EdgeError):
    """The form cannot be read."""

    code = "form"


@dataclass(slots=True)
class MultipartPart:
    """One field of a form. `is_file` if it came with a file name, which is not kept."""

    name: str
    is_file: bool
    data: bytearray = field(default_factory=bytearray)


class _Parts:
    def __init__(self) -> None:
        self.parts: list[MultipartPart] = []

    def begin(self, name: str, filename: str | None) -> None:
        if any(part.name == name for part in self.parts):
            raise FormError(f"The part {name[:80]} occurs twice.")
        self.parts.append(MultipartPart(name, filename is not None))

    def data(self, piece: bytes) -> None:
        self.parts[-1].data += piece

    def end(self) -> None:
        """Keep the part as it is."""


def parts(body: bytes, content_type: str) -> list[MultipartPart]:
    """The fields of a whole form, in order. Raises FormError."""
    found = _Parts()
    try:
        multipart.read(content_type, [body], found, most_parts=_MOST_PARTS)
    except multipart.FormUnreadableError as error:
        raise FormError(error.detail) from None
    return found.parts


def files(body: bytes, content_type: str) -> Iterator[MultipartPart]:
    """The parts that are files."""
    return (part for part in parts(body, content_type) if part.is_file)
