"""Messages to other organisations: stored with the change that causes them, sent until they are answered.

1. `send()` stores the message in the caller's transaction and enqueues its delivery in the same transaction.
2. The job posts it to the recipient's API with its idempotency key; the recipient answers the same key the same way.
3. A 2xx or a final 4xx is stored as the answer, and whoever subscribed to the kind is told in that transaction.
4. Anything else is tried again, with growing pauses, for as long as it takes; the state is visible all the time.
"""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from django.db import transaction
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from procrastinate.exceptions import AlreadyEnqueued

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.inserting import insert_once
from tutela.events.recording import record
from tutela.organisations.certificates import context_for
from tutela.organisations.directory import acting_for, entry
from tutela.organisations.models import OutboxMessage, PeerCredential
from tutela.organisations.sealing import unwrap, wrap

# The answer that a message has which was erased before anybody took it.
GONE = 410

TIMEOUT = httpx.Timeout(20.0, connect=5.0)
LONGEST_PAUSE = timedelta(minutes=30)
# Answers after which sending the same bytes again cannot help, when it is the recipient's node that gives them.
FINAL = frozenset({400, 404, 409, 410, 413, 422})
# Written out: of a prepared statement whose number comes apart the database does not know that an index is of these.
_REFUSED = RawSQL('"organisations_outboxmessage"."answer_status" >= 300', [], output_field=BooleanField())
PROBLEM, JSON = "application/problem+json", "application/json"

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
class MessageState:
    """A message as people see it: waiting, sent or refused, with attempts and the last error."""

    id: UUID
    kind: str
    recipient: str
    state: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    answered_at: datetime | None
    last_error: str


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


def send(actor: Actor, recipient_id: UUID, kind: str, path: str, body: str, *, key: str, subject_id: object) -> UUID:
    """Store a message and enqueue its delivery; the same key twice is one message. Call inside `acting(actor)`."""
    row = OutboxMessage(
        organisation_id=actor.organisation_id, recipient_id=recipient_id, key=key, kind=kind, path=path,
        subject_id=str(subject_id), sealed_body=wrap(body.encode(), f"outbox:{key}"),
    )  # fmt: skip
    if not insert_once(row):
        return OutboxMessage.objects.values_list("pk", flat=True).get(recipient_id=recipient_id, key=key)
    _enqueue(row)
    return row.id


def supersede(actor: Actor, recipient_id: UUID, kind: str, subject_id: object) -> None:
    """What was refused of this kind about a subject is not sent again: a mended one follows. Within `acting(actor)`."""
    rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, recipient_id=recipient_id, kind=kind)
    rows.filter(subject_id=str(subject_id), answer_status__gte=300).update(sealed_body=b"")


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


def bodies(actor: Actor, recipient_id: UUID, kinds: Iterable[str]) -> list[tuple[UUID, str, str, str]]:
    """(id, kind, key, body) of what waits for a recipient, oldest first, to be handed over in another way."""
    with acting(actor):
        rows = OutboxMessage.objects.filter(
            organisation_id=actor.organisation_id, recipient_id=recipient_id, kind__in=list(kinds), answered_at=None
        )
        return [
            (row.id, row.kind, row.key, unwrap(bytes(row.sealed_body), f"outbox:{row.key}").decode())
            for row in rows.order_by("created_at", "id")
        ]


def forget(actor: Actor, subject_id: object) -> None:
    """Empty every message about a subject that is erased; what was not delivered never is. Within `acting(actor)`."""
    rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, subject_id=str(subject_id))
    rows.filter(answered_at=None).update(
        answered_at=clock.now(), answer_status=GONE, last_error="erased before it was delivered"
    )
    rows.exclude(sealed_body=b"").update(sealed_body=b"")


def _enqueue(row: OutboxMessage) -> None:
    from tutela.organisations.jobs import deliver

    # A job that is queued already delivers what is stored now.
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        deliver.configure(queueing_lock=f"outbox:{row.id}").defer(
            organisation_id=str(row.organisation_id), message_id=str(row.id)
        )


def states(actor: Actor, subject_id: object) -> list[MessageState]:
    """The messages about one subject, oldest first."""
    with acting(actor):
        rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, subject_id=str(subject_id))
        return [_shown(row) for row in rows.select_related("recipient").order_by("created_at")]


def unsettled(actor: Actor) -> list[MessageState]:
    """What waits and what was refused and can be sent again, newest first; at most 500."""
    with acting(actor):
        rows = OutboxMessage.objects.filter(Q(answered_at=None) | Q(answer_status__gte=300))
        chosen = rows.exclude(sealed_body=b"").select_related("recipient").order_by("-created_at")[:500]
        return [_shown(row) for row in chosen]


