"""Paths and sizes of a log's files (c2sp.org tlog-tiles): 256 hashes or entries to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tutela.tlog.verify import HASH, TILE, Refused

# Gives the bytes of a path; raises FileNotFoundError where there is none.
type Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Tiles:
    """The files that `fetch` delivers. Where a partial one is gone, the beginning of the full one."""

    fetch: Fetch

    def hashes(self, level: int, number: int, width: int) -> bytes:
        """The hashes of a tile. Raises `Refused` if there are fewer, or more."""
        try:
            tile = self.fetch(tile_path(level, number, width))
        except FileNotFoundError:
            tile = self.fetch(tile_path(level, number))[: width * HASH]
        if len(tile) != width * HASH:
            raise Refused(f"{tile_path(level, number, width)} has {len(tile)} bytes, not {width * HASH}")
        return tile

    def entries(self, number: int, width: int) -> list[bytes]:
        """The first `width` entries of a bundle. Raises `Refused`."""
        try:
            return list(_entries(self.fetch(tile_path("entries", number, width)), width))
        except FileNotFoundError:
            return list(_entries(self.fetch(tile_path("entries", number)), TILE))[:width]


def tile_path(level: int | str, number: int, width: int = TILE) -> str:
    """`tile/<level>/<number>`, the number in groups of three digits; `entries` is the level of the entries."""
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < TILE else "")


def _entries(bundle: bytes, width: int) -> Iterator[bytes]:
    """The entries of a bundle, each behind its length in two bytes."""
    at = 0
    for _ in range(width):
        length = int.from_bytes(bundle[at : at + 2])
        if at + 2 + length > len(bundle):
            raise Refused("an entry bundle is cut short")
        yield bundle[at + 2 : at + 2 + length]
        at += 2 + length
    if at != len(bundle):
        raise Refused("an entry bundle has more entries than it should")
