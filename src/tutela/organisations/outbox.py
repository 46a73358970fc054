"""Messages to other organisations: stored with the change that causes them, sent until they are answered.

1. `send()` stores the message in the caller's transaction; once that is committed its delivery is ordered (`lanes`).
2. `delivery` posts it to the recipient's API with its idempotency key; the recipient answers the same key the same way.
3. A 2xx or a final 4xx is stored as the answer, and whoever subscribed to the kind is told in that transaction.
4. Anything else is tried again, with growing pauses, for as long as it takes; the state is visible all the time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Count, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Least

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.inserting import insert_all, insert_once
from tutela.events.recording import record
from tutela.organisations import lanes
from tutela.organisations.models import OutboxMessage, PeerCredential, RecipientAway
from tutela.organisations.pauses import LONGEST_URGENT, pause_after
from tutela.organisations.sealing import unwrap, wrap

# The answer that a message has which was erased before anybody took it.
GONE = 410

# Written out: of a prepared statement whose number comes apart the database does not know that an index is of these.
REFUSED = RawSQL('"organisations_outboxmessage"."answer_status" >= 300', [], output_field=BooleanField())

Handler = Callable[[Actor, "Answer"], None]
_handlers: dict[str, list[Handler]] = {}


@dataclass(frozen=True)
class Answer:
    """What a recipient said to a message of ours."""

    kind: str
    subject_id: str
    recipient_id: UUID
    status: int
    body: dict[str, Any]

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Message:
    """One of several messages that are stored together."""

    recipient_id: UUID
    path: str
    body: str
    key: str
    subject_id: str


@dataclass(frozen=True)
class MessageState:
    """A message as people see it: waiting, sent or refused, with attempts, the next one and what is in the way."""

    id: UUID
    kind: str
    recipient: str
    state: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    answered_at: datetime | None
    last_error: str
    urgent: bool = False


@dataclass(frozen=True)
class Absence:
    """A recipient that does not answer: since when, how often it was asked, what came of it, and what waits for it."""

    recipient: str
    since: datetime
    attempts: int
    next_attempt_at: datetime
    error: str
    waiting: int
    urgent: int


def on_answer(kind: str, handler: Handler) -> None:
    """Subscribe to the answers to a kind of message. For `app/wiring.py`."""
    _handlers.setdefault(kind, []).append(handler)


def set_credential(actor: Actor, peer_id: UUID, token: str) -> None:
    """The API key that the actor's organisation presents to a peer."""
    with acting(actor):
        PeerCredential.objects.update_or_create(
            organisation_id=actor.organisation_id, peer_id=peer_id,
            defaults={"wrapped_token": wrap(token.encode(), f"peer:{peer_id}")},
        )  # fmt: skip
        record(actor, "peer.credential", "organisation", peer_id)


def has_credential(actor: Actor, peer_id: UUID) -> bool:
    """Whether the actor's organisation holds a key to a peer's API."""
    with acting(actor):
        return PeerCredential.objects.filter(organisation_id=actor.organisation_id, peer_id=peer_id).exists()


def send(  # noqa: PLR0913 - each is a part of the message
    actor: Actor, recipient_id: UUID, kind: str, path: str, body: str, *,
    key: str, subject_id: object, urgent: bool = False,
) -> UUID:  # fmt: skip
    """Store a message and have it delivered; the same key twice is one message. Call inside `acting(actor)`.

    What is urgent goes first, and with it whatever has to arrive before it: the earlier ones about the same subject.
    """
    row = OutboxMessage(
        organisation_id=actor.organisation_id, recipient_id=recipient_id, key=key, kind=kind, path=path,
        subject_id=str(subject_id), sealed_body=wrap(body.encode(), f"outbox:{key}"), urgent=urgent,
    )  # fmt: skip
    if not insert_once(row):
        return OutboxMessage.objects.values_list("pk", flat=True).get(recipient_id=recipient_id, key=key)
    if urgent:
        earlier = OutboxMessage.objects.filter(recipient_id=recipient_id, subject_id=row.subject_id, answered_at=None)
        soon = Least("next_attempt_at", clock.now() + LONGEST_URGENT)
        earlier.filter(urgent=False).update(urgent=True, next_attempt_at=soon)
    lanes.order_after_commit(actor.organisation_id, recipient_id)
    return row.id


def send_all(actor: Actor, kind: str, messages: Sequence[Message], *, urgent: bool = False) -> None:
    """As `send`, for many messages of a kind about different subjects, by a handful of statements."""
    rows = [
        OutboxMessage(
            organisation_id=actor.organisation_id, recipient_id=one.recipient_id, key=one.key, kind=kind,
            path=one.path, subject_id=one.subject_id, sealed_body=wrap(one.body.encode(), f"outbox:{one.key}"),
            urgent=urgent,
        )
        for one in messages
    ]  # fmt: skip
    insert_all(rows)
    if urgent:
        soon = Least("next_attempt_at", clock.now() + LONGEST_URGENT)
        for recipient in {one.recipient_id for one in messages}:
            about = [one.subject_id for one in messages if one.recipient_id == recipient]
            earlier = OutboxMessage.objects.filter(recipient_id=recipient, subject_id__in=about, answered_at=None)
            earlier.filter(urgent=False).update(urgent=True, next_attempt_at=soon)
    for recipient in {one.recipient_id for one in messages}:
        lanes.order_after_commit(actor.organisation_id, recipient)


