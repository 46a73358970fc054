"""Ask a hotline to search public hosts for the pictures of a request, under a mandate of the hotline.

A search has the ID of the request and an end. A second person at the hotline confirms it; it names public hosts only.
Nothing is searched or fetched by this node. What is found is a case at the hotline, and its statuses come back.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.takedown.victim_support import LONGEST_SEARCH, SearchAsked
from tutela.organisations.messages import outbox
from tutela.victims.errors import RequestPaused
from tutela.victims.hotlines import hand_over
from tutela.victims.models import RequestStage, StepKind
from tutela.victims.removal import rows

KIND = "removal-search"


def ask(actor: Actor, request_id: UUID, hotline_id: UUID, last_day: date) -> UUID:
    """Ask for a search until a day; returns its ID.

    Raises `RequestEnded`, `RequestPaused`, `NoHotlineKey`, `Invalid`.
    """
    actor.require(rows.WORK)
    today = clock.now().date()
    if not today <= last_day <= today + LONGEST_SEARCH:
        raise Invalid("The last day must be today or later, within a year.", field="last_day")
    with acting(actor):
        request = rows.locked_open(request_id)
        if request.stage == RequestStage.PAUSED:
            raise RequestPaused
        hotline = hand_over.require_key(actor, hotline_id)
        row = hand_over.new_row(actor, request, hotline)
        row.first_day, row.last_day = today, last_day
        row.save(force_insert=True)
        message = SearchAsked(message_id=uuid7(), request=row.reference, first_day=today, last_day=last_day)
        path = f"/api/v1/organisations/{hotline.id}/takedown/searches"
        key, body = f"removal-search:{row.pk}", message.to_bytes().decode()
        outbox.send(actor, hotline.id, KIND, path, body, key=key, subject_id=row.pk)
        rows.begun(actor, request, StepKind.SEARCH)
        record(actor, "removal.search", rows.SUBJECT, request.pk, state="asked", last_day=str(last_day))
    return row.pk
