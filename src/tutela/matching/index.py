"""Exact search by Hamming distance over a list that changes while it is read.

The base never changes; additions lie in a small delta beside it and removals in a set of tombstones. A reader takes
the whole state in one step (`view`), so that a query sees either all of a change or nothing of it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tutela.matching import _hamming
from tutela.matching.errors import HashShapeError

type Hashes = NDArray[np.uint8]
type Ids = NDArray[np.uint32]

HASH_BYTES = 32

# Up to this many hashes a linear scan is faster than looking up chunks with cold caches (random hashes, AVX-512).
SCAN_UP_TO = 32_768


def simd_level() -> str:
    """The instruction set in use: `avx512`, `avx2` or `scalar`. All answer the same."""
    return _hamming.simd_level()


def as_hashes(value: NDArray[np.generic]) -> Hashes:
    """The array as `uint8[n, 32]` in C order, without a copy where it is one already. Raises HashShapeError."""
    if value.dtype != np.uint8 or value.ndim != 2 or value.shape[1] != HASH_BYTES:
        raise HashShapeError(f"Got {value.dtype}{list(value.shape)}.")
    return np.ascontiguousarray(value, dtype=np.uint8)


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


@dataclass(frozen=True, slots=True)
class _Layer:
    hashes: Hashes
    ids: Ids
    native: _hamming.Index

    @classmethod
    def of(cls, hashes: Hashes, ids: Ids) -> _Layer:
        if len(hashes) != len(ids):
            raise HashShapeError(f"{len(hashes)} hashes came with {len(ids)} ids.")
        return cls(hashes, ids, _hamming.Index(hashes, len(hashes) > SCAN_UP_TO))

    def query(self, queries: Hashes, radius: int) -> Neighbours:
        offsets, positions, distances = self.native.query(queries, radius)
        return Neighbours(offsets, self.ids[positions], distances)


_EMPTY = np.empty((0, HASH_BYTES), np.uint8)
_NO_IDS = np.empty(0, np.uint32)


@dataclass(frozen=True, slots=True)
class View:
    """An index as it was at one moment. Never changes; safe to share between threads."""

    base: _Layer
    delta: _Layer
    buried: Ids = field(default_factory=_NO_IDS.copy)

    def query(self, queries: NDArray[np.generic], radius: int) -> Neighbours:
        """Every hash within `radius` bits of each query, all of them and each once (per stored hash)."""
        wanted = as_hashes(queries)
        found = self.base.query(wanted, radius)
        if len(self.buried):
            found = _without(found, np.isin(found.ids, self.buried))
        return _joined(found, self.delta.query(wanted, radius)) if len(self.delta.ids) else found


def _without(found: Neighbours, dropped: NDArray[np.bool_]) -> Neighbours:
    kept_before = np.concatenate(([0], np.cumsum(~dropped)))
    return Neighbours(kept_before[found.offsets], found.ids[~dropped], found.distances[~dropped])


def _joined(first: Neighbours, second: Neighbours) -> Neighbours:
    """The hits of both, query by query, those of `first` before those of `second`."""
    queries = np.arange(len(first.offsets) - 1)
    owner = np.concatenate([np.repeat(queries, np.diff(part.offsets)) for part in (first, second)])
    order = np.argsort(owner, kind="stable")
    return Neighbours(
        first.offsets + second.offsets,
        np.concatenate((first.ids, second.ids))[order],
        np.concatenate((first.distances, second.distances))[order],
    )


class HammingIndex:
    """Hashes by distance. Reading is lock-free; writing is one writer at a time.

    An id may own several hashes. Removing an id hides all of them; adding it again shows the new ones alone.
    """

    def __init__(self, hashes: NDArray[np.generic] = _EMPTY, ids: Iterable[int] | Ids | None = None) -> None:
        """Borrows `hashes` (also a read-only memory map): they must not change while the index lives."""
        rows = as_hashes(hashes)
        names = np.arange(len(rows), dtype=np.uint32) if ids is None else _as_ids(ids)
        self._lock = threading.Lock()
        self._view = View(_Layer.of(rows, names), _Layer.of(_EMPTY, _NO_IDS))

    def view(self) -> View:
        """The present state, unchanging from now on."""
        return self._view

    def query(self, queries: NDArray[np.generic], radius: int) -> Neighbours:
        """`view().query(...)`."""
        return self._view.query(queries, radius)

    def add(self, hashes: NDArray[np.generic], ids: Iterable[int] | Ids) -> None:
        """Add hashes without rebuilding the base."""
        new, names = as_hashes(hashes), _as_ids(ids)
        with self._lock:
            old = self._view.delta
            both = np.concatenate((old.hashes, new)), np.concatenate((old.ids, names))
            self._view = replace(self._view, delta=_Layer.of(*both))

    def remove(self, ids: Iterable[int] | Ids) -> None:
        """Hide every hash of these ids at once. Ids that are not there are no error."""
        gone = _as_ids(ids)
        with self._lock:
            old = self._view
            kept = ~np.isin(old.delta.ids, gone)
            delta = _Layer.of(old.delta.hashes[kept], old.delta.ids[kept])
            self._view = View(old.base, delta, np.union1d(old.buried, gone))

    def compact(self) -> None:
        """Fold the delta and the tombstones into a new base. Readers go on with the old one meanwhile."""
        with self._lock:
            old = self._view
            kept = ~np.isin(old.base.ids, old.buried)
            hashes = np.concatenate((old.base.hashes[kept], old.delta.hashes))
            base = _Layer.of(hashes, np.concatenate((old.base.ids[kept], old.delta.ids)))
            self._view = View(base, _Layer.of(_EMPTY, _NO_IDS))

    def __len__(self) -> int:
        """How many hashes can be found."""
        state = self._view
        return int(np.count_nonzero(~np.isin(state.base.ids, state.buried))) + len(state.delta.ids)


def _as_ids(ids: Iterable[int] | Ids) -> Ids:
    return np.asarray(ids if isinstance(ids, np.ndarray) else list(ids), dtype=np.uint32)