def under_way(actor: Actor, recipient_id: UUID, subjects: Iterable[UUID]) -> set[UUID]:
    """About which of these something waits for a recipient's answer. Call inside `acting(actor)`."""
    rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, recipient_id=recipient_id)
    names = [str(one) for one in subjects]
    found = rows.filter(answered_at=None, subject_id__in=names).order_by().values_list("subject_id", flat=True)
    return {UUID(one) for one in found.distinct()}


def supersede(actor: Actor, recipient_id: UUID, kind: str, subject_id: object) -> None:
    """What was refused of this kind about a subject is not sent again: a mended one follows. Within `acting(actor)`."""
    rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, recipient_id=recipient_id, kind=kind)
    rows.filter(REFUSED, subject_id=str(subject_id)).update(sealed_body=b"")


def waiting_for(actor: Actor, kind: str) -> dict[UUID, int]:
    """How many messages of a kind wait for each recipient's answer. Call inside `acting(actor)`."""
    rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, kind=kind, answered_at=None)
    return dict(rows.order_by().values_list("recipient_id").annotate(n=Count("pk")))


def settle_about(actor: Actor, recipient_id: UUID, kind: str, subject_id: object) -> int:
    """What waits of a kind about a subject was read by its recipient; returns how many. Within `acting(actor)`."""
    rows = OutboxMessage.objects.filter(
        organisation_id=actor.organisation_id, recipient_id=recipient_id, kind=kind, subject_id=str(subject_id),
        answered_at=None,
    )  # fmt: skip
    return rows.update(answered_at=clock.now(), answer_status=200, sealed_body=b"", last_error="")


def settle_these(actor: Actor, recipient_id: UUID, kind: str, keys: Iterable[str]) -> int:
    """What waits under exactly these keys arrived another way; returns how many. Within `acting(actor)`."""
    rows = OutboxMessage.objects.filter(
        organisation_id=actor.organisation_id, recipient_id=recipient_id, kind=kind, key__in=list(keys),
        answered_at=None,
    )  # fmt: skip
    return rows.update(answered_at=clock.now(), answer_status=200, sealed_body=b"", last_error="")


def settle(actor: Actor, recipient_id: UUID, kind: str, key: str) -> int:
    """What waits under this key, or begins with it, arrived another way; returns how many. Within `acting(actor)`."""
    rows = OutboxMessage.objects.filter(
        organisation_id=actor.organisation_id,
        recipient_id=recipient_id,
        kind=kind,
        key__startswith=key,
        answered_at=None,
    )
    return rows.update(answered_at=clock.now(), answer_status=200, sealed_body=b"", last_error="")


def bodies(
    actor: Actor, recipient_id: UUID, kinds: Iterable[str], most: int | None = None
) -> list[tuple[UUID, str, str, str]]:
    """(id, kind, key, body) of what waits for a recipient, oldest first, to be handed over in another way.

    `most`: no more than so many.
    """
    with acting(actor):
        rows = OutboxMessage.objects.filter(
            organisation_id=actor.organisation_id, recipient_id=recipient_id, kind__in=list(kinds), answered_at=None
        )
        return [
            (row.id, row.kind, row.key, unwrap(bytes(row.sealed_body), f"outbox:{row.key}").decode())
            for row in rows.order_by("created_at", "id")[:most]
        ]


def forget(actor: Actor, subject_id: object) -> None:
    """Empty every message about a subject that is erased; what was not delivered never is. Within `acting(actor)`."""
    rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, subject_id=str(subject_id))
    rows.filter(answered_at=None).update(
        answered_at=clock.now(), answer_status=GONE, last_error="erased before it was delivered"
    )
    rows.exclude(sealed_body=b"").update(sealed_body=b"")


def states(actor: Actor, subject_id: object) -> list[MessageState]:
    """The messages about one subject, oldest first."""
    with acting(actor):
        rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, subject_id=str(subject_id))
        away = _away()
        return [_shown(row, away) for row in rows.select_related("recipient").order_by("created_at")]


