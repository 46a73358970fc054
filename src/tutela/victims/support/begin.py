"""First contact: a case begins by the public page, or by somebody of the desk. It never holds an identity.

1. A child needs no consent of a parent for counselling. No form asks for one, and no column could hold one.
2. What a public message leaves has the time of the hour.
3. The person chooses with whom they speak, and may change it at any time.
4. A case that is opened again has the whole time for its next first step.
5. Who withdraws takes every open hand-over back. What was recorded is erased, or once no hold keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.hand_overs import send as hand_overs
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import NumberTaken, case_number, redrawn, uuid7, uuid7_of_hour
from tutela.events.record import record, record_of_hour
from tutela.events.transaction import acting
from tutela.law import clocks, holds
from tutela.law.clock_kinds import KINDS as CLOCKS
from tutela.organisations.people import members
from tutela.organisations.vocabulary.roles_and_permissions import permissions_of
from tutela.victims.errors import BadSupportStep
from tutela.victims.models import SupportCase, SupportFor, SupportStage, SupportStepKind, WantedGender
from tutela.victims.support import rows
from tutela.victims.support.rows import CLOCK, PREFIX, SUBJECT, WORK


@dataclass(frozen=True)
class SupportInput:
    """A first contact at the desk."""

    support_for: str
    language: str
    wanted_gender: str = WantedGender.ANY.value
    received_at: datetime | None = None


def take_message(actor: Actor, conversation_id: UUID, text: str) -> None:
    """Open the case of a conversation, or note its next message. In the transaction of the message."""
    row = SupportCase.objects.select_for_update().filter(conversation_id=conversation_id).first()
    if row is None:
        language = inbox.language_of(conversation_id) or "en"
        _store(
            actor,
            SupportCase(conversation_id=conversation_id, support_for=SupportFor.SURVIVOR, language=language),
            clock.this_hour(),
            hourly=True,
        )
        return
    if row.over:
        return  # It stands in the inbox of conversations.
    if row.stage == SupportStage.CLOSED:
        _reopen(actor, row, clock.this_hour(), hourly=True)
    rows.step(actor, row, SupportStepKind.MESSAGE, hourly=True)


def enter(actor: Actor, given: SupportInput) -> UUID:
    """Begin a case at the desk; returns its ID. Raises `Invalid` naming the field."""
    actor.require(WORK)
    if given.support_for not in SupportFor.values:
        raise Invalid("Choose whom the case is for.", field="support_for")
    if given.wanted_gender not in WantedGender.values:
        raise Invalid("Choose the wish.", field="wanted_gender")

    def work() -> UUID:
        with acting(actor):
            row = SupportCase(
                support_for=given.support_for, language=given.language or "en", wanted_gender=given.wanted_gender
            )
            _store(actor, row, given.received_at or clock.now())
            return row.pk

    return redrawn(work)


def choose(
    actor: Actor, row: SupportCase, *, gender: str | None = None, person: str | None = None, hourly: bool = False
) -> None:
    """Store with whom the person wants to speak: a gender, a colleague, or both. Raises `Invalid`.

    Call inside `acting(actor)`, the case locked.
    """
    if gender is not None:
        if gender not in WantedGender.values:
            raise Invalid("Choose the wish.", field="wanted_gender")
        row.wanted_gender = gender
    if person is not None:
        names = dict(people(actor))
        if person and person not in names:
            raise Invalid("Choose a colleague.", field="person")
        row.chosen_person, row.chosen_name = person, names.get(person, "")
    row.save(update_fields=["wanted_gender", "chosen_person", "chosen_name"])
    rows.step(actor, row, SupportStepKind.CHOICE, hourly=hourly)


def choose_at_desk(actor: Actor, case_id: UUID, gender: str, person: str) -> None:
    """Record the choice that the person told the desk. Raises `Invalid`, `SupportCaseClosed`."""
    actor.require(WORK)
    with acting(actor):
        choose(actor, rows.locked_open(case_id), gender=gender, person=person)


def reopen(actor: Actor, case_id: UUID) -> None:
    """Open a closed case again: support does not end by itself. Raises `BadSupportStep`, `UnknownSupportCase`."""
    actor.require(WORK)
    with acting(actor):
        row = rows.locked(case_id)
        if row.stage != SupportStage.CLOSED or row.over:
            raise BadSupportStep
        _reopen(actor, row, clock.now())
        clocks.restart(actor, CLOCK, SUBJECT, row.pk, missed=True)


def people(actor: Actor) -> list[tuple[str, str]]:
    """People of the desk whom a survivor can choose, as reference and name."""
    found = []
    for one in members.members(actor):
        may = permissions_of(actor.organisation_kind, frozenset(one.roles), verified=actor.verified)
        if one.active and WORK in may:
            found.append((f"person:{one.id}", one.name))
    return found


def withdraw(actor: Actor, conversation_id: UUID) -> None:
    """The person withdrew the conversation: the case is closed, its hand-overs are taken back. Rule 5."""
    row = SupportCase.objects.select_for_update().filter(conversation_id=conversation_id).first()
    if row is None or row.erased_at is not None:
        return
    row.stage, row.closed_at = SupportStage.CLOSED, clock.this_hour()
    row.withdrawn_at = row.closed_at
    row.save(update_fields=["stage", "closed_at", "withdrawn_at"])
    hand_overs.take_back(actor, SUBJECT, row.pk)
    clocks.stop_if_running(actor, CLOCK, SUBJECT, row.pk)
    if holds.held(SUBJECT, row.pk) is None:
        rows.erase(row)
    record_of_hour(actor, "support_case.withdrawn", SUBJECT, row.pk)


def _reopen(actor: Actor, row: SupportCase, at: datetime, *, hourly: bool = False) -> None:
    """Rule 4."""
    row.stage, row.closed_at, row.due_at = SupportStage.NEW, None, CLOCKS[CLOCK].length.after(at)
    row.save(update_fields=["stage", "closed_at", "due_at"])
    rows.step(actor, row, SupportStepKind.REOPENED, hourly=hourly)


def _store(actor: Actor, row: SupportCase, at: datetime, *, hourly: bool = False) -> None:
    row.id, row.created_at = (uuid7_of_hour(), at) if hourly else (uuid7(), clock.now())
    row.organisation_id, row.number = actor.organisation_id, case_number(PREFIX)
    row.received_at, row.due_at = at, CLOCKS[CLOCK].length.after(at)
    if not insert_ignore(row):
        raise NumberTaken
    if not hourly:
        clocks.start(actor, CLOCK, SUBJECT, row.pk, at)
    note = record_of_hour if hourly else record
    note(actor, "support_case.received", SUBJECT, row.pk, number=row.number)
    rows.step(actor, row, SupportStepKind.RECEIVED, hourly=hourly)
