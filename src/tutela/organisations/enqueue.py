"""Enqueue this domain's background tasks; also provides `once` for the tasks of every domain.

`jobs.py` defines the tasks.
"""

from __future__ import annotations

import contextlib

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def once(task: str, queueing_lock: str, *, lock: str = "", **arguments: str) -> None:
    """Enqueue a task, unless one with this queueing lock waits already. Call inside the transaction of the change.

    Two with the same `lock` (the queueing lock, unless it is given) never run at once.
    """
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        locks = {"queueing_lock": queueing_lock, "lock": lock or queueing_lock}
        app.configure_task(task, allow_unknown=False, **locks).defer(**arguments)


def send_password_reset(sealed: str) -> None:
    """Enqueue the mail of a password reset. Its address comes sealed."""
    app.configure_task("password.reset", allow_unknown=False).defer(sealed=sealed)
