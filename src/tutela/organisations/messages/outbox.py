"""Outbox: messages to other organisations, stored with their change and sent until answered.

1. `send()` stores the message in the caller's transaction; after the commit its delivery is enqueued
   (`recipient_queues`).
2. `delivery` posts it to the recipient's API with its idempotency key; the recipient always gives the same answer to
   the same key.
3. A 2xx or a final 4xx is stored as the answer, and subscribers of the kind are notified in that transaction.
4. After any other result the message is retried, with growing pauses, without a time limit. The state is always
   visible.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Least

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, insert_ignore
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.messages import recipient_queues
from tutela.organisations.messages.faults import DeliveryFault
from tutela.organisations.models import OutboxMessage, PeerCredential
from tutela.organisations.people import api_keys
from tutela.organisations.vocabulary.backoff import LONGEST_URGENT_PAUSE

# The answer that a message has which was erased before anybody took it.
GONE = 410

# Written out: of a prepared statement whose number comes apart the database does not know that an index is of these.
REFUSED = RawSQL('"organisations_outboxmessage"."answer_status" >= 300', [], output_field=BooleanField())

Handler = Callable[[Actor, "MessageAnswer"], None]
_handlers: dict[str, list[Handler]] = {}


@dataclass(frozen=True)
class MessageAnswer:
    """A recipient's answer to a message of this node."""

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


def on_answer(kind: str, handler: Handler) -> None:
    """Subscribe to the answers to a kind of message. For `app/wiring.py`."""
    _handlers.setdefault(kind, []).append(handler)


def set_credential(actor: Actor, peer_id: UUID, token: str) -> None:
    """The API key that the actor's organisation presents to a peer, and to nobody else. Raises `Invalid`."""
    with acting(actor):
        api_keys.bind(actor, token, peer_id)
        PeerCredential.objects.update_or_create(
            organisation_id=actor.organisation_id,
            peer_id=peer_id,
            defaults={"wrapped_token": wrap(token.encode(), f"peer:{peer_id}")},
        )
        record(actor, "peer.credential", "organisation", peer_id)


def has_credential(actor: Actor, peer_id: UUID) -> bool:
    """Whether the actor's organisation holds a key to a peer's API."""
    with acting(actor):
        return PeerCredential.objects.filter(organisation_id=actor.organisation_id, peer_id=peer_id).exists()


def peers_with_credential(actor: Actor) -> set[UUID]:
    """Peers to whose API the actor's organisation holds a key."""
    with acting(actor):
        held = PeerCredential.objects.filter(organisation_id=actor.organisation_id)
        return set(held.values_list("peer_id", flat=True))


def send(  # noqa: PLR0913 - each is a part of the message
    actor: Actor,
    recipient_id: UUID,
    kind: str,
    path: str,
    body: str,
    *,
    key: str,
    subject_id: object,
    urgent: bool = False,
) -> UUID:
    """Store a message and have it delivered; the same key twice is one message. Call inside `acting(actor)`.

    What is urgent goes first, and with it whatever has to arrive before it: the earlier ones about the same subject.
    """
    row = _row(actor, kind, Message(recipient_id, path, body, key, str(subject_id)), urgent)
    if not insert_ignore(row):
        return OutboxMessage.objects.values_list("pk", flat=True).get(recipient_id=recipient_id, key=key)
    _order(actor, recipient_id, [row.subject_id] if urgent else [])
    return row.id


def send_all(actor: Actor, kind: str, messages: Sequence[Message], *, urgent: bool = False) -> None:
    """Send, as `send`, many messages of one kind about different subjects, with a few statements."""
    insert_all(_row(actor, kind, one, urgent) for one in messages)
    for recipient in {one.recipient_id for one in messages}:
        about = [one.subject_id for one in messages if one.recipient_id == recipient]
        _order(actor, recipient, about if urgent else [])


def supersede(actor: Actor, recipient_id: UUID, kind: str, subject_id: object) -> None:
    """Drop refused messages of this kind about a subject, because a corrected message follows.

    Call within `acting(actor)`.
    """
    rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, recipient_id=recipient_id, kind=kind)
    rows.filter(REFUSED, subject_id=str(subject_id)).update(sealed_body=b"")


