"""Enqueue this domain's background tasks. `jobs.py` defines them."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app


def run_later(organisation_id: UUID, pending_id: UUID, seconds: int) -> None:
    """Have a pending action carried out after some seconds. Call inside the transaction that stores it."""
    app.configure_task("casework.action", allow_unknown=False, schedule_in={"seconds": seconds}).defer(
        organisation_id=str(organisation_id), pending_id=str(pending_id)
    )
