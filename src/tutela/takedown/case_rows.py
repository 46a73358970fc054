"""Rows of cases, found and locked for a step. Call inside `acting(actor)`."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from tutela.events.errors import NotFound
from tutela.takedown.errors import CaseClosed
from tutela.takedown.models import WAITING, WITH_PARTNER, Notice, Stage, TakedownCase

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


def notices_of_round(case: TakedownCase) -> QuerySet[Notice]:
    """The notices about a case that were made since it was reopened."""
    made = case.notices.all()
    return made.filter(created_at__gte=case.reopened_at) if case.reopened_at else made


def waits(case: TakedownCase) -> bool:
    """Whether a notice of this round waits for its host."""
    return notices_of_round(case).filter(state__in=WAITING).exists()


def with_partner(case: TakedownCase) -> bool:
    """Whether a partner hotline has the case."""
    return case.transfers.filter(state__in=WITH_PARTNER).exists()
