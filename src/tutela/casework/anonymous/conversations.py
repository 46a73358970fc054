"""Conversations with an anonymous person: open, enter by case number and passphrase, read, continue.

1. A form is admitted (`admission`) and its ticket is used in the transaction of the message: a form that is sent
   twice has one effect.
2. The passphrase is derived from the ticket, shown once, and stored as a slow hash. The same form, sent again, shows
   the same case number and passphrase.
3. Texts are sealed by a data key of the node, each for its conversation. Rows have no time more precise than an hour.
4. Events have no content. Their time, also in their ID, is the hour.
5. A wrong passphrase, an unknown number and a closed case have one answer, after the same work.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction

from tutela import clock
from tutela.casework.anonymous import admission, passphrase, reserve, ticket
from tutela.casework.anonymous.entry import Entry, without_hashes
from tutela.casework.anonymous.errors import (
    AlreadyClosed,
    EmptyMessage,
    FormExpired,
    LongMessage,
    UnknownConversation,
)
from tutela.casework.anonymous.kinds import ConversationKind, anonymous_actor, kind_of
from tutela.casework.models import Conversation, ConversationEntry, Direction, this_hour
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.record import record_of_hour
from tutela.events.transaction import acting
from tutela.law.retention import RULES
from tutela.organisations.keys.envelope_encryption import unwrap, wrap

SUBJECT = "conversation"
RULE = "conversation.idle"
PREFIX = "M"
MOST_CHARACTERS = 10_000
_SALT = "tutela.anonymous.reader"


@dataclass(frozen=True)
class Opened:
    """A new conversation, as the person sees it once."""

    number: str
    passphrase: str = field(repr=False)
    ends_on: datetime
    # Lets the page continue without the passphrase, as that of `Reading`.
    token: str = field(repr=False, compare=False)
    # Of the words of the passphrase.
    language: str


@dataclass(frozen=True)
class Reading:
    """An open conversation for its person. `token` lets the page continue it without the passphrase."""

    id: UUID
    number: str
    entries: list[Entry]
    ends_on: datetime
    token: str = field(repr=False)


def open_conversation(kind: ConversationKind, given: ticket.Ticket, proof: str, text: str, language: str) -> Opened:
    """Open a conversation with its first message. Raises `TutelaError`; nothing is stored then."""
    message, secret = cleaned(text), ticket.secret_of(given)
    actor, pk = anonymous_actor(kind), _id_of(secret)
    if ticket.is_spent(given):
        # Before the slow hash: a form may be sent again without a limit.
        with acting(actor):
            row = _sent_before(pk, message)
        return _shown(row, secret)
    admission.admit(given, proof)
    with acting(actor):
        # Also before the slow hash, which a full reserve would make for nothing.
        reserve.require_room(kind.code, admission.expected(given))
    stored = passphrase.verifier(passphrase.derive(secret, language))

    def insert() -> Conversation:
        with acting(actor):
            if not ticket.spend(given):
                return _sent_before(pk, message)
            rank = admission.count(given)
            reserve.require_room(kind.code, rank)
            row = _insert(actor, kind, pk, stored, language)
            _say(actor, kind, row, message, "opened", rank)
            return row

    row = redrawn(insert)
    return _shown(row, secret)


def enter(kind: ConversationKind, given: ticket.Ticket, proof: str, number: str, words: str) -> Reading:
    """Open a conversation to its person. Raises `UnknownConversation` for whatever does not fit."""
    if ticket.is_spent(given):
        raise FormExpired
    admission.admit(given, proof)
    with transaction.atomic():
        if not ticket.spend(given):
            raise FormExpired
        admission.count(given)
    with acting(anonymous_actor(kind)):
        row = Conversation.objects.filter(kind__in=kind.codes, number=_number(number)).first()
    right = passphrase.fits(words, row.verifier if row else None)
    if row is None or not right or row.newest == Direction.CLOSING:
        raise UnknownConversation
    return read(kind, _token(row.pk))


def read(kind: ConversationKind, token: str) -> Reading:
    """The conversation of a token that `enter` gave. Raises `UnknownConversation`."""
    pk = _opened(token)
    with acting(anonymous_actor(kind)):
        row = _open_row(kind, pk)
        entries = entries_of(row)
        if kind.for_person is not None:
            entries = kind.for_person(row.pk, entries)
        return Reading(row.pk, row.number, [without_hashes(one) for one in entries], ends_on(row), _token(row.pk))


def follow_up(kind: ConversationKind, given: ticket.Ticket, proof: str, token: str, text: str) -> Reading:
    """Add a message of the person. A form that was sent before adds nothing. Raises `TutelaError`."""
    pk, message = _opened(token), cleaned(text)
    actor = anonymous_actor(kind)
    if not ticket.is_spent(given):
        admission.admit(given, proof)
    with acting(actor):
        row = _open_row(kind, pk, lock=True)
        if ticket.spend(given):
            rank = admission.count(given)
            reserve.require_room(row.kind, rank)
            _say(actor, kind, row, message, "continued", rank)
        elif not any(one.of_person and one.text == message for one in entries_of(row)):
            raise FormExpired
    return read(kind, token)


def withdraw(kind: ConversationKind, given: ticket.Ticket, proof: str, token: str) -> None:
    """Erase a conversation with all its messages, as its person wishes.

    Raises `TutelaError`; nothing is erased then.
    """
    pk, actor = _opened(token), anonymous_actor(kind)
    if not kind.withdrawable:
        raise UnknownConversation
    if ticket.is_spent(given):
        raise FormExpired
    admission.admit(given, proof)
    with acting(actor):
        row = _open_row(kind, pk, lock=True)
        if not ticket.spend(given):
            raise FormExpired
        admission.count(given)
        if (heard := kind_of(row.kind).on_withdraw) is not None:
            heard(actor, row.pk)
        row.delete()
        record_of_hour(actor, "conversation.withdrawn", SUBJECT, pk)


def progress_of(kind: ConversationKind, reading: Reading, issuer: ticket.Issuer) -> Mapping[str, object]:
    """The values of the kind's own template about an open conversation; empty without one."""
    if kind.progress_context is None:
        return {}
    with acting(anonymous_actor(kind)):
        return kind.progress_context(reading.id, issuer)