def settle(actor: Actor, recipient_id: UUID, kind: str, keys: Iterable[str]) -> int:
    """Settle pending messages with exactly these keys, which arrived another way. Returns their number. Within
    `acting(actor)`.
    """
    return _settled(_waiting(actor, recipient_id, kind).filter(key__in=list(keys)))


def settle_copies(actor: Actor, recipient_id: UUID, kind: str, key: str) -> int:
    """Settle pending messages with this key, or sent again with this key, a colon and a suffix.

    Returns their number.
    """
    return _settled(_waiting(actor, recipient_id, kind).filter(Q(key=key) | Q(key__startswith=f"{key}:")))


def settle_about(actor: Actor, recipient_id: UUID, kind: str, subject_id: object) -> int:
    """Settle pending messages about a subject. Returns their number."""
    return _settled(_waiting(actor, recipient_id, kind).filter(subject_id=str(subject_id)))


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


def forget(actor: Actor, *subject_ids: object) -> None:
    """Empty every message about erased subjects; what was not delivered never is. Within `acting(actor)`."""
    about = [str(one) for one in subject_ids]
    rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, subject_id__in=about)
    rows.filter(answered_at=None).update(
        answered_at=clock.now(), answer_status=GONE, last_error=DeliveryFault.ERASED.value
    )
    rows.exclude(sealed_body=b"").update(sealed_body=b"")


def forget_peer(actor: Actor, recipient_id: UUID, kinds: Collection[str]) -> None:
    """Empty every message of some kinds to a recipient that gets none any more. Within `acting(actor)`."""
    rows = OutboxMessage.objects.filter(
        organisation_id=actor.organisation_id, recipient_id=recipient_id, kind__in=list(kinds), answered_at=None
    )
    rows.update(answered_at=clock.now(), answer_status=GONE, last_error=DeliveryFault.ERASED.value, sealed_body=b"")


def send_again(actor: Actor, message_id: UUID) -> None:
    """Send a refused message again under its old key. Raises `NotFound` if there is none to send."""
    actor.require("messages.resend")
    with acting(actor):
        row = OutboxMessage.objects.select_for_update().filter(pk=message_id, answered_at__isnull=False).first()
        if row is None or not row.sealed_body or (row.answer_status or 0) < 300:
            raise NotFound
        row.answered_at, row.answer_status, row.answer, row.next_attempt_at = None, None, "", clock.now()
        row.save()
        record(actor, "message.resent", row.kind, row.subject_id, message=row.id)
        recipient_queues.order_after_commit(actor.organisation_id, row.recipient_id)


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
    answer = MessageAnswer(row.kind, row.subject_id, row.recipient_id, row.answer_status or 0, body)
    verb = "delivered" if answer.accepted else "refused"
    record(actor, f"message.{verb}", row.kind, row.subject_id, message=row.id, status=answer.status)
    for handler in _handlers.get(row.kind, []):
        handler(actor, answer)


def _row(actor: Actor, kind: str, one: Message, urgent: bool) -> OutboxMessage:
    return OutboxMessage(
        organisation_id=actor.organisation_id,
        recipient_id=one.recipient_id,
        key=one.key,
        kind=kind,
        path=one.path,
        subject_id=one.subject_id,
        sealed_body=wrap(one.body.encode(), f"outbox:{one.key}"),
        urgent=urgent,
    )


def _order(actor: Actor, recipient_id: UUID, hastened: Sequence[str]) -> None:
    """Have a recipient's messages delivered, those about some subjects as urgent ones."""
    if hastened:
        earlier = OutboxMessage.objects.filter(recipient_id=recipient_id, subject_id__in=hastened, answered_at=None)
        soon = Least("next_attempt_at", clock.now() + LONGEST_URGENT_PAUSE)
        earlier.filter(urgent=False).update(urgent=True, next_attempt_at=soon)
    recipient_queues.order_after_commit(actor.organisation_id, recipient_id)


def _waiting(actor: Actor, recipient_id: UUID, kind: str) -> QuerySet[OutboxMessage]:
    mine = {"organisation_id": actor.organisation_id, "recipient_id": recipient_id, "kind": kind}
    return OutboxMessage.objects.filter(**mine, answered_at=None)


def _settled(rows: QuerySet[OutboxMessage]) -> int:
    return rows.update(answered_at=clock.now(), answer_status=200, sealed_body=b"", last_error="")