def refused(actor: Actor) -> int:
    """How many messages were refused and can be sent again."""
    with acting(actor):
        return OutboxMessage.objects.filter(_REFUSED).exclude(sealed_body=b"").count()


def waiting(actor: Actor) -> list[UUID]:
    """The organisation's messages without an answer, oldest first."""
    with acting(actor):
        rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, answered_at=None)
        return list(rows.order_by("created_at").values_list("pk", flat=True))


def deliver_now(organisation_id: UUID, message_id: UUID, client: httpx.Client | None = None) -> datetime | None:
    """Try one delivery. Returns when to try again, or None when the message has its answer."""
    actor = acting_for(entry(organisation_id), "system:outbox", "Outbox")
    with acting(actor):
        row = OutboxMessage.objects.select_related("recipient").filter(pk=message_id).first()
        if row is None or row.answered_at is not None:
            return None
        credential = PeerCredential.objects.filter(organisation_id=organisation_id, peer_id=row.recipient_id).first()
    token = unwrap(bytes(credential.wrapped_token), f"peer:{row.recipient_id}").decode() if credential else ""
    # Asked again at every attempt: an organisation that was suspended meanwhile gets nothing more.
    if entry(row.recipient_id).verified:
        status, body, error = _post(row, token, client, context_for(credential))
    else:
        status, body, error = 0, "", "The recipient is not verified, or suspended; nothing is sent."
    with acting(actor):
        row = OutboxMessage.objects.select_for_update().get(pk=message_id)
        if row.answered_at is not None:
            return None
        row.attempts += 1
        if status and (200 <= status < 300 or status in FINAL):
            row.answered_at, row.answer_status, row.answer, row.last_error = clock.now(), status, body, ""
            if status < 300:
                row.sealed_body = b""  # sender and recipient keep their own records; a third copy would outlive both
            row.save()
            _tell(actor, row)
            return None
        row.last_error = error or f"HTTP {status}"
        row.next_attempt_at = clock.now() + pause_after(row.attempts)
        row.save()
        return row.next_attempt_at


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
        _enqueue(row)


def erase_refused(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Retention: the bytes of messages that were refused before `before` and never sent again."""
    rows = OutboxMessage.objects.filter(answered_at__lt=before).exclude(sealed_body=b"")
    for row in rows.order_by("answered_at"):
        row.sealed_body = b""
        row.save(update_fields=["sealed_body"])
        yield "message", str(row.pk)


def pause_after(attempts: int) -> timedelta:
    """1, 2, 4, … seconds, at most half an hour."""
    return min(timedelta(seconds=2 ** min(attempts - 1, 12)), LONGEST_PAUSE)


def _tell(actor: Actor, row: OutboxMessage) -> None:
    try:
        body = json.loads(row.answer) if row.answer else {}
    except ValueError:
        body = {"detail": row.answer[:500]}
    answer = Answer(row.kind, row.subject_id, row.recipient_id, row.answer_status or 0, body)
    verb = "delivered" if answer.accepted else "refused"
    record(actor, f"message.{verb}", row.kind, row.subject_id, message=row.id, status=answer.status)
    for handler in _handlers.get(row.kind, []):
        handler(actor, answer)


def _post(
    row: OutboxMessage, token: str, client: httpx.Client | None, trusting: ssl.SSLContext | bool
) -> tuple[int, str, str]:
    url = row.recipient.api_url.rstrip("/")
    if not url:
        return 0, "", "The recipient has no API address."
    headers = {
        "Content-Type": "application/json", "Idempotency-Key": row.key, "Authorization": f"Bearer {token}",
    }  # fmt: skip
    content = unwrap(bytes(row.sealed_body), f"outbox:{row.key}")
    try:
        if client is not None:
            reply = client.post(url + row.path, content=content, headers=headers)
        else:
            with httpx.Client(timeout=TIMEOUT, follow_redirects=False, verify=trusting) as own:
                reply = own.post(url + row.path, content=content, headers=headers)
    except httpx.HTTPError as error:
        return 0, "", f"{type(error).__name__}: the recipient did not answer"[:300]
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (reply.is_success and kind != JSON) or (reply.status_code in FINAL and kind != PROBLEM):
        # A proxy, a captive portal, a server that is being replaced: somebody else answered.
        return 0, "", f"HTTP {reply.status_code}, and not from a node of Tutela"
    return reply.status_code, reply.text[:100_000], ""


def _shown(row: OutboxMessage) -> MessageState:
    state = _state(row)
    reason = row.last_error or (_reason(row.answer) if state == "refused" else "")
    return MessageState(
        row.id, row.kind, row.recipient.name, state, row.attempts, row.created_at, row.next_attempt_at,
        row.answered_at, reason,
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
