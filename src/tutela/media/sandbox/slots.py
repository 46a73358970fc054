"""Places of a pool: one for each worker it may run, each with an idle worker or empty.

A worker decodes for one organisation only, its tenant. A worker that a picture has taken over could forge the hashes of
later pictures, and must not reach those of other organisations.
"""

from __future__ import annotations

import threading
from collections import deque

from tutela.media.sandbox.spawn import Worker

# The tenant of a worker that has decoded nothing.
NOBODY = ""


class WorkerSlots:
    """Safe between threads. A place that is taken must be given back by `put`, with a worker or empty (None)."""

    def __init__(self, count: int) -> None:
        self._free: deque[Worker | None] = deque([None] * count)
        self._change = threading.Condition()

    def take(self, tenant: str) -> Worker | None:
        """Wait for a place; best one whose worker serves `tenant`, then an empty one, then whichever idles longest.

        A worker that has decoded for nobody yet becomes the tenant's. One that comes as another tenant's must not be
        used: the caller stops it and puts one of its own in its place.
        """
        with self._change:
            self._change.wait_for(lambda: self._free)
            kept = max(self._free, key=lambda worker: _fit(worker, tenant))
            self._free.remove(kept)
            if kept is not None and kept.tenant == NOBODY:
                kept.tenant = tenant
            return kept

    def put(self, worker: Worker | None) -> None:
        """Give a place back."""
        with self._change:
            self._free.append(worker)
            self._change.notify()

    def idle(self) -> list[Worker]:
        """The workers that wait, longest first."""
        with self._change:
            return [worker for worker in self._free if worker is not None]

    @property
    def free(self) -> int:
        """The number of free places."""
        return len(self._free)


def _fit(worker: Worker | None, tenant: str) -> int:
    if worker is None:
        return 1
    if worker.tenant == tenant:
        return 3
    return 2 if worker.tenant == NOBODY else 0
