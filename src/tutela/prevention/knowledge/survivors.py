"""Survivors' reviews of programmes. Without one, no programme is called recommended."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.knowledge import hub_index, programmes
from tutela.prevention.knowledge.permissions import CURATE, PROGRAMME
from tutela.prevention.models import SurvivorReview


def review(actor: Actor, programme_id: UUID, *, people: int, text: str, changed: str, held_on: date) -> None:
    """Record a review: how many survivors took part, what they said and what changed. Raises `Invalid`."""
    actor.require(CURATE)
    if people < 1:
        raise Invalid("Enter how many survivors took part.", field="people")
    if not text.strip():
        raise Invalid("Enter what the survivors said, without names.", field="text")
    if held_on > clock.now().date():
        raise Invalid("Enter a day that is not in the future.", field="held_on")
    with acting(actor):
        row = programmes.find(programme_id, lock=True)
        SurvivorReview(
            organisation_id=actor.organisation_id,
            programme=row,
            people=people,
            text=text.strip(),
            changed=changed.strip(),
            held_on=held_on,
            by=actor.reference,
            by_name=actor.name[:200],
        ).save(force_insert=True)
        record(actor, "programme.reviewed", PROGRAMME, row.pk, people=people)
        hub_index.index_programme(row.pk)
