"""Load limits of an Edge: bytes in memory, pending scans, and items per second for each caller.

A request counts from before its first byte is read until its answer is made: as received bytes, and as the parsed data.
A request above a limit is refused at once, with the time to wait. A burst costs its callers a retry and this process
nothing.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tutela.edge.errors import EdgeError
from tutela.edge.runtime.memory_budget import Room
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.settings import HmaMode, Settings

# What a caller has not used for so long it may use at once.
_BURST_SECONDS = 2.0


class LimitedError(EdgeError):
    """Too much at once."""

    code = "limited"

    def __init__(self, detail: str, status: int, seconds: int) -> None:
        super().__init__(detail)
        self.status, self.seconds = status, seconds


class Limits:
    """One for each process, used from its event loop alone. Scans and rates are shared out, bytes counted together."""

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        now: Callable[[], float] = time.monotonic,
        together: Path | None = None,
    ) -> None:
        """`together`: the file into which all processes of this Edge count their bytes; without, this one is alone."""
        count = settings.process_count()
        # A single upload of the largest size must always find room.
        self._room = Room(max(settings.max_inflight_bytes, settings.max_body_bytes), together)
        # Where there are several callers, or strangers, none of them holds more than half of the memory, or of the
        # places of scans: the others always find room.
        several = len(settings.tokens) > 1 or settings.hma is HmaMode.OPEN
        self._share = self._room.most // 2 if several else math.inf
        self._most_scans = max(1, settings.max_waiting_scans // count)
        self._share_of_scans = max(1, self._most_scans // 2) if several else self._most_scans
        self._rate = settings.client_items_per_second / count
        self._metrics, self._now = metrics, now
        self._scans: Counter[int] = Counter()
        self._left: dict[int, tuple[float, float]] = {}

    @property
    def most(self) -> int:
        """Bytes that all requests together may hold: no body is longer."""
        return self._room.most

    @contextmanager
    def holding(self, client: int) -> Iterator[HeldBytes]:
        """Bytes held by one request of a caller, released at the end."""
        held = HeldBytes(self._room, self._refused, client, self._share)
        try:
            yield held
        finally:
            held.add(-held.size)

    @contextmanager
    def scan(self, client: int) -> Iterator[None]:
        """One of the scans that may wait for a decoder. Raises LimitedError: 503 where all places are taken, 429 where
        the caller has its share of them.
        """
        if self._scans.total() >= self._most_scans:
            raise self._refused("scans", "All decoders are busy.", 503, 1)
        if self._scans[client] >= self._share_of_scans:
            raise self._refused("scans", "The scans of this caller use its whole share of decoders.", 429, 1)
        self._scans[client] += 1
        try:
            yield
        finally:
            self._scans[client] -= 1

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
            raise self._refused("rate", "This request needs more than the caller's share.", 429, wait)
        self._left[client] = (left - items, now)

    def _refused(self, limit: str, detail: str, status: int, seconds: int) -> LimitedError:
        self._metrics.limited.labels(limit).inc()
        return LimitedError(detail, status, seconds)


class HeldBytes:
    """The bytes of one request of a caller. Alone it always finds room: it counts for no more than there is."""

    def __init__(
        self, room: Room, refused: Callable[[str, str, int, int], LimitedError], client: int, share: float
    ) -> None:
        self._room, self._refused, self.size = room, refused, 0
        self._client, self._share = client, share

    def add(self, size: int) -> None:
        """Add to the held bytes, or release some if negative.

        Raises LimitedError, and then the request holds the previous amount: 429 beyond the caller's share, 503 if there
        is no room.
        """
        wanted = min(self.size + size, self._room.most)
        more = wanted - self.size
        if more > 0 and not (self._fits(wanted) or (self._room.strike_out_the_dead() and self._fits(wanted))):
            raise self._refused("bytes", "The requests of this caller use its whole share of memory.", 429, 1)
        if not self._room.take(more, self._client):
            raise self._refused("bytes", "The requests in progress use all of the memory.", 503, 1)
        self.size = wanted

    def _fits(self, wanted: int) -> bool:
        """Check whether a request fits with the caller's others, including those in other processes."""
        if self._share == math.inf:
            return True
        others = self._room.held_by(self._client) - self.size
        return not others or others + wanted <= self._share
