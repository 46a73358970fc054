"""Right edge of a log: enough to continue a tree entry by entry without keeping it (RFC 9162, 2.1.2).

A reader keeps the edge of `n` entries and appends the later entries that the log serves. The result must be the log's
root; otherwise the log was changed. Entries and consistency are checked in one step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tutela.tlog.verify import EMPTY_ROOT, HASH, Refused, node_hash


@dataclass(slots=True)
class Frontier:
    """The first `size` entries as the roots of the complete subtrees that they fall into, the largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, size: int, peaks: Sequence[bytes], root: bytes) -> Frontier:
        """Create the edge from data of others. Raises `Refused` if it does not lead to the root."""
        if size < 0 or len(peaks) != size.bit_count() or any(len(one) != HASH for one in peaks):
            raise Refused(f"an edge of {size} entries must have {size.bit_count()} hashes of {HASH} bytes")
        made = cls(size, list(peaks))
        if made.root != root:
            raise Refused("the edge does not match the root")
        return made

    @property
    def root(self) -> bytes:
        """The root over all entries so far."""
        if not self.peaks:
            return EMPTY_ROOT
        found = self.peaks[-1]
        for one in reversed(self.peaks[:-1]):
            found = node_hash(one, found)
        return found

    def append(self, leaf: bytes) -> None:
        """Go on by one leaf hash."""
        rest = self.size
        while rest & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            rest >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def copy(self) -> Frontier:
        """An edge that goes its own way."""
        return Frontier(self.size, list(self.peaks))
