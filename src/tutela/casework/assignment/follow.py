"""Follow a case: be notified of notes, assignments and decisions."""

from __future__ import annotations

from uuid import UUID

from tutela.casework.assignment.subjects import case_of, subject_of
from tutela.casework.models import Follow
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Forbidden
from tutela.events.record import record
from tutela.events.transaction import acting


def follow(actor: Actor, kind: str, subject_id: UUID) -> None:
    """Follow a case; a second call changes nothing. Raises `NotFound`."""
    if actor.person_id is None:
        raise Forbidden
    with acting(actor):
        case_of(actor, kind, subject_id)
        row = Follow(
            organisation_id=actor.organisation_id, subject_kind=kind, subject_id=subject_id, by=actor.reference
        )
        if insert_ignore(row):
            record(actor, "case.followed", subject_of(actor, kind).event_subject, subject_id)


def unfollow(actor: Actor, kind: str, subject_id: UUID) -> None:
    """Stop following a case; a second call changes nothing. Raises `NotFound`."""
    with acting(actor):
        case_of(actor, kind, subject_id)
        rows = Follow.objects.filter(subject_kind=kind, subject_id=subject_id, by=actor.reference)
        if rows.delete()[0]:
            record(actor, "case.unfollowed", subject_of(actor, kind).event_subject, subject_id)


def follows(actor: Actor, kind: str, subject_id: UUID) -> bool:
    """Whether the actor follows a case. Call inside `acting(actor)`."""
    return Follow.objects.filter(subject_kind=kind, subject_id=subject_id, by=actor.reference).exists()
