"""Immutable layer of an index: hashes in ascending order, their postings, and removal marks.

The postings are plain arrays, so that they can be written to a file, mapped, and shared between processes
(`index_file`). `native/hamming/{tables,plan}.h` explains them and why the search misses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tutela.matching.errors import HashShapeError
from tutela.matching.index.arrays import NO_IDS, Bits, Hashes, Ids, as_hashes, as_ids, as_row
from tutela.matching.kernels import _hamming

CHUNKS = 16
SIGNATURE_PAD = 32
POSITION_PAD = 8

# Up to this many hashes a linear scan is faster than looking up chunks (random hashes, AVX-512).
SCAN_UP_TO = 2_560

# A bucket holds 8 to 16 postings until the keys are as long as a chunk: fewer waste directory, more waste reading.
_BUCKET_BITS = 3
_LONGEST_KEY = 16


def key_bits(count: int) -> int:
    """The number of bits of a chunk that the directory of `count` hashes distinguishes. 0: the list is scanned."""
    if count <= SCAN_UP_TO:
        return 0
    return max(1, min(_LONGEST_KEY, count.bit_length() - 1 - _BUCKET_BITS))


def position_bytes(count: int, unique: int) -> int:
    """Size of the positions of a list of `count` hashes with `unique` different ones."""
    return -(-CHUNKS * unique * max(1, (count - 1).bit_length()) // 8) + POSITION_PAD


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """The arrays of `native/hamming/tables.h`: `starts uint32[16, 2^bits + 1]`, `signatures uint16[16, u]` and 32 more,
    `positions`, packed, all flat; u is the number of different hashes. Empty if `bits` is 0."""

    bits: int
    starts: Ids
    signatures: NDArray[np.uint16]
    positions: NDArray[np.uint8]

    @classmethod
    def of(cls, hashes: Hashes) -> Postings:
        """Build them. The hashes ascend."""
        bits = key_bits(len(hashes))
        return cls(bits, *_hamming.postings(as_hashes(hashes), bits)) if bits else NO_POSTINGS

    @property
    def unique(self) -> int:
        """The number of different hashes; 0 if there are no postings."""
        return max(0, len(self.signatures) - SIGNATURE_PAD) // CHUNKS

    @property
    def nbytes(self) -> int:
        return self.starts.nbytes + self.signatures.nbytes + self.positions.nbytes


NO_POSTINGS = Postings(0, NO_IDS, np.empty(0, np.uint16), np.empty(0, np.uint8))


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Never changes. `ids` None: the id of a hash is its row. `dead` has a bit a row, lowest first; None: all live."""

    hashes: Hashes
    ids: Ids | None
    postings: Postings
    table: _hamming.Table
    native: _hamming.Layer
    dead: Bits | None = None
    living: int = 0

    @classmethod
    def of(cls, hashes: NDArray[np.generic], ids: Iterable[int] | Ids | None = None) -> Layer:
        """Sorts what does not ascend (a copy), borrows what does. Raises HashShapeError."""
        rows, names = as_hashes(hashes), None if ids is None else as_ids(ids)
        if names is not None and len(rows) != len(names):
            raise HashShapeError(f"{len(rows)} hashes came with {len(names)} ids.")
        order = _hamming.order(rows)
        if order is not None:
            rows, names = rows[order], order if names is None else names[order]
        return cls.ready(rows, names, Postings.of(rows))

    @classmethod
    def ready(cls, hashes: Hashes, ids: Ids | None, postings: Postings) -> Layer:
        """Over postings that were built before. Raises ValueError if a search would read outside the arrays."""
        hashes, ids = as_hashes(hashes), None if ids is None else as_ids(ids)
        starts, signatures = as_row(postings.starts, np.uint32), as_row(postings.signatures, np.uint16)
        table = _hamming.Table(hashes, postings.bits, starts, signatures, as_row(postings.positions, np.uint8))
        return cls(hashes, ids, postings, table, _hamming.Layer(table, ids), None, len(hashes))

    def without(self, gone: Ids) -> Layer:
        """Return this layer without the ids in `gone` (ascending, each once)."""
        gone = as_ids(gone)
        dead = np.zeros(-(-len(self.hashes) // 8), np.uint8) if self.dead is None else self.dead.copy()
        if self.ids is None:
            rows = gone[gone < len(self.hashes)]
            np.bitwise_or.at(dead, rows >> 3, (1 << (rows & 7)).astype(np.uint8))
        else:
            _hamming.mark(self.ids, gone, dead)
        living = len(self.hashes) - int(np.bitwise_count(dead).sum(dtype=np.int64))
        if living == self.living:
            return self
        return replace(self, dead=dead, living=living, native=_hamming.Layer(self.table, self.ids, dead))

    def rows(self) -> tuple[Hashes, Ids]:
        """The living hashes and their ids."""
        ids = np.arange(len(self.hashes), dtype=np.uint32) if self.ids is None else self.ids
        if self.dead is None:
            return self.hashes, ids
        # Rows by their numbers: a mask over rows of 32 bytes takes twenty times as long.
        kept = np.flatnonzero(np.unpackbits(self.dead, count=len(self.hashes), bitorder="little") == 0)
        return self.hashes.take(kept, axis=0), ids.take(kept)

    @property
    def nbytes(self) -> int:
        """Everything resident, the ids apart."""
        return self.hashes.nbytes + self.postings.nbytes + (0 if self.dead is None else self.dead.nbytes)


def merged(layers: Sequence[Layer]) -> Layer:
    """One layer of all that lives in these."""
    parts = [layer.rows() for layer in layers]
    whole = [np.concatenate([hashes for hashes, _ in parts]), np.concatenate([ids for _, ids in parts])]
    # Copies that are no longer needed go before the postings are built: at ten million they are 360 MB.
    del parts
    return Layer.of(whole.pop(0), whole.pop())
