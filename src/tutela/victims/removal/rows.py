"""Rows of removal requests: found, locked, sealed, and carried on by steps. Call inside `acting(actor)`."""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7, uuid7_of_hour
from tutela.events.record import record, record_of_hour
from tutela.law import clocks
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.victims.errors import RequestEnded, UnknownRequest
from tutela.victims.models import ENDED, RemovalRequest, RequestStage, RequestStep, StepKind

SUBJECT, CLOCK, PREFIX = "removal_request", "removal_first_step", "W"
READ, WORK = "removals.read", "removals.work"
MOST_CHARACTERS = 4000


def find(request_id: UUID) -> RemovalRequest:
    """A request. Raises `UnknownRequest`."""
    row = RemovalRequest.objects.filter(pk=request_id).first()
    if row is None:
        raise UnknownRequest
    return row


def locked(request_id: UUID) -> RemovalRequest:
    """A request, locked until the transaction ends. Raises `UnknownRequest`."""
    row = RemovalRequest.objects.select_for_update().filter(pk=request_id).first()
    if row is None:
        raise UnknownRequest
    return row


def locked_open(request_id: UUID) -> RemovalRequest:
    """A request that is not closed or withdrawn, locked. Raises `UnknownRequest`, `RequestEnded`."""
    row = locked(request_id)
    if row.stage in ENDED:
        raise RequestEnded
    return row


def step(actor: Actor, row: RemovalRequest, kind: StepKind, text: str = "", *, hourly: bool = False) -> None:
    """Add a step with its event. `hourly`: of an anonymous person, so that no time is more precise than an hour."""
    made = RequestStep(
        id=uuid7_of_hour() if hourly else uuid7(),
        created_at=clock.this_hour() if hourly else clock.now(),
        organisation_id=actor.organisation_id,
        request=row,
        kind=kind,
        text=text.strip()[:MOST_CHARACTERS],
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, SUBJECT, row.pk, made, "text")
    made.save(force_insert=True)
    if hourly:
        record_of_hour(actor, "removal.step", SUBJECT, row.pk, step=str(kind))
    else:
        record(actor, "removal.step", SUBJECT, row.pk, step=str(kind))


def begun(actor: Actor, row: RemovalRequest, kind: StepKind, text: str = "") -> None:
    """Add a step of staff to a locked request; the first one begins the work."""
    if row.stage == RequestStage.NEW:
        row.stage = RequestStage.WORKING
        row.save(update_fields=["stage"])
        clocks.stop_if_running(actor, CLOCK, SUBJECT, row.pk)
        claim.decided(actor, SUBJECT, row.pk)
    step(actor, row, kind, text)


def seal(actor: Actor, row: RemovalRequest, body: bytes, what: str) -> bytes:
    """Seal something of a request by its key. `what` names its place."""
    return subject_keys.seal(actor, SUBJECT, row.pk, body, purpose(row.pk, what))


def unseal(row: RemovalRequest, sealed: bytes | memoryview[int], what: str) -> bytes | None:
    """Open something of a request; None once it is erased, or was never written."""
    try:
        return subject_keys.unseal(SUBJECT, row.pk, bytes(sealed), purpose(row.pk, what))
    except Erased:
        return None


def checked(text: str, field: str, *, required: bool = True) -> str:
    """The text without spaces around it. Raises `Invalid` if it is missing or too long."""
    said = text.strip()
    if required and not said:
        raise Invalid("Enter a text.", field=field)
    if len(said) > MOST_CHARACTERS:
        raise Invalid("Enter at most {most} characters.", field=field, most=MOST_CHARACTERS)
    return said


def purpose(request_id: UUID, what: str) -> str:
    """The purpose for which a part of a request is sealed."""
    return f"removal:{request_id}:{what}"
