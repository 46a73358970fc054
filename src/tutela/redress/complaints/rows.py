"""Rows of complaints: found, locked, opened, and carried on by steps. Call inside `acting(actor)`."""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7, uuid7_of_hour
from tutela.events.record import record, record_of_hour
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.redress.errors import ComplaintDecided, ComplaintDecidedBy, UnknownComplaint
from tutela.redress.models import Complaint, ComplaintDecision, ComplaintStage, ComplaintStep, ComplaintStepKind

SUBJECT, CLOCK, PREFIX = "complaint", "complaint_decision", "K"
READ, DECIDE = "complaints.read", "complaints.decide"
MOST_CHARACTERS = 4000


def find(complaint_id: UUID) -> Complaint:
    """A complaint. Raises `UnknownComplaint`."""
    row = Complaint.objects.filter(pk=complaint_id).first()
    if row is None:
        raise UnknownComplaint
    return row


def require_open(row: Complaint) -> None:
    """Raises `ComplaintDecided` for a complaint that is no longer open, naming who decided."""
    if row.stage != ComplaintStage.OPEN:
        raise decided_already(row)


def decided_already(row: Complaint) -> ComplaintDecided:
    """The refusal of a second decision."""
    made = ComplaintDecision.objects.filter(complaint=row).first()
    return ComplaintDecidedBy(name=made.by_name) if made else ComplaintDecided()


def locked(complaint_id: UUID) -> Complaint:
    """A complaint, locked until the transaction ends. Raises `UnknownComplaint`."""
    row = Complaint.objects.select_for_update().filter(pk=complaint_id).first()
    if row is None:
        raise UnknownComplaint
    return row


def text_of(row: Complaint) -> str | None:
    """What the person wrote; None once it is erased."""
    try:
        return subject_keys.unseal(SUBJECT, row.pk, bytes(row.sealed), purpose(row.pk)).decode()
    except Erased:
        return None


def step(
    actor: Actor, row: Complaint, kind: ComplaintStepKind, text: str = "", *, hourly: bool = False, **more: str
) -> ComplaintStep:
    """Add a step with its event. `hourly`: of an anonymous person, so that no time is more precise than an hour."""
    made = ComplaintStep(
        id=uuid7_of_hour() if hourly else uuid7(),
        created_at=clock.this_hour() if hourly else clock.now(),
        organisation_id=actor.organisation_id,
        complaint=row,
        kind=kind,
        text=text.strip()[:MOST_CHARACTERS],
        by=actor.reference,
        by_name=actor.name[:200],
        **more,
    )
    if not hourly:
        subject_keys.seal_words(actor, SUBJECT, row.pk, made, "text")
    made.save(force_insert=True)
    if hourly:
        record_of_hour(actor, "complaint.step", SUBJECT, row.pk, step=str(kind))
    else:
        record(actor, "complaint.step", SUBJECT, row.pk, step=str(kind))
    return made


def checked(text: str, field: str, *, required: bool = True) -> str:
    """The text without spaces around it. Raises `Invalid` if it is missing or too long."""
    said = text.strip()
    if required and not said:
        raise Invalid("Enter a text.", field=field)
    if len(said) > MOST_CHARACTERS:
        raise Invalid("Enter at most {most} characters.", field=field, most=MOST_CHARACTERS)
    return said


def purpose(complaint_id: UUID) -> str:
    """The purpose for which a complaint is sealed."""
    return f"complaint:{complaint_id}:text"
