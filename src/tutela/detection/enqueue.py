"""Enqueue this domain's background tasks. `jobs.py` defines them."""

from __future__ import annotations

from uuid import UUID

from tutela.organisations.enqueue import once


def advance_tip(organisation_id: UUID, tip_id: UUID) -> None:
    """Enqueue the next step of a sending, unless one waits already. Call inside the transaction of the change."""
    once("detection.advance_tip", f"tip:{tip_id}", organisation_id=str(organisation_id), tip_id=str(tip_id))
