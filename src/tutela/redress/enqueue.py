"""Enqueue this domain's background tasks. `jobs.py` defines them."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app


def pass_edges(organisation_id: UUID) -> None:
    """Look soon whether connected Edges have the newer list. Call inside the transaction of the change."""
    task = app.configure_task("redress.edges", allow_unknown=False, schedule_in={"seconds": 5})
    task.defer(organisation_id=str(organisation_id))
