"""Answer alerts: a person takes the subject, and its alerts stop until the deadline."""

from __future__ import annotations

from uuid import UUID

from tutela.casework.alerts.subjects import subject_kind
from tutela.casework.models import Alert, AlertAnswer
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting


def answer(actor: Actor, kind: str, subject_id: UUID) -> None:
    """Answer every alert of a subject. Raises `NotFound` if the subject has no alert or no longer exists."""
    known = subject_kind(kind)
    actor.require(known.answer)
    with acting(actor):
        raised = 0
        if known.lock(subject_id):
            raised = Alert.objects.filter(subject_kind=kind, subject_id=subject_id).count()
        if not raised:
            raise NotFound
        AlertAnswer.objects.create(
            organisation_id=actor.organisation_id,
            subject_kind=kind,
            subject_id=subject_id,
            answers=raised,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(actor, "alert.answered", known.event_subject, subject_id)