def admitted(kind: ConversationKind, given: ticket.Ticket, proof: str, token: str) -> UUID:
    """Admit a form of an open conversation that adds no message; returns the conversation's ID.

    The caller uses the ticket in its transaction. Raises `TutelaError`.
    """
    pk = _opened(token)
    if ticket.is_spent(given):
        raise FormExpired
    admission.admit(given, proof)
    with acting(anonymous_actor(kind)):
        return _open_row(kind, pk).pk


def entries_of(row: Conversation) -> list[Entry]:
    """Every entry of a conversation, in its order. Call inside `acting(actor)`."""
    return [
        Entry(one.direction, unseal(row.pk, one.sealed), one.created_at, one.by_name)
        for one in row.entries.order_by("position")
    ]


def add(
    actor: Actor, row: Conversation, direction: Direction, text: str, *, rank: int | None = None, **by: str
) -> None:
    """Add an entry to a locked conversation; `rank` is of the reserve. Raises `AlreadyClosed`.

    Call inside `acting(actor)`.
    """
    if row.newest == Direction.CLOSING:
        raise AlreadyClosed
    sealed = wrap(text.encode(), seal_purpose(row.pk)) if text else b""
    before = row.entries.count()
    ConversationEntry.objects.create(
        organisation_id=actor.organisation_id,
        conversation=row,
        position=before + 1,
        direction=direction,
        sealed=sealed,
        rank=rank,
        **by,
    )
    # What waits in the ordinary inbox stays there.
    waits = before and row.newest == direction and row.rank is None
    row.newest, row.newest_at, row.rank = direction, this_hour(), None if waits else rank
    row.save(update_fields=["newest", "newest_at", "rank"])


def cleaned(text: str) -> str:
    """A message without control characters. Raises `EmptyMessage`, `LongMessage`."""
    said = text.replace("\r\n", "\n").replace("\r", "\n")
    said = "".join(one for one in said if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs")).strip()
    if not said:
        raise EmptyMessage
    if len(said) > MOST_CHARACTERS:
        raise LongMessage(most=MOST_CHARACTERS)
    return said


def ends_on(row: Conversation) -> datetime:
    """When the conversation is erased unless somebody writes."""
    return row.newest_at + timedelta(days=RULES[RULE].days)


def seal_purpose(conversation: object) -> str:
    """The purpose for which texts of a conversation are sealed."""
    return f"conversation:{conversation}"


def unseal(conversation: UUID, sealed: bytes | memoryview[int]) -> str:
    """The text of an entry; empty for a closing."""
    return unwrap(bytes(sealed), seal_purpose(conversation)).decode() if sealed else ""


def _insert(actor: Actor, kind: ConversationKind, pk: UUID, stored: str, language: str) -> Conversation:
    row = Conversation(
        id=pk,
        organisation_id=actor.organisation_id,
        kind=kind.code,
        number=case_number(PREFIX),
        verifier=stored,
        language=language,
    )
    if not insert_ignore(row):
        raise NumberTaken
    return row


def _shown(row: Conversation, secret: bytes) -> Opened:
    """What the person writes down, in the language in which the conversation began."""
    words = passphrase.derive(secret, row.language)
    return Opened(row.number, words, ends_on(row), _token(row.pk), row.language)


def _sent_before(pk: UUID, message: str) -> Conversation:
    """The conversation that the same form opened with the same message. Raises `FormExpired`."""
    row = Conversation.objects.filter(pk=pk).first()
    if row is None or entries_of(row)[0].text != message:
        raise FormExpired
    return row


def _open_row(kind: ConversationKind, pk: UUID, *, lock: bool = False) -> Conversation:
    rows = Conversation.objects.select_for_update() if lock else Conversation.objects.all()
    row = rows.filter(pk=pk, kind__in=kind.codes).exclude(newest=Direction.CLOSING).first()
    if row is None:
        raise UnknownConversation
    return row


def _say(actor: Actor, kind: ConversationKind, row: Conversation, message: str, event: str, rank: int | None) -> None:
    add(actor, row, Direction.PERSON, message, rank=rank)
    record_of_hour(actor, f"conversation.{event}", SUBJECT, row.pk)
    # Of the conversation's own kind, whatever page it was continued on.
    heard = (kind if row.kind == kind.code else kind_of(row.kind)).on_message
    if heard is not None:
        heard(actor, row.pk, message)


def _id_of(secret: bytes) -> UUID:
    return UUID(bytes=hmac.digest(secret, b"tutela.anonymous.id", hashlib.sha256)[:16], version=4)


def _number(typed: str) -> str:
    signs = "".join(one for one in typed[:40].upper() if one.isalnum())
    return f"{signs[:1]}-{signs[1:5]}-{signs[5:9]}-{signs[9:]}"[:20]


def _token(pk: UUID) -> str:
    return signing.dumps([str(pk), int(clock.now().timestamp())], salt=_SALT)


def _opened(token: str) -> UUID:
    try:
        pk, at = signing.loads(token[:500], salt=_SALT)
    except (signing.BadSignature, ValueError):
        raise UnknownConversation from None
    if clock.now().timestamp() > at + ticket.LIFETIME.total_seconds():
        raise UnknownConversation
    return UUID(pk)
