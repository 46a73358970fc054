"""Rows of cases, found and locked for a step. Call inside `acting(actor)`."""

from __future__ import annotations

from uuid import UUID

from tutela.events.errors import NotFound
from tutela.takedown.errors import CaseClosed
from tutela.takedown.models import Stage, TakedownCase

SUBJECT = "takedown"


def locked(case_id: UUID) -> TakedownCase:
    """A case, locked until the transaction ends. Raises `NotFound`."""
    row = TakedownCase.objects.select_for_update().filter(pk=case_id).first()
    if row is None:
        raise NotFound
    return row


def locked_open(case_id: UUID) -> TakedownCase:
    """A case that is not closed, locked. Raises `NotFound`, `CaseClosed`."""
    row = locked(case_id)
    if row.stage == Stage.CLOSED:
        raise CaseClosed
    return row
