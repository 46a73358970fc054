"""Process that holds an Edge's state: fetch and open lists, share them, deliver candidates.

Each data folder has one coordinator. Callers are answered only by workers (`worker`). Workers are stateless except for
the lists that they map and the spool that they share with the coordinator.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import httpx
import structlog
from pydantic import SecretStr

from tutela.edge.active_lists.lists_in_use import LiveLists, Subject
from tutela.edge.active_lists.log_files import log_files
from tutela.edge.active_lists.log_follower import LogBook
from tutela.edge.active_lists.policy_chain import Rules
from tutela.edge.active_lists.provider_lists import ProviderSource, ProviderSources
from tutela.edge.active_lists.redistributed import ListAddress, PassedSync
from tutela.edge.active_lists.release_sync import ReleaseSync
from tutela.edge.active_lists.state_store import ListStore
from tutela.edge.errors import ReleaseError, SettingsError
from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.process.rescanner import Rescanner
from tutela.edge.runtime.decision_filter import Curating
from tutela.edge.runtime.decision_store import Curation
from tutela.edge.runtime.hashers import Hashers
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.scanner import EdgePolicy, EdgeService
from tutela.edge.runtime.second_pass import open_second_pass
from tutela.edge.runtime.settings import Settings
from tutela.edge.spool.alerts import Alerts
from tutela.edge.spool.candidates import Courier, to_desk, to_file, to_webhook
from tutela.edge.spool.encryption import Sealer, drawn
from tutela.edge.spool.outbox import CandidateSink, Outbox
from tutela.edge.spool.unscanned import UnscannedQueue
from tutela.exchange.message.signed_envelope import trusted_keys

_log = structlog.get_logger("tutela.edge")


class Holder:
    """Lists, outbox and their loops. Raises SettingsError, ReleaseError or StateDamagedError rather than half begin."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._stack = ExitStack()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.metrics, self.lists = metrics, LiveLists(settings.list_ids, settings.video_thresholds())
        try:
            self._stack.enter_context(_alone(settings.data_dir))
            key = settings.key()
            self.outbox = open_outbox(settings, key)
            self._stack.callback(self.outbox.close)
            self.curating = open_curating(settings, key, self.lists, self._stack)
            self.unscanned = open_unscanned(settings, key)
            self._stack.callback(self.unscanned.close)
            own = ProviderSources(_sources(settings, drawn(key, "lists")), self.lists, self._refused)
            self._loops: list[tuple[float, Callable[[], bool]]] = [(settings.poll_seconds, own.refresh)]
            self._loops += [(settings.poll_seconds, step) for step in self._register(settings, drawn(key, "lists"))]
            self._loops += [(settings.poll_seconds, step) for step in self._passed(settings, drawn(key, "lists"))]
            self._loops += [(1.0, _bool(one.deliver)) for one in self._couriers(settings)]
            self._loops.append((1.0, self._rescanner(settings).work))
            self._loops.append((1.0, self.curating.refresh))
        except BaseException:
            self._stack.close()
            raise

    def start(self) -> None:
        """Begin the loops."""
        self._threads = [threading.Thread(target=self._repeat, args=loop, daemon=True) for loop in self._loops]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End the loops and give everything up."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=10)
        self._stack.close()

    def _couriers(self, settings: Settings) -> list[Courier]:
        found = []
        if settings.desk_url:
            desk = self._stack.enter_context(_client(settings.desk_url, settings.desk_key))
            found.append(Courier(self.outbox, to_desk(desk), CandidateSink.DESK))
        if settings.webhook_url:
            client = self._stack.enter_context(_client(settings.webhook_url, None))
            found.append(Courier(self.outbox, to_webhook(client, settings.webhook_secret), CandidateSink.WEBHOOK))
        if settings.sink_file:
            found.append(Courier(self.outbox, to_file(settings.sink_file), CandidateSink.FILE))
        return found

    def _rescanner(self, settings: Settings) -> Rescanner:
        fetcher = Fetcher(settings.fetch_origins, settings.fetch_networks, settings.max_body_bytes)
        rescanner = Rescanner(self.unscanned, cache(lambda: self._service(settings)), fetcher, settings.workers)
        self._stack.callback(rescanner.close)
        return rescanner

    def _service(self, settings: Settings) -> EdgeService:
        """Decoders of the holder's own, started with the first item that is scanned later."""
        pool = self._stack.enter_context(Hashers(settings.workers, settings.media_limits(), settings.sandbox))
        second, policy = open_second_pass(settings, self.metrics, self._stack), policy_of(settings)
        return EdgeService(self.lists, pool, self.outbox, self.metrics, policy, self.unscanned, second)

    def _register(self, settings: Settings, key: bytes) -> list[Callable[[], bool]]:
        """Repeated tasks for the register's lists: a poll for each, and alerts to the Centre."""
        if not settings.list_ids or settings.centre_url is None:
            return []
        client = self._stack.enter_context(_client(settings.centre_url, settings.api_key))
        policy = settings.log()
        address = next((url for url in policy.logs.values() if url), f"{settings.centre_url.rstrip('/')}/log")
        files = self._stack.enter_context(_client(f"{address.rstrip('/')}/", None))
        fetch, kept = log_files(files), settings.data_dir / "log"
        book = LogBook(policy, fetch, kept, Rules(settings.policy_pin or "", fetch, kept))
        alerts = Alerts(settings.data_dir / "alerts.json", client)
        keys, folder = trusted_keys(settings.release_keys), settings.data_dir / "lists"
        syncs = list[ReleaseSync]()

        def alert(list_id: str, error: ReleaseError) -> None:
            self._refused(list_id, error)
            alerts.sound(list_id, error, lambda: next(one.stand() for one in syncs if one.list_id == list_id))

        syncs += [
            ReleaseSync(one, client, keys, book, ListStore(folder / one, key), self.lists, alert)
            for one in settings.list_ids
        ]
        for sync in syncs:
            sync.resume()
        return [*(sync.poll for sync in syncs), alerts.tell]

    def _passed(self, settings: Settings, key: bytes) -> list[Callable[[], bool]]:
        """Start the redistributed lists; return their poll functions."""
        if not settings.redistributed_lists or settings.centre_url is None:
            return []
        client = self._stack.enter_context(_client(settings.centre_url, settings.api_key))
        keys, folder = trusted_keys(settings.redistributed_keys), settings.data_dir / "passed"
        syncs = [
            PassedSync(one, client, keys, ListStore(folder / one.list_id, key), self.lists, self._refused)
            for one in map(ListAddress.parse, settings.redistributed_lists)
        ]
        for sync in syncs:
            sync.resume()
        self.lists.expect([sync.list_id for sync in syncs])
        return [sync.poll for sync in syncs]

    def _refused(self, list_id: str, error: ReleaseError) -> None:
        self.metrics.refusals.labels(list_id, error.code).inc()
        _log.warning("release refused", list_id=list_id, reason=error.code, detail=str(error))

    def _repeat(self, seconds: float, step: Callable[[], bool]) -> None:
        while not self._stop.is_set():
            try:
                step()
            except Exception as error:  # noqa: BLE001 - a loop that dies silently would freeze the list
                _log.error("background step failed", step=step.__qualname__, error=type(error).__name__)
            self._stop.wait(seconds)


