"""Enqueue this domain's background tasks. `jobs.py` defines them."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

# A notice can be cancelled for so long before it leaves.
GRACE_SECONDS = 10


def send_notice(organisation_id: UUID, notice_id: UUID) -> None:
    """Have a notice sent after the time for undo. Call inside the transaction of the change."""
    # One run at a time for one notice: the sweep and the own job may both be there.
    lock, after = f"takedown.notice:{notice_id}", {"seconds": GRACE_SECONDS}
    task = app.configure_task("takedown.send_notice", allow_unknown=False, lock=lock, schedule_in=after)
    task.defer(organisation_id=str(organisation_id), notice_id=str(notice_id))
