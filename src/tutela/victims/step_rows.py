"""Steps of the support desk's cases: each a row with its event, in the hour where an anonymous person took it."""

from __future__ import annotations

from django.db.models import Model

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7, uuid7_of_hour
from tutela.events.record import record, record_of_hour
from tutela.organisations.keys import subject_keys

MOST_CHARACTERS = 4000


def add(actor: Actor, made: Model, subject: str, subject_id: object, *, hourly: bool = False, **facts: str) -> None:
    """Store a new step and record its event `<subject>.step`. Its `text` is sealed by the subject's key.

    `hourly`: neither its ID nor its time is more precise than an hour. Call inside `acting(actor)`.
    """
    made.id = uuid7_of_hour() if hourly else uuid7()  # type: ignore[attr-defined]
    made.created_at = clock.this_hour() if hourly else clock.now()  # type: ignore[attr-defined]
    made.organisation_id = actor.organisation_id  # type: ignore[attr-defined]
    made.by, made.by_name = actor.reference, actor.name[:200]  # type: ignore[attr-defined]
    subject_keys.seal_words(actor, subject, subject_id, made, "text")
    made.save(force_insert=True)
    if hourly:
        record_of_hour(actor, f"{subject}.step", subject, subject_id, **facts)
    else:
        record(actor, f"{subject}.step", subject, subject_id, **facts)


def checked(text: str, field: str = "text", *, required: bool = True) -> str:
    """The text without spaces around it. Raises `Invalid` if it is missing or too long."""
    said = text.strip()
    if required and not said:
        raise Invalid("Enter a text.", field=field)
    if len(said) > MOST_CHARACTERS:
        raise Invalid("Enter at most {most} characters.", field=field, most=MOST_CHARACTERS)
    return said
