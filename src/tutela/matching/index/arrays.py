"""Input and output arrays of a search: hashes, ids, neighbours. Valid arrays are not copied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.matching.errors import HashShapeError

type Hashes = NDArray[np.uint8]
type Ids = NDArray[np.uint32]
type Bits = NDArray[np.uint8]

HASH_BYTES = 32
_LAST_ID = 2**32 - 1

NO_HASHES: Hashes = np.empty((0, HASH_BYTES), np.uint8)
NO_IDS: Ids = np.empty(0, np.uint32)


def as_hashes(value: NDArray[np.generic]) -> Hashes:
    """The array as `uint8[n, 32]` in C order, without a copy where it is one already. Raises HashShapeError."""
    if value.dtype != np.uint8 or value.ndim != 2 or value.shape[1] != HASH_BYTES:
        raise HashShapeError(f"Got {value.dtype}{list(value.shape)}.")
    return np.ascontiguousarray(value, dtype=np.uint8)


def as_ids(ids: Iterable[int] | Ids) -> Ids:
    """The ids as `uint32[n]` in C order. Raises OverflowError for a number that is none, TypeError for no number."""
    if not isinstance(ids, np.ndarray):
        return np.ascontiguousarray([index(one) for one in ids], dtype=np.uint32)
    if ids.ndim != 1 or (ids.size and ids.dtype.kind not in "iu"):
        raise TypeError(f"IDs must be whole numbers in one row, not {ids.dtype} {list(ids.shape)}.")
    if ids.dtype != np.uint32 and ids.size and not (ids.min() >= 0 and ids.max() <= _LAST_ID):
        # A cast of an array would wrap in silence, and name another id.
        raise OverflowError(f"An ID must be a number from 0 to {_LAST_ID}.")
    return as_row(ids, np.uint32)


def as_row[T: np.generic](values: NDArray[Any], kind: type[T]) -> NDArray[T]:
    """The values in one row of C order, aligned, without a copy where they are so already."""
    return np.require(values, kind, ["C", "A"])


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Hits of a batch: those of query i lie at `offsets[i]:offsets[i + 1]`. Distances are in bits, 0-256."""

    offsets: NDArray[np.int64]
    ids: Ids
    distances: NDArray[np.uint16]

    def of(self, query: int) -> list[tuple[int, int]]:
        """(id, distance) of one query."""
        part = slice(self.offsets[query], self.offsets[query + 1])
        return list(zip(self.ids[part].tolist(), self.distances[part].tolist(), strict=True))
