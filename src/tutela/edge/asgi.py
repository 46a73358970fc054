"""The Edge as one process: settings, lists, pool, outbox and the two background loops. granian serves `create_app`."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager

import httpx
import structlog
from pydantic import SecretStr
from starlette.applications import Starlette

from tutela.edge.app import build_app
from tutela.edge.candidates import Courier
from tutela.edge.errors import ReleaseError
from tutela.edge.live import LiveLists, load_provider_list
from tutela.edge.metrics import Metrics
from tutela.edge.outbox import Outbox
from tutela.edge.service import EdgeService
from tutela.edge.settings import Settings
from tutela.edge.store import ListStore
from tutela.edge.sync import ReleaseSync
from tutela.exchange.signed import trusted_keys
from tutela.media import HasherPool, Limits

_log = structlog.get_logger("tutela.edge")


def create_app(settings: Settings | None = None) -> Starlette:
    """A running Edge: raises SettingsError or StateDamagedError rather than starting half."""
    chosen = settings or Settings.from_env()
    stack = ExitStack()
    metrics, lists = Metrics(), LiveLists(chosen.list_ids)
    outbox = Outbox(chosen.data_dir / "outbox.sqlite3")
    stack.callback(outbox.close)
    pool = stack.enter_context(HasherPool(workers=chosen.workers, limits=Limits(windows=chosen.windows)))
    for folder in chosen.provider_lists:
        lists.put(load_provider_list(folder))
    loops = [(chosen.poll_seconds, sync.poll) for sync in _syncs(chosen, lists, metrics, stack)]
    if chosen.desk_url:
        desk = stack.enter_context(_client(chosen.desk_url, chosen.desk_key))
        loops.append((1.0, _bool(Courier(outbox, desk).deliver)))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        stop = threading.Event()
        threads = [threading.Thread(target=_repeat, args=(stop, *loop), daemon=True) for loop in loops]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(timeout=10)
            stack.close()

    return build_app(chosen, EdgeService(lists, pool, outbox, metrics, chosen.detection), lifespan)


def _syncs(settings: Settings, lists: LiveLists, metrics: Metrics, stack: ExitStack) -> list[ReleaseSync]:
    if not settings.list_ids or settings.centre_url is None:
        return []

    def alarm(list_id: str, error: ReleaseError) -> None:
        metrics.refusals.labels(list_id, error.code).inc()
        _log.warning("release refused", list_id=list_id, reason=error.code, detail=str(error))

    client = stack.enter_context(_client(settings.centre_url, settings.api_key))
    keys = trusted_keys(settings.release_keys)
    folder = settings.data_dir / "lists"
    syncs = [ReleaseSync(one, client, keys, ListStore(folder / one), lists, alarm) for one in settings.list_ids]
    for sync in syncs:
        sync.resume()
    return syncs


def _client(url: str, key: SecretStr | None) -> httpx.Client:
    headers = {"Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key.get_secret_value()}"
    return httpx.Client(base_url=url, headers=headers, timeout=30, follow_redirects=False)


def _bool(deliver: Callable[[], int]) -> Callable[[], bool]:
    return lambda: bool(deliver())


def _repeat(stop: threading.Event, seconds: float, step: Callable[[], bool]) -> None:
    while not stop.is_set():
        try:
            step()
        except Exception as error:  # noqa: BLE001 - a loop that dies silently would freeze the list
            _log.error("background step failed", step=step.__qualname__, error=type(error).__name__)
        stop.wait(seconds)