def answers_about(subject_id: object, kinds: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Of each message of these kinds about a subject, by its key: waiting, sent or refused, and why refused.

    Call inside `acting(actor)`.
    """
    rows = OutboxMessage.objects.filter(subject_id=str(subject_id), kind__in=list(kinds))
    return {row.key: (_state(row), _reason(row.answer)) for row in rows}


def unsettled(actor: Actor) -> list[MessageState]:
    """What waits and what was refused and can be sent again, urgent and then newest first; at most 500."""
    with acting(actor):
        rows = OutboxMessage.objects.filter(Q(answered_at=None) | Q(REFUSED))
        chosen = rows.exclude(sealed_body=b"").select_related("recipient").order_by("-urgent", "-created_at")[:500]
        away = _away()
        return [_shown(row, away) for row in chosen]


def absences(actor: Actor) -> list[Absence]:
    """Recipients that do not answer while something waits for them; the longest first."""
    with acting(actor):
        away = list(RecipientAway.objects.select_related("recipient").order_by("created_at"))
        if not away:
            return []
        rows = OutboxMessage.objects.filter(answered_at=None, recipient_id__in=[one.recipient_id for one in away])
        urgent_ones = Count("pk", filter=Q(urgent=True))
        counted = rows.order_by().values_list("recipient_id").annotate(all=Count("pk"), urgent_ones=urgent_ones)
        counts = {recipient: (total, urgent) for recipient, total, urgent in counted}
        return [_absence(one, *counts[one.recipient_id]) for one in away if one.recipient_id in counts]


def refused(actor: Actor) -> int:
    """How many messages were refused and can be sent again."""
    with acting(actor):
        return OutboxMessage.objects.filter(REFUSED).exclude(sealed_body=b"").count()


def waiting(actor: Actor) -> list[UUID]:
    """The organisation's messages without an answer, oldest first."""
    with acting(actor):
        rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, answered_at=None)
        return list(rows.order_by("created_at").values_list("pk", flat=True))


def send_again(actor: Actor, message_id: UUID) -> None:
    """Send a refused message once more, under its old key. Raises `NotFound` where there is none to send."""
    actor.require("messages.resend")
    with acting(actor):
        row = OutboxMessage.objects.select_for_update().filter(pk=message_id, answered_at__isnull=False).first()
        if row is None or not row.sealed_body or (row.answer_status or 0) < 300:
            raise NotFound
        row.answered_at, row.answer_status, row.answer, row.next_attempt_at = None, None, "", clock.now()
        row.save()
        record(actor, "message.resent", row.kind, row.subject_id, message=row.id)
        lanes.order_after_commit(actor.organisation_id, row.recipient_id)


def erase_refused(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Retention: the bytes of messages that were refused before `before` and never sent again."""
    rows = OutboxMessage.objects.filter(answered_at__lt=before).exclude(sealed_body=b"")
    for row in rows.order_by("answered_at"):
        row.sealed_body = b""
        row.save(update_fields=["sealed_body"])
        yield "message", str(row.pk)


def answered(actor: Actor, row: OutboxMessage) -> None:
    """Record a message's answer and tell who subscribed to its kind. Within `acting(actor)`, the message locked."""
    try:
        body = json.loads(row.answer) if row.answer else {}
    except ValueError:
        body = {"detail": row.answer[:500]}
    answer = Answer(row.kind, row.subject_id, row.recipient_id, row.answer_status or 0, body)
    verb = "delivered" if answer.accepted else "refused"
    record(actor, f"message.{verb}", row.kind, row.subject_id, message=row.id, status=answer.status)
    for handler in _handlers.get(row.kind, []):
        handler(actor, answer)


def _away() -> dict[UUID, tuple[RecipientAway, datetime]]:
    """Who is away, and when it is asked again."""
    rows = list(RecipientAway.objects.all())
    waiting = OutboxMessage.objects.filter(
        answered_at=None, urgent=True, recipient_id__in=[r.recipient_id for r in rows]
    )
    urgent = set(waiting.order_by().values_list("recipient_id", flat=True).distinct()) if rows else set()
    return {one.recipient_id: (one, asked_at(one, urgent=one.recipient_id in urgent)) for one in rows}


def _absence(away: RecipientAway, waiting: int, urgent: int) -> Absence:
    again = asked_at(away, urgent=urgent > 0)
    return Absence(away.recipient.name, away.created_at, away.attempts, again, away.error, waiting, urgent)


def asked_at(away: RecipientAway, *, urgent: bool) -> datetime:
    """When somebody who is away is asked again; `urgent`: something that waits for them is."""
    return away.tried_at + pause_after(away.attempts, urgent=urgent)


def _shown(row: OutboxMessage, away: Mapping[UUID, tuple[RecipientAway, datetime]]) -> MessageState:
    state, absence = _state(row), away.get(row.recipient_id)
    reason, at = row.last_error or (_reason(row.answer) if state == "refused" else ""), row.next_attempt_at
    if state == "waiting" and absence is not None:
        reason, at = absence[0].error, absence[1]
    return MessageState(
        row.id, row.kind, row.recipient.name, state, row.attempts, row.created_at, at, row.answered_at, reason,
        row.urgent,
    )  # fmt: skip


def _reason(answer: str) -> str:
    try:
        said = json.loads(answer)
        return str(said.get("detail") or said.get("title") or "")[:300]
    except (ValueError, AttributeError):
        return ""


def _state(row: OutboxMessage) -> str:
    if row.answered_at is None:
        return "waiting"
    return "sent" if 200 <= (row.answer_status or 0) < 300 else "refused"