def _sources(settings: Settings, key: bytes) -> list[ProviderSource]:
    folder, days = settings.data_dir / "own", settings.provider_list_days
    given = [(path, Subject.CSA) for path in settings.provider_lists]
    given += [(path, Subject.OTHER) for path in settings.other_lists]
    allow = settings.allow_shrink
    sources = [ProviderSource(path, folder, key, days, subject, allow_shrink=allow) for path, subject in given]
    passed = [ListAddress.parse(one).list_id for one in settings.redistributed_lists]
    names = [*settings.list_ids, *passed, *(one.list_id for one in sources)]
    if double := {name for name in names if names.count(name) > 1}:
        raise SettingsError(f"Two lists have the id {', '.join(sorted(double))}: rename a file or folder.")
    return sources


def open_outbox(settings: Settings, key: bytes) -> Outbox:
    """The outbox of an Edge; holder and workers share the file."""
    return Outbox(settings.data_dir / "outbox.sqlite3", Sealer(key, "outbox"))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder against a second holder, until this process ends at the latest."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "holder.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(f"Another Edge uses {folder}; use a separate data folder for each Edge.") from None
        yield


def open_unscanned(settings: Settings, key: bytes) -> UnscannedQueue:
    """The queue of items to scan later; holder and workers share the file."""
    path = settings.data_dir / "unscanned.sqlite3"
    return UnscannedQueue(path, Sealer(key, "unscanned"), settings.max_unscanned)


def open_curating(settings: Settings, key: bytes, lists: LiveLists, stack: ExitStack) -> Curating:
    """Decisions of people, applied to the lists of this process; closed with the stack."""
    curation = Curation(settings.data_dir / "curation.sqlite3", Sealer(key, "curation"))
    stack.callback(curation.close)
    curating = Curating(curation, lists)
    curating.refresh()
    return curating


def policy_of(settings: Settings) -> EdgePolicy:
    """Policy of this Edge. If no destination is set, candidates wait for a desk."""
    sinks = [CandidateSink.DESK] if settings.desk_url or not (settings.webhook_url or settings.sink_file) else []
    sinks += [CandidateSink.WEBHOOK] if settings.webhook_url else []
    sinks += [CandidateSink.FILE] if settings.sink_file else []
    return EdgePolicy(settings.detection, settings.failure_policy, tuple(sinks), settings.undecoded_policy)


def _client(url: str, key: SecretStr | None) -> httpx.Client:
    headers = {"Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key.get_secret_value()}"
    return httpx.Client(base_url=url, headers=headers, timeout=30, follow_redirects=False)


def _bool(deliver: Callable[[], int]) -> Callable[[], bool]:
    return lambda: bool(deliver())
