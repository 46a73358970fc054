"""Search an index from an event loop without blocking it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tutela.matching.index.arrays import Neighbours
from tutela.matching.index.hamming_index import HammingIndex, View


class Asker:
    """Searches in threads of its own, at most `threads` at a time; at most `waiting` more are handed to them.

    Further callers wait in the order of their coming, and none of their arrays is touched meanwhile. A caller that is
    cancelled gives up its place; a search that has begun runs to its end. Use it within one event loop.
    """

    def __init__(self, index: Callable[[], HammingIndex | View], *, threads: int = 2, waiting: int = 64) -> None:
        """`index` is called once a question, so that a list which was replaced meanwhile answers as the new one."""
        self._index = index
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tutela-search")
        self._room = asyncio.Semaphore(threads + waiting)

    async def query(self, queries: NDArray[np.generic], radius: int) -> Neighbours:
        """`HammingIndex.query`, awaited. `queries` must not change until it is answered."""
        async with self._room:
            asked = self._index()
            return await asyncio.get_running_loop().run_in_executor(self._pool, asked.query, queries, radius)

    async def contains(self, queries: NDArray[np.generic]) -> NDArray[np.bool_]:
        """`HammingIndex.contains`, awaited."""
        async with self._room:
            asked = self._index()
            return await asyncio.get_running_loop().run_in_executor(self._pool, asked.contains, queries)

    def close(self) -> None:
        """Refuse further questions and wait for the searches that have begun."""
        self._pool.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
