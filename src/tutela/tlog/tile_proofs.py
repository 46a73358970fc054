"""Compute proofs from tiles: possible for a log's server and for anyone with its tiles."""

from __future__ import annotations

from dataclasses import dataclass, field

from tutela.tlog.tiles import Fetch, Tiles
from tutela.tlog.verify import HASH, TILE, Refused, node_hash, root_of


@dataclass(slots=True)
class Tree:
    """The first `size` leaves of a log whose tiles `fetch` delivers. Tiles are kept once read.

    Raises `Refused` where a tile has the wrong length, or a proof is asked that cannot be.
    """

    fetch: Fetch
    size: int
    _tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        return self._range(0, self.size) if self.size else root_of(())

    def inclusion(self, index: int) -> list[bytes]:
        """The proof that leaf `index` is in this tree, sibling first."""
        if not 0 <= index < self.size:
            raise Refused(f"entry {index} is not in a log of {self.size}")
        proof, low, high = list[bytes](), 0, self.size
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                proof.append(self._range(middle, high))
                high = middle
            else:
                proof.append(self._range(low, middle))
                low = middle
        return proof[::-1]

    def consistency(self, old: int) -> list[bytes]:
        """The proof that this tree continues that of the first `old` leaves."""
        if not 0 <= old <= self.size:
            raise Refused(f"a log of {self.size} cannot continue one of {old}")
        if old in (0, self.size):
            return []
        proof, low, high, whole = list[bytes](), 0, self.size, True
        while old != high:
            middle = low + _split(high - low)
            if old <= middle:
                proof.append(self._range(middle, high))
                high = middle
            else:
                proof.append(self._range(low, middle))
                low, whole = middle, False
        if not whole:
            proof.append(self._range(low, high))
        return proof[::-1]

    def peaks(self) -> list[bytes]:
        """The roots of the complete subtrees that the leaves fall into, the largest first (`frontier`)."""
        found, low = list[bytes](), 0
        for height in reversed(range(self.size.bit_length())):
            if self.size >> height & 1:
                found.append(self._complete(height, low >> height))
                low += 1 << height
        return found

    def _range(self, low: int, high: int) -> bytes:
        length = high - low
        if length & (length - 1) == 0:
            return self._complete(length.bit_length() - 1, low // length)
        middle = low + _split(length)
        return node_hash(self._range(low, middle), self._range(middle, high))

    def _complete(self, height: int, number: int) -> bytes:
        """The root of the complete subtree of 2^height leaves."""
        level, rest = divmod(height, 8)
        first = number << rest
        tile = self._tile(level, first // TILE)
        at = first % TILE * HASH
        return root_of([tile[at + i * HASH : at + (i + 1) * HASH] for i in range(1 << rest)])

    def _tile(self, level: int, number: int) -> bytes:
        key = level, number
        if key not in self._tiles:
            width = min(TILE, self.size // TILE**level - number * TILE)
            self._tiles[key] = Tiles(self.fetch).hashes(level, number, width)
        return self._tiles[key]


def _split(length: int) -> int:
    """The largest power of two below `length`."""
    return 1 << (length - 1).bit_length() - 1
