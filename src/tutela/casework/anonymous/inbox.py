"""Inbox of anonymous conversations, for people of the organisation that receives them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, QuerySet, When
from django.utils.translation import gettext_lazy as _

from tutela.casework.anonymous import conversations, kinds
from tutela.casework.anonymous.conversations import SUBJECT
from tutela.casework.anonymous.entry import Entry
from tutela.casework.anonymous.errors import EntryAdded
from tutela.casework.models import Conversation, ConversationEntry, Direction
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import clocks

READ, ANSWER = "conversations.read", "conversations.answer"
PAGE_SIZE = 50
# States for filters: who wrote last, in the order of the work.
STATES = {
    "waiting": (Direction.PERSON, _("To answer")),
    "answered": (Direction.STAFF, _("Answered")),
    "closed": (Direction.CLOSING, _("Closed")),
}
# Also a state of the list: messages that the person wrote last, beyond the usual number of an hour.
RESERVE = "reserve"


@dataclass(frozen=True)
class Row:
    """A conversation in the list. Its times are hours."""

    id: UUID
    number: str
    kind: str
    language: str
    since: datetime
    ends_on: datetime


@dataclass(frozen=True)
class Detail:
    """A conversation with its entries. `seen` is their number, which an answer repeats.

    `note`: what its kind tells staff before they answer.
    """

    row: Row
    entries: list[Entry]
    closed: bool
    note: object = ""

    @property
    def seen(self) -> int:
        """The number of entries."""
        return len(self.entries)


@dataclass(frozen=True)
class Opening:
    """How a conversation began: its kind, the language in which the person wrote, and the first message."""

    kind: str
    language: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class PersonMessage:
    """A message of a person, for a job that reads it."""

    id: UUID
    conversation_id: UUID
    kind: str
    text: str = field(repr=False)
    # Of the reserve; None in the ordinary inbox.
    rank: int | None = None


def messages_of(
    actor: Actor, kinds: Collection[str], since: datetime, without: QuerySet[Any, UUID]
) -> list[PersonMessage]:
    """Messages of people in open conversations of some kinds since an hour, oldest first. For a job.

    `without` is a query for the IDs of messages that were read already: they are not unsealed again.
    """
    with acting(actor):
        rows = (
            ConversationEntry.objects.filter(
                conversation__kind__in=list(kinds), direction=Direction.PERSON, created_at__gte=since
            )
            .exclude(pk__in=without)
            .select_related("conversation")
        )
        return [
            PersonMessage(
                one.pk,
                one.conversation_id,
                one.conversation.kind,
                conversations.unseal(one.conversation_id, one.sealed),
                one.rank,
            )
            for one in rows.order_by("created_at", "conversation_id", "position")
        ]


def waiting_of(kind: str) -> list[Row]:
    """Conversations of a kind in which the person wrote last. Call inside `acting(actor)`."""
    rows = Conversation.objects.filter(kind=kind, newest=Direction.PERSON)
    return [_row(one) for one in rows.order_by("newest_at", "id")]


def reserve_of(kind: str) -> Counter[datetime]:
    """Messages of the reserve that wait in conversations of a kind, by their hour. Call inside `acting(actor)`."""
    rows = Conversation.objects.filter(kind=kind, newest=Direction.PERSON, rank__isnull=False)
    return Counter(dict(rows.order_by().values_list("newest_at").annotate(Count("pk"))))


def lock(conversation_id: UUID) -> bool:
    """Lock a conversation; returns whether it exists. Call inside `acting(actor)`."""
    return Conversation.objects.select_for_update().filter(pk=conversation_id).first() is not None


def list_conversations(actor: Actor, state: str, part: ListPage = FIRST_PAGE) -> tuple[list[Row], bool]:
    """Conversations in a state, oldest first, and whether more follow. The view is recorded.

    The reserve begins with the messages of danger, and of them with those of the lowest rank.
    """
    actor.require(READ)
    direction, reserved = STATES.get(state, STATES["waiting"])[0], state == RESERVE
    danger = [one.code for one in kinds.registered() if one.danger]
    order = (Case(When(kind__in=danger, then=0), default=1), "rank") if reserved else ()
    with acting(actor):
        rows = _of(actor).filter(newest=direction, rank__isnull=not reserved).order_by(*order, "newest_at", "id")
        found, more = part.of(rows, {}, PAGE_SIZE)
        noted(actor, SUBJECT, (one.pk for one in found), part, state=state)
        return [_row(one) for one in found], more


def with_numbers(actor: Actor, numbers: Collection[str], most: int) -> list[tuple[Row, object]]:
    """Conversations with these case numbers, each with its state as text. Call inside `acting(actor)`."""
    actor.require(READ)
    texts = dict(STATES.values())
    return [(_row(one), texts[Direction(one.newest)]) for one in _of(actor).filter(number__in=numbers)[:most]]


def read(actor: Actor, conversation_id: UUID) -> Detail:
    """One conversation. The view is recorded. Raises `NotFound`."""
    actor.require(READ)
    with acting(actor):
        row = _one(_of(actor), conversation_id)
        record(actor, "conversation.viewed", SUBJECT, row.pk)
        told = kinds.kind_of(row.kind).answer_note if kinds.known(row.kind) else None
        note = told(row.pk) if told is not None else ""
        return Detail(_row(row), conversations.entries_of(row), row.newest == Direction.CLOSING, note)


def exists(actor: Actor, conversation_id: UUID) -> bool:
    """Whether the actor may see a conversation with this ID."""
    with acting(actor):
        return _of(actor).filter(pk=conversation_id).exists()


def answer(actor: Actor, conversation_id: UUID, text: str, seen: int) -> None:
    """Answer a conversation whose `seen` entries the actor read. Raises `EntryAdded`, `AlreadyClosed`, `Invalid`."""
    actor.require(ANSWER)
    message = conversations.cleaned(text)
    with acting(actor):
        _add(actor, conversation_id, Direction.STAFF, message, seen)
        record(actor, "conversation.answered", SUBJECT, conversation_id)


def readable(conversation_id: UUID) -> bool:
    """Whether the person can read a conversation: it is neither closed nor erased. Call inside `acting(actor)`."""
    return Conversation.objects.filter(pk=conversation_id).exclude(newest=Direction.CLOSING).exists()


def answered(conversation_id: UUID) -> bool:
    """Whether somebody answered a conversation. Call inside `acting(actor)`."""
    return ConversationEntry.objects.filter(conversation=conversation_id, direction=Direction.STAFF).exists()


def erase_words(actor: Actor, conversation_id: UUID) -> None:
    """Erase every message of a conversation, also of a closed one. Call inside `acting(actor)`."""
    row = _of(actor).select_for_update().filter(pk=conversation_id).first()
    if row is not None:
        row.entries.all().delete()


def tell(actor: Actor, conversation_id: UUID, text: str) -> bool:
    """Write to the person whatever they wrote meanwhile; False once the conversation is closed or erased.

    For an answer that follows from a decision elsewhere. Call inside `acting(actor)`.
    """
    row = _of(actor).select_for_update().filter(pk=conversation_id).exclude(newest=Direction.CLOSING).first()
    if row is None:
        return False
    message = conversations.cleaned(text)
    conversations.add(actor, row, Direction.STAFF, message, by=actor.reference, by_name=actor.organisation_name[:200])
    record(actor, "conversation.answered", SUBJECT, row.pk)
    return True


def tell_only(actor: Actor, conversation_id: UUID, text: str) -> bool:
    """Erase every message of a conversation and leave this text; False once it is closed or erased.

    For what its person may no longer read. Call inside `acting(actor)`.
    """
    if not lock(conversation_id) or not readable(conversation_id):
        return False
    erase_words(actor, conversation_id)
    return tell(actor, conversation_id, text)


def numbers_of(conversation_ids: Collection[UUID]) -> dict[UUID, str]:
    """Case numbers of conversations that exist. Call inside `acting(actor)`."""
    return dict(Conversation.objects.filter(pk__in=list(conversation_ids)).values_list("pk", "number"))


def ids_of(numbers: Collection[str]) -> list[UUID]:
    """Conversations that have one of these case numbers. Call inside `acting(actor)`."""
    return list(Conversation.objects.filter(number__in=list(numbers)).values_list("pk", flat=True))


def language_of(conversation_id: UUID) -> str:
    """The language in which the person wrote; empty if the conversation is gone. Call inside `acting(actor)`."""
    rows = Conversation.objects.filter(pk=conversation_id)
    return rows.values_list("language", flat=True).first() or ""


def opening_of(conversation_id: UUID) -> Opening | None:
    """How a conversation began; None if it is gone. Call inside `acting(actor)`."""
    row = Conversation.objects.filter(pk=conversation_id).first()
    if row is None:
        return None
    first = row.entries.filter(direction=Direction.PERSON).order_by("position").first()
    return Opening(row.kind, row.language, conversations.unseal(row.pk, first.sealed) if first else "")


def close(actor: Actor, conversation_id: UUID, seen: int) -> None:
    """Close a conversation: its person can no longer read it. Raises `EntryAdded`, `AlreadyClosed`."""
    actor.require(ANSWER)
    with acting(actor):
        _add(actor, conversation_id, Direction.CLOSING, "", seen)
        record(actor, "conversation.closed", SUBJECT, conversation_id)


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """The conversations to answer, for the start page."""
    if not actor.can(READ):
        return None
    with acting(actor):
        rows = _of(actor).filter(newest=Direction.PERSON)
        waiting, reserved = (rows.filter(rank__isnull=usual)[:1000].count() for usual in (True, False))
    todos = [
        (_("Anonymous messages to answer"), waiting, "/desk/conversations/", False),
        (_("Anonymous messages in the reserve"), reserved, f"/desk/conversations/?state={RESERVE}", False),
    ]
    return {"todos": found} if (found := [one for one in todos if one[1]]) else None


def _add(actor: Actor, conversation_id: UUID, direction: Direction, text: str, seen: int) -> None:
    row = _one(_of(actor).select_for_update(), conversation_id)
    if row.newest != Direction.CLOSING and row.entries.count() != seen:
        raise EntryAdded
    conversations.add(actor, row, direction, text, by=actor.reference, by_name=actor.name[:200])
    clocks.stop_all(actor, SUBJECT, row.pk)


def _of(actor: Actor) -> QuerySet[Conversation]:
    return Conversation.objects.filter(organisation_id=actor.organisation_id)


def _one(rows: QuerySet[Conversation], conversation_id: UUID) -> Conversation:
    row = rows.filter(pk=conversation_id).first()
    if row is None:
        raise NotFound
    return row


def _row(one: Conversation) -> Row:
    return Row(one.pk, one.number, one.kind, one.language, one.newest_at, conversations.ends_on(one))
