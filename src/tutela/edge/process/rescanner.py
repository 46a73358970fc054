"""Scan items later that passed unscanned or that an event announced. Runs in the holder."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import structlog

from tutela import clock
from tutela.edge.errors import EdgeError, FetchFailedError, FetchGoneError, FetchUnreadableError, NoTrustedListError
from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.runtime.scanner import EdgeService, never_seen
from tutela.edge.spool.unscanned import QueueEntry, UnscannedQueue
from tutela.edge.spool.unscanned_entry import Unscanned
from tutela.media import Hashed, Refused
from tutela.scan.outcome import Status, status_of

# What is scanned later is to the decoders a tenant of its own for each caller, apart from what that sends now.
_LATER = "later-"
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
            for done in [self._pool.submit(copy_context().run, self._one, service, place, one) for place, one in due]:
                done.result()
        return True

    def close(self) -> None:
        self._pool.shutdown()

    def _one(self, service: EdgeService, place: QueueEntry, entry: Unscanned) -> None:
        try:
            outcome = self._scan(service, entry)
        except FetchUnreadableError as error:
            _log.warning("unscanned item not fetchable, pending for a person", reason=error.reason)
            service.unscanned.set_aside(entry.model_copy(update={"reason": error.reason}))
            service.metrics.not_decoded.labels(error.reason, "queue").inc()
            outcome = "not_decoded"
        except FetchGoneError as error:
            _log.warning("unscanned item not available", reason=error.code)
            outcome = "gone"
        except Exception as error:  # noqa: BLE001 - whatever one item does, it waits and the next is tried
            if not isinstance(error, FetchFailedError | NoTrustedListError):
                # The log gets only the error's class name, because its text may contain the item's name.
                reason = error.code if isinstance(error, EdgeError) else type(error).__name__
                _log.warning("unscanned item pending", reason=reason, attempts=entry.attempts)
            self._queue.failed(place, entry.attempts, clock.now())
            return
        service.metrics.rescans.labels(outcome).inc()
        self._queue.settled(place)

    def _scan(self, service: EdgeService, entry: Unscanned) -> str:
        """The candidate is stored before the entry is forgotten: a kill between the two repeats, and loses nothing."""
        result: Hashed | Refused | None = entry.result()
        data = None
        if result is None or never_seen(result):
            if entry.location is None:
                raise FetchGoneError("Neither hashes nor a location of the item are known.")
            data = self._fetcher.fetch(entry.location)
            result = service.hash(data, _LATER + entry.tenant)
        if never_seen(result):
            raise FetchFailedError("The decoders are not running.")
        settled = service.settle(result, entry.named, entry.at)
        if data is not None:
            service.offer_again(data, result, settled, entry.named, entry.tenant)
        if status_of(result) is Status.NOT_DECODED:
            service.set_aside(entry.named, result, entry.at, location=entry.location, tenant=entry.tenant)
            return "not_decoded"
        if settled.matches:
            return "matched"
        return "not_compared" if status_of(result) is Status.NOT_COMPARED else "nothing"
