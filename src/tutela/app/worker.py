"""The worker of jobs: `python -m tutela.app.worker`.

Several may run beside each other. A killed one leaves its jobs `doing`; another queues them again when its heartbeat
has been missing for `STALLED_SECONDS`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any

import django
from procrastinate import App

CONCURRENCY = 8
HEARTBEAT_SECONDS = 3.0


def main() -> None:
    """Work until told to stop; running jobs end first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.app.settings")
    django.setup()
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    asyncio.run(_work())


async def _work() -> None:
    from procrastinate.contrib.django import app

    connector: Any = app.connector
    with app.replace_connector(connector.get_worker_connector()) as own:
        await _run(own)


async def _run(own: App) -> None:
    from tutela.organisations.jobs import STALLED_SECONDS

    async with own.open_async() as ready:
        await ready.run_worker_async(
            concurrency=CONCURRENCY, install_signal_handlers=True, fetch_job_polling_interval=1.0,
            update_heartbeat_interval=HEARTBEAT_SECONDS, stalled_worker_timeout=STALLED_SECONDS,
            delete_jobs="successful", shutdown_graceful_timeout=10.0,
        )  # fmt: skip


if __name__ == "__main__":
    main()
