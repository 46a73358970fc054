"""Enqueue this domain's background tasks. `jobs.py` defines them."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app


def rescore(indicator_id: UUID) -> None:
    """Enqueue new scores for the waiting reports that name an indicator. Call inside the transaction of the change."""
    app.configure_task("reports.rescore", allow_unknown=False).defer(indicator=str(indicator_id))
