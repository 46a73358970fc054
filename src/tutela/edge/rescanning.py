"""Scanning later what went by unscanned, and what an event announced. Runs in the holder."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import structlog

from tutela import clock
from tutela.edge.errors import FetchFailedError, FetchRefusedError, NoTrustedListError
from tutela.edge.fetching import Fetcher
from tutela.edge.service import EdgeService
from tutela.edge.unscanned import Unscanned, UnscannedQueue
from tutela.media import Hashed, Refused

# What is scanned later is one tenant to the decoders, apart from every caller.
LATER = "later"
_log = structlog.get_logger("tutela.edge")


class Rescanner:
    """Works the queue off, several at a time."""

    def __init__(self, queue: UnscannedQueue, service: Callable[[], EdgeService], fetcher: Fetcher, jobs: int) -> None:
        """`service` is called when there is work: its decoders are not started before."""
        self._queue, self._service, self._fetcher = queue, service, fetcher
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="rescan")

    def work(self) -> bool:
        """Try everything that is due, as long as there is a list to ask. True if nothing is left that is due."""
        while due := self._queue.due(clock.now()):
            try:
                service = self._service()
                service.lists.trusted()
            except NoTrustedListError:
                return False
            for done in [self._pool.submit(copy_context().run, self._one, service, name, one) for name, one in due]:
                done.result()
        return True

    def close(self) -> None:
        self._pool.shutdown()

    def _one(self, service: EdgeService, name: bytes, entry: Unscanned) -> None:
        try:
            outcome = self._scan(service, entry)
        except FetchRefusedError as error:
            _log.warning("an unscanned item cannot be had", reason=error.code, detail=error.detail)
            outcome = "gone"
        except (FetchFailedError, NoTrustedListError):
            self._queue.failed(name, entry.attempts, clock.now())
            return
        service.metrics.rescans.labels(outcome).inc()
        self._queue.settled(name)

    def _scan(self, service: EdgeService, entry: Unscanned) -> str:
        """The candidate is stored before the entry is forgotten: a kill between the two repeats, and loses nothing."""
        result: Hashed | Refused | None = entry.result()
        if result is None:
            if entry.location is None:
                raise FetchRefusedError("Neither its hashes nor its place are known.")
            result = service.hash(self._fetcher.fetch(entry.location), LATER)
        return "matched" if service.settle(result, entry.named, entry.at).matches else "nothing"
