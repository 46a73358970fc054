"""Intake of removal requests: from messages of the anonymous channel, in a job, and at the desk.

1. A message is stored with the conversation, and answered, before anything is read from it. So neither an answer nor
   its time depends on what is in it, or on what is known.
2. The first message opens the request. Its fingerprints and addresses, and those of later messages, are added.
3. What an anonymous person leaves has the time of the hour.
4. No age, name or act is asked for or stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import DatabaseError

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.anonymous.errors import UnknownConversation
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, insert_ignore
from tutela.events.errors import Invalid, TutelaError
from tutela.events.identifiers import NumberTaken, case_number, redrawn, uuid7, uuid7_of_hour
from tutela.events.record import record, record_of_hour
from tutela.events.transaction import acting
from tutela.exchange.takedown.backlog_text import addresses_in
from tutela.exchange.takedown.web_address import WebAddress
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS as CLOCKS
from tutela.organisations.keys import subject_keys
from tutela.victims.models import (
    ENDED,
    AccessRole,
    ActsFor,
    Channel,
    ReadRequestMessage,
    RemovalRequest,
    RequestAccess,
    RequestStage,
    StepKind,
)
from tutela.victims.removal import addresses, fingerprints, mandates, message_lines, rows, rules
from tutela.victims.removal.codes import BY_REPRESENTATIVE, KINDS, OWN_ACCESS
from tutela.victims.removal.message_lines import ReadLines

# Messages are read within a minute; older ones were read, or the node was off for long.
READ_FOR = timedelta(days=7)
log = structlog.get_logger("tutela.removal")


@dataclass(frozen=True)
class EnterInput:
    """A request that came by letter or telephone. `acts_for` other than the person needs a mandate afterwards."""

    acts_for: str
    language: str
    text: str
    received_at: datetime | None = None


def read_messages(actor: Actor) -> int:
    """Read the messages that were not read yet; returns how many. For a job."""
    read, since = 0, clock.this_hour() - READ_FOR
    known = ReadRequestMessage.objects.filter(created_at__gte=since).values_list("entry_id", flat=True)
    for one in inbox.messages_of(actor, KINDS, since, known):

        def work(one: inbox.PersonMessage = one) -> bool:
            with acting(actor):
                if not insert_ignore(ReadRequestMessage(organisation_id=actor.organisation_id, entry_id=one.id)):
                    return False
                _take(actor, one)
                return True

        try:
            read += redrawn(work)
        except (TutelaError, DatabaseError, ValueError) as error:
            # One message that cannot be read keeps no other waiting. Its text is in no log.
            log.error("removal message not read", entry=str(one.id), error=type(error).__name__)
    return read


def request_of(actor: Actor, conversation_id: UUID) -> tuple[RemovalRequest, str]:
    """The request of a conversation, locked, and the role of its writer. Opens it if there is none.

    The role follows from how the conversation began, never from the page on which it is read. Raises `NumberTaken`,
    and `UnknownConversation` for an access that was not given to a request. Call inside `acting(actor)`.
    """
    access = RequestAccess.objects.filter(conversation_id=conversation_id).first()
    if access is not None:
        return rows.locked(access.request_id), access.role
    began = inbox.opening_of(conversation_id)
    if began is None or began.kind == OWN_ACCESS:
        raise UnknownConversation
    represented = began.kind == BY_REPRESENTATIVE
    role = AccessRole.REPRESENTATIVE if represented else AccessRole.PERSON
    acts_for = message_lines.read(began.text, "").acts_for or ActsFor.TRUSTED_ADULT
    row = _stored(actor, Channel.PUBLIC, ActsFor(acts_for) if represented else ActsFor.SELF, began.language)
    give_access(actor, row, conversation_id, role)
    if represented:
        mandates.begin(actor, row)
    return row, role


def give_access(actor: Actor, request: RemovalRequest, conversation_id: UUID, role: AccessRole) -> bool:
    """Let a conversation read and continue a request; False if it has one already. Call inside `acting(actor)`."""
    made = RequestAccess(
        id=uuid7_of_hour(),
        created_at=clock.this_hour(),
        organisation_id=actor.organisation_id,
        request=request,
        conversation_id=conversation_id,
        role=role,
    )
    return insert_ignore(made)


def enter(actor: Actor, given: EnterInput) -> UUID:
    """Enter a request that came by letter or telephone; returns its ID. Raises `Invalid` naming the field."""
    actor.require(rows.WORK)
    said = rows.checked(given.text, "text")
    if given.acts_for not in ActsFor.values:
        raise Invalid("Choose who makes the request.", field="acts_for")

    def work() -> UUID:
        with acting(actor):
            row = _stored(actor, Channel.DESK, ActsFor(given.acts_for), given.language, given.received_at)
            row.sealed = rows.seal(actor, row, said.encode(), "text")
            row.save(update_fields=["sealed"])
            _add(actor, row, said, row.pk.hex)
            return row.pk

    return redrawn(work)


def add_text(actor: Actor, request_id: UUID, text: str) -> int:
    """Add the addresses and fingerprints of a text that staff typed; returns how many. Raises `Invalid`."""
    actor.require(rows.WORK)
    said = rows.checked(text, "text")
    with acting(actor):
        row = rows.locked_open(request_id)
        added = _add(actor, row, said, uuid7().hex)
        if not added:
            raise Invalid("The text has no address and no fingerprint that is new.", field="text")
        record(actor, "removal.added", rows.SUBJECT, row.pk, items=added)
        return added


def text_of(row: RemovalRequest) -> str:
    """What staff entered; empty for a request by the public page, and once it is erased."""
    body = rows.unseal(row, row.sealed, "text") if row.sealed else None
    return body.decode() if body else ""


def _take(actor: Actor, one: inbox.PersonMessage) -> None:
    known = RequestAccess.objects.filter(conversation_id=one.conversation_id).exists()
    if one.kind == OWN_ACCESS and not known:
        # Its request is linked in a moment, and the first message says nothing.
        return
    lines = message_lines.read(one.text, one.id.hex)
    row, role = request_of(actor, one.conversation_id)
    may_add = role == AccessRole.PERSON or any(each.may_add for each in mandates.covering(row))
    if may_add and row.stage == RequestStage.CLOSED and row.erased_at is None:
        _reopen(actor, row)
    if row.stage in ENDED:
        return
    if may_add:
        _add(actor, row, one.text, one.id.hex, lines)
    rows.step(actor, row, StepKind.MESSAGE, hourly=True)


def _reopen(actor: Actor, row: RemovalRequest) -> None:
    """A message after the closing letter: somebody looks again."""
    row.stage, row.closed_at = RequestStage.NEW, None
    row.due_at = CLOCKS[rows.CLOCK].length.after(clock.this_hour())
    row.save(update_fields=["stage", "closed_at", "due_at"])
    rows.step(actor, row, StepKind.REOPENED, hourly=True)


def _add(actor: Actor, row: RemovalRequest, text: str, unnamed: str, lines: ReadLines | None = None) -> int:
    """Add what a text names; returns how many files and addresses were added."""
    found = lines or message_lines.read(text, unnamed)
    added = sum(fingerprints.add(actor, row, one) is not None for one in found.files)
    usable: dict[str, WebAddress] = {one.normal: one for one, _said in addresses_in(text) if one is not None}
    added += sum(addresses.add(actor, row, one) is not None for one in usable.values())
    rules.apply(actor, row)
    return added


def _stored(
    actor: Actor, channel: Channel, acts_for: ActsFor, language: str, received_at: datetime | None = None
) -> RemovalRequest:
    hourly = channel is Channel.PUBLIC
    at = clock.this_hour() if hourly else received_at or clock.now()
    row = RemovalRequest(
        id=uuid7_of_hour() if hourly else uuid7(),
        created_at=at if hourly else clock.now(),
        organisation_id=actor.organisation_id,
        number=case_number(rows.PREFIX),
        channel=channel,
        acts_for=acts_for,
        language=language or "en",
        stage=RequestStage.NEW,
        received_at=at,
        due_at=CLOCKS[rows.CLOCK].length.after(at),
    )
    key, _box = subject_keys.begin(actor, rows.SUBJECT, row.pk)
    if hourly:
        key.id, key.created_at = uuid7_of_hour(), at
    if not insert_ignore(row):
        raise NumberTaken
    insert_all([key])
    if not hourly:
        clocks.start(actor, rows.CLOCK, rows.SUBJECT, row.pk, at)
    note = record_of_hour if hourly else record
    note(actor, "removal.received", rows.SUBJECT, row.pk, number=row.number, channel=str(channel))
    rows.step(actor, row, StepKind.RECEIVED, hourly=hourly)
    return row
