"""Exact search by Hamming distance over a list that changes while it is read.

A state of the index is a row of immutable layers: the base, and later additions in layers that double in size. Many
small additions therefore cost no more than sorting them. A removal marks rows as removed. A reader takes the whole
state in one step (`view`): a query sees all of a change or nothing of it, and waits for no writer.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.matching.index.arrays import NO_HASHES, NO_IDS, Hashes, Ids, Neighbours, as_hashes, as_ids
from tutela.matching.index.layer import Layer, merged
from tutela.matching.kernels import _hamming


def simd_level() -> str:
    """The instruction set in use: `avx512`, `avx2`, `neon` or `scalar`. All answer the same."""
    return _hamming.simd_level()


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """An index as it was at one moment. Never changes; safe to share between threads."""

    layers: tuple[Layer, ...]

    def query(self, queries: NDArray[np.generic], radius: int) -> Neighbours:
        """Every hash within `radius` bits (0-256) of each query (`uint8[n, 32]`), all of them and each once.

        Several queries in one call are faster than one by one. The interpreter lock is released meanwhile.
        """
        natives = [layer.native for layer in self.layers]
        return Neighbours(*_hamming.ask(natives, as_hashes(queries), radius))

    def contains(self, queries: NDArray[np.generic]) -> NDArray[np.bool_]:
        """Whether each query's exact hash is listed (distance 0). Stops at the first."""
        natives = [layer.native for layer in self.layers]
        offsets, _, _ = _hamming.ask(natives, as_hashes(queries), 0, first_only=True)
        return np.diff(offsets) > 0

    def in_place(self) -> Hashes | None:
        """All hashes, each at the row that is its id; None where ids were given or something changed."""
        base = self.layers[0]
        return base.hashes if len(self.layers) == 1 and base.ids is None and base.dead is None else None

    def __len__(self) -> int:
        return sum(layer.living for layer in self.layers)

    @property
    def nbytes(self) -> int:
        """Bytes resident for hashes and postings; 4 more a hash where ids were given or the order was another."""
        return sum(layer.nbytes for layer in self.layers)


class HammingIndex:
    """Hashes by distance. Reading is lock-free; writing is one writer at a time.

    An id may own several hashes. Removing an id hides all of them; adding it again shows the new ones alone.
    """

    def __init__(self, hashes: NDArray[np.generic] = NO_HASHES, ids: Iterable[int] | Ids | None = None) -> None:
        """Borrows `hashes` (also a read-only memory map) if they ascend, else sorts a copy.

        What is borrowed must not change while the index lives. Without `ids` a hash is named by its row.
        """
        self._begin(Layer.of(hashes, ids))

    @classmethod
    def over(cls, base: Layer) -> HammingIndex:
        """An index over a layer that is ready, such as one out of a file."""
        index = cls.__new__(cls)
        index._begin(base)
        return index

    def _begin(self, base: Layer) -> None:
        self._writing = threading.Lock()
        self._compacting = threading.Lock()
        self._view = View((base,))
        # So many layers at the bottom are not merged: the base, and those that a compaction is reading.
        self._floor = 1
        # What was removed since a compaction began; None while there is none.
        self._gone_since: list[Ids] | None = None

    def view(self) -> View:
        """The present state, unchanging from now on."""
        return self._view

    def query(self, queries: NDArray[np.generic], radius: int) -> Neighbours:
        """`view().query(...)`."""
        return self._view.query(queries, radius)

    def contains(self, queries: NDArray[np.generic]) -> NDArray[np.bool_]:
        """`view().contains(...)`."""
        return self._view.contains(queries)

    def add(self, hashes: NDArray[np.generic], ids: Iterable[int] | Ids) -> None:
        """Add hashes without rebuilding the base."""
        self.change(NO_IDS, hashes, ids)

    def remove(self, ids: Iterable[int] | Ids) -> None:
        """Hide every hash of these ids at once. Ids that are not there are no error."""
        self.change(ids)

    def change(
        self,
        gone: Iterable[int] | Ids,
        hashes: NDArray[np.generic] = NO_HASHES,
        ids: Iterable[int] | Ids = NO_IDS,
    ) -> None:
        """Remove, then add, in one step: a query sees both or neither. Raises HashShapeError and changes nothing."""
        removed = np.unique(as_ids(gone))
        added = Layer.of(hashes, ids)
        with self._writing:
            layers = self._view.layers
            if len(removed):
                layers = tuple(layer.without(removed) for layer in layers)
                if self._gone_since is not None:
                    self._gone_since.append(removed)
            self._view = View(self._stacked(layers, added) if added.living else layers)

    def _stacked(self, layers: tuple[Layer, ...], top: Layer) -> tuple[Layer, ...]:
        kept = list(layers)
        joined = [top]
        while len(kept) > self._floor and kept[-1].living < 2 * sum(layer.living for layer in joined):
            joined.insert(0, kept.pop())
        return (*kept, merged(joined) if len(joined) > 1 else top)

    def compact(self) -> None:
        """Fold all layers into a new base. Neither readers nor writers wait for it."""
        with self._compacting:
            with self._writing:
                old = self._view.layers
                self._floor, self._gone_since = len(old), []
            base: Layer | None = None
            try:
                base = merged(old)
            finally:
                with self._writing:
                    self._settle(base, self._view.layers[len(old) :])

    def _settle(self, base: Layer | None, since: tuple[Layer, ...]) -> None:
        """End a compaction. Every row of the new base is older than every removal made meanwhile."""
        if base is not None:
            for gone in self._gone_since or ():
                base = base.without(gone)
            self._view = View((base, *since))
        self._floor, self._gone_since = 1, None

    def __len__(self) -> int:
        """The number of hashes that can be found."""
        return len(self._view)

    @property
    def nbytes(self) -> int:
        """`view().nbytes`."""
        return self._view.nbytes
