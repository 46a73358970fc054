"""A file of a source before it is opened, an area that cannot be read, and the interface of a source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file by its path inside the source. `locator` finds it again; times are seconds since 1970, or None.

    `deleted`: only the file system's remains name it.
    """

    path: str
    locator: bytes
    size: int
    modified: float | None = None
    created: float | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class UnreadArea:
    """A folder, volume or region that cannot be read.

    - `unreadable`, `encrypted`, `unknown_volume`: a folder or file system that could not be opened.
    - `missing_segment`, `truncated`: the source ends early, or a part of it is not there.
    - `unallocated`, `overwritten`: nothing is lost; no file system is there, or another file took the place.
    """

    path: str
    code: str
    size: int = 0


class SourceDevice(Protocol):
    """A device that is only read."""

    def list_files(self) -> Iterator[SourceFile | UnreadArea]:
        """Every file, in an order that is the same each time."""
        ...

    def read_file(self, locator: bytes, most: int) -> bytes:
        """The bytes of a file; `most` + 1 bytes of a longer one. Raises SourceUnreadableError."""
        ...

    def read_files(self, locators: Sequence[bytes], most: int) -> Iterator[bytes | None]:
        """The bytes of each file, as `read_file` gives them; None for one that cannot be read."""
        ...

    def read_pieces(self, locator: bytes) -> Iterator[bytes]:
        """The bytes of a file of any length, piece by piece. Raises SourceUnreadableError, also between pieces."""
        ...

    def close(self) -> None:
        """End what reads the source."""
        ...
