"""Rows of information requests: found, locked, and carried on by steps. Call inside `acting(actor)`."""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.casework.assignment import erasure
from tutela.events.actor import Actor
from tutela.organisations.keys import subject_keys
from tutela.victims import step_rows
from tutela.victims.errors import RequestAnswered, RequestNotAnswered, UnknownInformationRequest
from tutela.victims.models import InformationRequest, InformationStage, InformationStep, InformationStepKind

SUBJECT, CLOCK, PREFIX = "information_request", "data_request", "J"
READ, WORK = "support.read", "support.work"


def find(request_id: UUID) -> InformationRequest:
    """A request. Raises `UnknownInformationRequest`."""
    row = InformationRequest.objects.filter(pk=request_id).first()
    if row is None:
        raise UnknownInformationRequest
    return row


def locked_open(request_id: UUID) -> InformationRequest:
    """A request that is not answered, locked. Raises `UnknownInformationRequest`, `RequestAnswered`."""
    row = InformationRequest.objects.select_for_update().filter(pk=request_id).first()
    if row is None:
        raise UnknownInformationRequest
    if row.stage != InformationStage.OPEN:
        raise RequestAnswered
    return row


def locked(request_id: UUID) -> InformationRequest:
    """A request that is neither withdrawn nor erased, locked. Raises `UnknownInformationRequest`."""
    found = InformationRequest.objects.select_for_update().filter(pk=request_id, withdrawn_at=None, erased_at=None)
    row = found.first()
    if row is None:
        raise UnknownInformationRequest
    return row


def locked_answered(request_id: UUID) -> InformationRequest:
    """An answered request that is not erased, locked. Raises `UnknownInformationRequest`, `RequestNotAnswered`."""
    row = locked(request_id)
    if row.stage == InformationStage.OPEN:
        raise RequestNotAnswered
    return row


def step(
    actor: Actor, row: InformationRequest, kind: InformationStepKind, text: str = "", *, hourly: bool = False
) -> None:
    """Add a step with its event."""
    made = InformationStep(request=row, kind=kind, text=text)
    step_rows.add(actor, made, SUBJECT, row.pk, hourly=hourly, step=str(kind))


def erase(row: InformationRequest) -> None:
    """Delete the keys of everything that is sealed for a request; number, steps and counts stay."""
    subject_keys.erase(SUBJECT, row.pk)
    erasure.erase(SUBJECT, row.pk)
    row.erased_at = clock.now()
    row.save(update_fields=["erased_at"])
