"""The rule for files of lines: the last line ends like every other line.

A file that was cut off in a line looks like a shorter file, and half a number looks like a number. Every reader of a
list, of changes or of figures in lines (CSV, JSON Lines, one hash per line) therefore refuses a file whole whose last
line has no end. A JSON or XML document is whole when its outermost bracket or element is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

_ENDS = ("\n", "\r")


class CutOffError(ValueError):
    """The last line has no line end, so the file may be cut off."""

    def __init__(self) -> None:
        super().__init__("the last line has no line end, so the file may be cut off")


def whole_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a file. Raises `CutOffError` instead of a last line without its end."""
    for line in lines:
        if not line.endswith(_ENDS):
            raise CutOffError
        yield line


def check_text(text: str) -> None:
    """Raise `CutOffError` for a text whose last line has no end."""
    if text and not text.endswith(_ENDS):
        raise CutOffError


def check_file(path: Path) -> None:
    """Raise `CutOffError` for a file in UTF-8 whose last line has no end; `OSError` if it cannot be read."""
    with path.open("rb") as file:
        if file.seek(0, 2):
            file.seek(-1, 2)
            check_text(file.read(1).decode("latin-1"))
