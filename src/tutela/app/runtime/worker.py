"""Worker of background jobs: `python -m tutela.app.runtime.worker`.

Several workers may run in parallel. A killed worker leaves its jobs `doing`; another worker queues them again when the
heartbeat has been missing for `STALLED_SECONDS`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import django
from procrastinate import App

CONCURRENCY = 10
HEARTBEAT_SECONDS = 3.0
# Between two tries to store that the clock was moved.
NOTING_SECONDS = 2.0


def main() -> None:
    """Run jobs until told to stop; running jobs end first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.app.settings")
    django.setup()
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    asyncio.run(_work())


async def _work() -> None:
    from procrastinate.contrib.django import app

    # Jobs that wait for others' answers wait in threads. Left to itself Python has four more than processors.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(CONCURRENCY + 2, "job"))
    connector: Any = app.connector
    with app.replace_connector(connector.get_worker_connector()) as own:
        await _run(own)


async def _run(own: App) -> None:
    from tutela.organisations.jobs import STALLED_SECONDS
    from tutela.organisations.people import clock_monitor

    async with own.open_async() as ready:
        working = asyncio.create_task(_jobs(ready, STALLED_SECONDS))
        watching = asyncio.create_task(clock_monitor.watch())
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            watching.cancel()
            return working.result()
        moved = watching.result()
        # Until it is stored, this process alone knows it, and does nothing that cannot be undone.
        noting = asyncio.create_task(_noted(moved))
        await asyncio.wait({working, noting}, return_when=asyncio.FIRST_COMPLETED)
        noting.cancel()
        working.cancel()
        await asyncio.wait({working})
        raise SystemExit(f"the clock was moved by {moved.total_seconds():+.0f} s; the worker restarts")


async def _noted(moved: timedelta) -> None:
    """Store that the clock was moved, as soon as the database takes it."""
    from tutela.organisations.people import clock_monitor

    while True:
        try:
            return await asyncio.to_thread(clock_monitor.note, moved)
        except Exception:  # noqa: BLE001 - said in the log by `note`; whatever it is, it has to be stored
            await asyncio.sleep(NOTING_SECONDS)


async def _jobs(ready: App, stalled: float) -> None:
    await ready.run_worker_async(
        concurrency=CONCURRENCY,
        install_signal_handlers=True,
        fetch_job_polling_interval=1.0,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=stalled,
        delete_jobs="successful",
        shutdown_graceful_timeout=10.0,
    )


if __name__ == "__main__":
    main()
