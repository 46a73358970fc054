"""Intake of information requests: by the public page without an account, and at the desk.

1. Who asks is the person in the pictures, a parent, or another representative. The page that was used says which.
2. What a public request leaves has the time of the hour.
3. Every request gets the same first answer. Nothing is looked up before a person has checked identity and items.
4. The basis is Article 15 of the GDPR and national law; Article 20 of COM(2022) 209 is a simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import NumberTaken, case_number, redrawn, uuid7, uuid7_of_hour
from tutela.events.record import record, record_of_hour
from tutela.events.transaction import acting
from tutela.law import clocks, holds
from tutela.law.clock_kinds import KINDS as CLOCKS
from tutela.organisations.keys import subject_keys
from tutela.victims import step_rows
from tutela.victims.information import rows
from tutela.victims.information.rows import CLOCK, PREFIX, SUBJECT, WORK
from tutela.victims.models import (
    Asker,
    Channel,
    InformationRequest,
    InformationStage,
    InformationStepKind,
    Notify,
)


@dataclass(frozen=True)
class InformationInput:
    """A request that came by letter or telephone."""

    asker: str
    language: str
    text: str
    received_at: datetime | None = None
    # Only the person in the pictures chooses.
    notify: str = Notify.UNDECIDED.value


def take_message(actor: Actor, conversation_id: UUID, asker: Asker) -> None:
    """Open the request of a conversation, or note its next message. In the transaction of the message."""
    row = InformationRequest.objects.select_for_update().filter(conversation_id=conversation_id).first()
    if row is not None:
        rows.step(actor, row, InformationStepKind.MESSAGE, hourly=True)
        return
    made = InformationRequest(
        channel=Channel.PUBLIC,
        conversation_id=conversation_id,
        asker=asker,
        language=inbox.language_of(conversation_id) or "en",
    )
    _store(actor, made, clock.this_hour())


def take_own(actor: Actor, conversation_id: UUID, text: str) -> None:
    """A message of somebody who asks about pictures of themselves."""
    take_message(actor, conversation_id, Asker.SELF)


def take_represented(actor: Actor, conversation_id: UUID, text: str) -> None:
    """A message of somebody who acts for another person. A parent is a representative until a person says so."""
    take_message(actor, conversation_id, Asker.REPRESENTATIVE)


def withdraw(actor: Actor, conversation_id: UUID) -> None:
    """The person withdrew the conversation: what was recorded is erased with it, or once no hold keeps it."""
    row = InformationRequest.objects.select_for_update().filter(conversation_id=conversation_id).first()
    if row is None or row.erased_at is not None:
        return
    row.stage, row.closed_at = InformationStage.CLOSED, clock.this_hour()
    row.withdrawn_at = row.closed_at
    row.save(update_fields=["stage", "closed_at", "withdrawn_at"])
    clocks.stop_if_running(actor, CLOCK, SUBJECT, row.pk)
    if holds.held(SUBJECT, row.pk) is None:
        rows.erase(row)
    record_of_hour(actor, "information_request.withdrawn", SUBJECT, row.pk)


def enter(actor: Actor, given: InformationInput) -> UUID:
    """Enter a request; returns its ID. Raises `Invalid` naming the field."""
    actor.require(WORK)
    said = step_rows.checked(given.text)
    if given.asker not in Asker.values:
        raise Invalid("Choose who asks.", field="asker")
    if given.notify not in Notify.values:
        raise Invalid("Choose whether we tell you.", field="notify")
    if given.asker != Asker.SELF and given.notify != Notify.UNDECIDED:
        raise Invalid("Only the person in the pictures chooses whether to be told.", field="notify")

    def work() -> UUID:
        with acting(actor):
            row = InformationRequest(
                id=uuid7(),
                channel=Channel.DESK,
                asker=given.asker,
                language=given.language or "en",
                text=said,
                notify=given.notify,
            )
            subject_keys.seal_words(actor, SUBJECT, row.pk, row, "text")
            _store(actor, row, given.received_at or clock.now())
            return row.pk

    return redrawn(work)


def choose_notify(actor: Actor, row: InformationRequest, choice: str, *, hourly: bool = False) -> None:
    """Store whether the person wants to learn of future sightings. Raises `Invalid`. Call inside `acting(actor)`."""
    if choice not in Notify.values:
        raise Invalid("Choose whether we tell you.", field="notify")
    row.notify = choice
    row.save(update_fields=["notify"])
    rows.step(actor, row, InformationStepKind.NOTIFY, hourly=hourly)


def _store(actor: Actor, row: InformationRequest, at: datetime) -> None:
    hourly = row.channel == Channel.PUBLIC
    if hourly:
        row.id, row.created_at = uuid7_of_hour(), at
    row.organisation_id, row.number = actor.organisation_id, case_number(PREFIX)
    row.received_at, row.due_at = at, CLOCKS[CLOCK].length.after(at)
    if not insert_ignore(row):
        raise NumberTaken
    if not hourly:
        clocks.start(actor, CLOCK, SUBJECT, row.pk, at)
    note = record_of_hour if hourly else record
    note(actor, "information_request.received", SUBJECT, row.pk, number=row.number, asker=str(row.asker))
    rows.step(actor, row, InformationStepKind.RECEIVED, hourly=hourly)
