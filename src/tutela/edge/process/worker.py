"""Application of one worker process, which answers callers. granian serves `create_app`.

With `TUTELA_HOLDER` in its environment the process is a worker of `supervisor` and takes the lists from the holder.
Without it, the process holds the lists itself and is a complete Edge.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import structlog
from starlette.applications import Starlette

from tutela.edge.active_lists.lists_in_use import LiveLists
from tutela.edge.errors import SpoolDamagedError
from tutela.edge.process.app import build_app
from tutela.edge.process.coordinator import Holder, open_curating, open_outbox, open_unscanned, policy_of
from tutela.edge.process.list_handover import Taker
from tutela.edge.runtime import log_setup
from tutela.edge.runtime.decision_filter import Curating
from tutela.edge.runtime.hashers import Hashers
from tutela.edge.runtime.last_requests import finish_before_end
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.parent_watch import end_while_starting, end_with_parent
from tutela.edge.runtime.scanner import EdgeService
from tutela.edge.runtime.second_pass import open_second_pass
from tutela.edge.runtime.settings import Settings
from tutela.edge.spool.outbox import Outbox
from tutela.edge.spool.unscanned import UnscannedQueue

_log = structlog.get_logger("tutela.edge")

# Where the holder listens; set by `supervisor`.
HOLDER = "TUTELA_HOLDER"
# The file descriptor of the listening socket that the workers share; set by `supervisor`.
LISTENER = "TUTELA_LISTENER"
# The workers count their held bytes in this file, next to the socket of the holder.
_ROOM = "room"


def create_app(settings: Settings | None = None) -> Starlette:
    """A running Edge: raises SettingsError, ReleaseError or StateDamagedError rather than starting half."""
    chosen = settings or Settings.from_env()
    stack, metrics = ExitStack(), Metrics()
    holder = os.environ.get(HOLDER)
    begin: Callable[[], None] | None = None
    together: Path | None = None
    if holder and settings is None:
        end_while_starting()
        end_with_parent()
        log_setup.configure()
        lists, outbox, unscanned, curating = _attached(chosen, Path(holder), stack)
        decoders, together = -(-chosen.workers // chosen.process_count()), Path(holder).with_name(_ROOM)
    else:
        held = Holder(chosen, metrics)
        stack.callback(held.close)
        lists, outbox, unscanned, curating = held.lists, held.outbox, held.unscanned, held.curating
        begin, decoders = held.start, chosen.workers
    pool = stack.enter_context(Hashers(decoders, chosen.media_limits(), chosen.sandbox))
    second = open_second_pass(chosen, metrics, stack)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        stop = threading.Event()
        follow = threading.Thread(target=_follow, args=(stop, curating), daemon=True, name="curation")
        if begin is None:
            follow.start()
            finish_before_end(int(os.environ[LISTENER]))
        if begin is not None:
            begin()
        try:
            yield
        finally:
            stop.set()
            if begin is None:
                follow.join(5)
            stack.close()

    service = EdgeService(lists, pool, outbox, metrics, policy_of(chosen), unscanned, second)
    return build_app(chosen, service, lifespan, curating, together)


def _follow(stop: threading.Event, curating: Curating) -> None:
    """Apply decisions from other processes, and the end of decisions, within a second."""
    while not stop.wait(1.0):
        try:
            curating.refresh()
        except (sqlite3.Error, SpoolDamagedError) as error:
            _log.error("curation not readable", error=type(error).__name__)


def _attached(settings: Settings, holder: Path, stack: ExitStack) -> tuple[LiveLists, Outbox, UnscannedQueue, Curating]:
    lists = LiveLists(settings.list_ids, settings.video_thresholds())
    stack.callback(Taker(holder, lists).close)
    key = settings.key()
    outbox, unscanned = open_outbox(settings, key), open_unscanned(settings, key)
    stack.callback(outbox.close)
    stack.callback(unscanned.close)
    return lists, outbox, unscanned, open_curating(settings, key, lists, stack)
