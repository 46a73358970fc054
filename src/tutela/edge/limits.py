"""How much one process takes on: bytes in memory, scans that wait, and items a second for each caller.

A limit is met before a body is read. What it refuses it refuses at once, with the time to wait: a burst costs its
callers a repetition and this process nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tutela.edge.errors import EdgeError
from tutela.edge.metrics import Metrics
from tutela.edge.settings import Settings

# What a caller has not used for so long it may use at once.
_BURST_SECONDS = 2.0


class LimitedError(EdgeError):
    """Too much at once."""

    code = "limited"

    def __init__(self, detail: str, status: int, seconds: int) -> None:
        super().__init__(detail)
        self.status, self.seconds = status, seconds


class Limits:
    """One for each process, used from its event loop alone. Totals in the settings are shared out to the processes."""

    def __init__(self, settings: Settings, metrics: Metrics, now: Callable[[], float] = time.monotonic) -> None:
        count = settings.process_count()
        # A single upload of the largest size must always find room.
        self._room = max(settings.max_inflight_bytes // count, settings.max_body_bytes)
        self._most_scans = max(1, settings.max_waiting_scans // count)
        self._rate = settings.client_items_per_second / count
        self._metrics, self._now = metrics, now
        self._scans = 0
        self._left: dict[int, tuple[float, float]] = {}

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        """Room for so many bytes while they are read. Raises LimitedError (503)."""
        if size > self._room:
            raise self._refused("bytes", "The uploads in memory fill it.", 503, 1)
        self._room -= size
        try:
            yield
        finally:
            self._room += size

    @contextmanager
    def scan(self) -> Iterator[None]:
        """One of the scans that may wait for a decoder. Raises LimitedError (503)."""
        if self._scans >= self._most_scans:
            raise self._refused("scans", "All decoders are busy.", 503, 1)
        self._scans += 1
        try:
            yield
        finally:
            self._scans -= 1

    def take(self, client: int, items: int) -> None:
        """Count items of a caller. Raises LimitedError (429) if it asks for more than its share."""
        if not self._rate:
            return
        now, most = self._now(), max(self._rate * _BURST_SECONDS, 1.0)
        left, at = self._left.get(client, (most, now))
        left = min(most, left + (now - at) * self._rate)
        # A question larger than any burst is let through from full, and paid for afterwards.
        if left < min(items, most):
            self._left[client] = (left, now)
            wait = int((min(items, most) - left) / self._rate) + 1
            raise self._refused("rate", "This caller asks for more than its share.", 429, wait)
        self._left[client] = (left - items, now)

    def _refused(self, limit: str, detail: str, status: int, seconds: int) -> LimitedError:
        self._metrics.limited.labels(limit).inc()
        return LimitedError(detail, status, seconds)
