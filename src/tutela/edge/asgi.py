"""What answers callers: the application of one worker process. granian serves `create_app`.

With `TUTELA_HOLDER` in its environment it is a worker of `serving` and takes the lists from the holder; without, it
holds them itself: one process that is a whole Edge.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette

from tutela.edge.app import build_app
from tutela.edge.handover import Taker
from tutela.edge.holder import Holder, open_outbox, open_unscanned, policy_of
from tutela.edge.lineage import end_with_parent
from tutela.edge.live import LiveLists
from tutela.edge.metrics import Metrics
from tutela.edge.outbox import Outbox
from tutela.edge.service import EdgeService
from tutela.edge.settings import Settings
from tutela.edge.unscanned import UnscannedQueue
from tutela.media import HasherPool

# Where the holder listens; set by `serving`.
HOLDER = "TUTELA_HOLDER"


def create_app(settings: Settings | None = None) -> Starlette:
    """A running Edge: raises SettingsError, ReleaseError or StateDamagedError rather than starting half."""
    chosen = settings or Settings.from_env()
    stack, metrics = ExitStack(), Metrics()
    holder = os.environ.get(HOLDER)
    begin: Callable[[], None] | None = None
    if holder and settings is None:
        end_with_parent()
        lists, outbox, unscanned = _attached(chosen, Path(holder), stack)
        decoders = -(-chosen.workers // chosen.process_count())
    else:
        held = Holder(chosen, metrics)
        stack.callback(held.close)
        lists, outbox, unscanned = held.lists, held.outbox, held.unscanned
        begin, decoders = held.start, chosen.workers
    pool = stack.enter_context(HasherPool(workers=decoders))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if begin is not None:
            begin()
        try:
            yield
        finally:
            stack.close()

    return build_app(chosen, EdgeService(lists, pool, outbox, metrics, policy_of(chosen), unscanned), lifespan)


def _attached(settings: Settings, holder: Path, stack: ExitStack) -> tuple[LiveLists, Outbox, UnscannedQueue]:
    lists = LiveLists(settings.list_ids)
    stack.callback(Taker(holder, lists).close)
    key = settings.key()
    outbox, unscanned = open_outbox(settings, key), open_unscanned(settings, key)
    stack.callback(outbox.close)
    stack.callback(unscanned.close)
    return lists, outbox, unscanned
