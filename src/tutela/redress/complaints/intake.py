"""Intake of complaints: by the public page without an account, and at the desk.

1. Every provider, hotline and Coordinating Authority of the node has a page of its own. A complaint about the Centre or
   an authority goes to the Coordinating Authority of the country where the person lives.
2. A complaint is free and needs no name. It is accepted whenever it comes; whether six months are over is a person's
   decision (`decide`).
3. What a public complaint leaves has the time of the hour.
4. Every complaint gets the same answer, whatever is known about the person or the content.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.anonymous.kinds import ConversationKind
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, insert_ignore
from tutela.events.identifiers import NumberTaken, case_number, redrawn, uuid7, uuid7_of_hour
from tutela.events.record import record, record_of_hour
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.organisations.keys import subject_keys
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.redress.complaints import account_proof, rows
from tutela.redress.complaints.rows import CLOCK, DECIDE, PREFIX, SUBJECT
from tutela.redress.models import Channel, Complaint, ComplaintStepKind

FAMILY = "complaint-"
# Organisations that receive complaints about themselves; the last also about the Centre and authorities.
RECEIVERS = ("provider", "hotline", "coordinating_authority")
LETTERS = "abcdefghijkmnpqrstuvwxyz"


def receivers() -> list[DirectoryEntry]:
    """Verified organisations of the node that receive complaints, providers first."""
    return [one for kind in RECEIVERS for one in directory.list_organisations(kind=kind) if one.verified]


def code_of(organisation_id: UUID) -> str:
    """The part of the public address that names an organisation."""
    digest = hashlib.sha256(organisation_id.bytes).digest()
    return FAMILY + "".join(LETTERS[one % len(LETTERS)] for one in digest[:8])


def resolve(code: str) -> ConversationKind | None:
    """The kind of conversation of an organisation's complaint page. Registered in `app/wiring.py`."""
    entry = next((one for one in receivers() if code_of(one.id) == code), None)
    if entry is None:
        return None
    organisation = entry.id
    return ConversationKind(
        code,
        _("Complain about a decision"),
        _("Write what was decided, when, and why you think that it is wrong. A person reads it and decides."),
        lambda: directory.entry(organisation),
        on_message=take_message,
        help=_("Copy the reference number of the decision if you have it. Do not send pictures or links to pictures."),
        progress="redress/public/account_code.html",
        progress_context=account_proof.progress,
        answer_note=account_proof.answer_note,
        notice="redress/public/notice.html",
        notice_context=lambda: {"receiver": directory.entry(organisation).name},
    )


def take_message(actor: Actor, conversation_id: UUID, text: str) -> None:
    """Open the complaint of a conversation, or add its next message. In the transaction of the message."""
    row = Complaint.objects.select_for_update().filter(conversation_id=conversation_id).first()
    if row is not None:
        # The text stands in the conversation.
        rows.step(actor, row, ComplaintStepKind.MESSAGE, hourly=True)
        return
    # The number is drawn again with the whole form if it is taken (`conversations.open_conversation`).
    _stored(actor, Channel.PUBLIC, text, inbox.language_of(conversation_id), conversation_id=conversation_id)


def enter(actor: Actor, text: str, language: str, received_at: datetime | None = None) -> UUID:
    """Enter a complaint that came by letter or telephone; returns its ID. Raises `Invalid`."""
    actor.require(DECIDE)
    said = rows.checked(text, "text")

    def work() -> UUID:
        with acting(actor):
            return _stored(actor, Channel.DESK, said, language, received_at=received_at).pk

    return redrawn(work)


def _stored(
    actor: Actor,
    channel: Channel,
    text: str,
    language: str,
    *,
    conversation_id: UUID | None = None,
    received_at: datetime | None = None,
) -> Complaint:
    hourly = channel == Channel.PUBLIC
    at = clock.this_hour() if hourly else received_at or clock.now()
    row = Complaint(
        id=uuid7_of_hour() if hourly else uuid7(),
        created_at=at if hourly else clock.now(),
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        channel=channel,
        conversation_id=conversation_id,
        language=language or "en",
        received_at=at,
        due_at=KINDS[CLOCK].length.after(at),
    )
    key, box = subject_keys.begin(actor, SUBJECT, row.pk)
    if hourly:
        key.id, key.created_at = uuid7_of_hour(), at
    row.sealed = box.seal(text.encode(), rows.purpose(row.pk))
    if not insert_ignore(row):
        raise NumberTaken
    insert_all([key])
    if not hourly:
        clocks.start(actor, CLOCK, SUBJECT, row.pk, at)
    if hourly:
        record_of_hour(actor, "complaint.received", SUBJECT, row.pk, number=row.number, channel=str(channel))
    else:
        record(actor, "complaint.received", SUBJECT, row.pk, number=row.number, channel=str(channel))
    rows.step(actor, row, ComplaintStepKind.RECEIVED, hourly=hourly)
    return row
