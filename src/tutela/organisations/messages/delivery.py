"""Delivery of pending messages: one job at a time per recipient, urgent first.

Messages keep their order where order matters.

1. A turn has one recipient. The turn posts due messages, urgent first and then the oldest, one after the other over one
   connection. A recipient is therefore not overloaded after an outage.
2. Messages about one subject arrive in the order they were written: a later message waits for the answer to the earlier
   one.
3. A recipient is *away* if it does not answer, or a stranger answers for it. One message tests with growing pauses
   whether it is back, at most one minute apart while anything urgent is pending. All other messages wait and cost
   nothing.
4. The test message is alternately the most urgent and the least tried. A message that a recipient cannot process
   therefore does not block the others.
5. With the next answer of a recipient that was away, all its pending messages are due.
6. Any other error concerns its message alone, which has its own pauses.
7. Recipients that are away take at most `ASKING` slots of this process, and all recipients `DELIVERING`. Slots always
   remain for recipients that answer, and for other work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import structlog
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.messages import message_signing, outbox, outbox_status
from tutela.organisations.messages.faults import DeliveryFault
from tutela.organisations.messages.http_post import Connection, PostResult, token_of
from tutela.organisations.models import OutboxMessage, PeerCredential, RecipientAway
from tutela.organisations.people import api_keys
from tutela.organisations.people.directory import acting_for, entry
from tutela.organisations.vocabulary.backoff import LONGEST_PAUSE, is_due, pause_after
from tutela.organisations.vocabulary.transient_errors import trouble

DELIVERING, ASKING = 6, 3
# So many messages are chosen at once; what becomes urgent meanwhile goes before the next ones.
MESSAGES_AT_ONCE = 20
# After this, a turn makes room for other recipients'.
TURN_SECONDS = 10.0
_NO_PLACE = timedelta(seconds=1)

_places, _asking = threading.BoundedSemaphore(DELIVERING), threading.BoundedSemaphore(ASKING)
log = structlog.get_logger("tutela.outbox")


@dataclass(frozen=True)
class _Chosen:
    """Messages to post now; if there are none, when to check again. `asks`: the recipient is unreachable."""

    rows: list[OutboxMessage]
    again: datetime | None = None
    asks: bool = False


def turn(organisation_id: UUID, recipient_id: UUID, client: httpx.Client | None = None) -> datetime | None:
    """Post what is due to one recipient. Returns when to go on, or None when nothing waits."""
    actor = _actor(organisation_id)
    with _place(_places) as placed:
        if not placed:
            return clock.now() + _NO_PLACE
        with _line(actor, recipient_id, client) as line:
            return _post_all(actor, recipient_id, line)


def deliver_now(organisation_id: UUID, message_id: UUID, client: httpx.Client | None = None) -> datetime | None:
    """Try one delivery, whatever its pause. Returns when to try again, or None when the message has its answer."""
    actor = _actor(organisation_id)
    with acting(actor):
        row = OutboxMessage.objects.filter(pk=message_id).first()
    if row is None or row.answered_at is not None:
        return None
    with _line(actor, row.recipient_id, client) as line:
        _note(actor, row, _post(row, line))
    with acting(actor):
        row.refresh_from_db()
    return None if row.answered_at else row.next_attempt_at


def ask(actor: Actor, recipient_id: UUID, path: str, body: bytes, client: httpx.Client | None = None) -> PostResult:
    """Send a request that the recipient answers at once without storing it; tries once.

    The time limit is that of a message. Call outside of a transaction. Never raises because of the recipient, and does
    not change whether it is marked as away.
    """
    if not entry(recipient_id).verified:
        return PostResult(0, error=DeliveryFault.NOT_VERIFIED.value)
    with _line(actor, recipient_id, client) as line:
        return line.ask(path, body)


def _post_all(actor: Actor, recipient_id: UUID, line: Connection) -> datetime | None:
    end = time.monotonic() + TURN_SECONDS
    while time.monotonic() < end:
        chosen = _choose(actor, recipient_id)
        if not chosen.rows:
            return chosen.again
        if chosen.asks:
            with _place(_asking) as placed:
                if not placed:
                    return clock.now() + _NO_PLACE
                _attempt(actor, chosen.rows[0], line)
            continue
        for row in chosen.rows:
            if not _attempt(actor, row, line) or time.monotonic() > end:
                break
    return clock.now()


def _attempt(actor: Actor, row: OutboxMessage, line: Connection) -> bool:
    """Post a message and record the result. False if its recipient does not answer.

    A fault with one message, or with the processing of its answer, does not delay others. Only database faults do.
    """
    said: PostResult | None = None
    try:
        said = _post(row, line)
        _note(actor, row, said)
    except Exception as error:
        if trouble(error) is not None:
            raise
        log.exception("message not delivered", message=str(row.pk), kind=row.kind)
        _put_off(actor, row, said)
    return said is None or not said.away


def _choose(actor: Actor, recipient_id: UUID) -> _Chosen:
    now = clock.now()
    with acting(actor):
        waiting = OutboxMessage.objects.filter(
            organisation_id=actor.organisation_id, recipient_id=recipient_id, answered_at=None
        )
        front = waiting.filter(~Exists(_earlier())).select_related("recipient")
        away = RecipientAway.objects.filter(recipient_id=recipient_id).first()
        if away is not None:
            return _to_ask(away, waiting, front, now)
        due = front.filter(Q(next_attempt_at__lte=now) | Q(next_attempt_at__gt=now + LONGEST_PAUSE))
        if rows := list(due.order_by("-urgent", "created_at", "id")[:MESSAGES_AT_ONCE]):
            # What had to wait for an urgent one is perhaps urgent too, and is chosen next.
            return _Chosen([row for row in rows if row.urgent] or rows)
        return _Chosen([], front.aggregate(soonest=Min("next_attempt_at"))["soonest"])


def _to_ask(
    away: RecipientAway, waiting: QuerySet[OutboxMessage], front: QuerySet[OutboxMessage], now: datetime
) -> _Chosen:
    at = outbox_status.asked_at(away, urgent=waiting.filter(urgent=True).exists())
    if not is_due(at, now):
        return _Chosen([], at if waiting.exists() else None)
    least_tried = ["attempts"] if away.attempts % 2 else []
    return _Chosen(list(front.order_by(*least_tried, "-urgent", "created_at", "id")[:1]), asks=True)


def _earlier() -> QuerySet[OutboxMessage]:
    """Unanswered messages to the same recipient about the same subject that were written earlier."""
    before = Q(created_at__lt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), pk__lt=OuterRef("pk"))
    return OutboxMessage.objects.filter(
        before,
        organisation_id=OuterRef("organisation_id"),
        recipient_id=OuterRef("recipient_id"),
        subject_id=OuterRef("subject_id"),
        answered_at=None,
    )


def _post(row: OutboxMessage, line: Connection) -> PostResult:
    # Asked again at every attempt: an organisation that was suspended meanwhile gets nothing more.
    if not entry(row.recipient_id).verified:
        return PostResult(0, error=DeliveryFault.NOT_VERIFIED.value)
    return line.post(row)


def _note(actor: Actor, sent: OutboxMessage, said: PostResult) -> None:
    """Record the result of an attempt, in one transaction with everything that follows from the answer."""
    with acting(actor):
        row = OutboxMessage.objects.select_for_update().get(pk=sent.pk)
        (_gone if said.away else _there)(actor, row.recipient_id, said)
        if row.answered_at is not None:
            return
        row.attempts += 1
        if not said.final:
            row.last_error = said.error
            row.next_attempt_at = clock.now() + pause_after(row.attempts, urgent=row.urgent)
            row.save(update_fields=["attempts", "last_error", "next_attempt_at"])
            return
        row.answered_at, row.answer_status, row.answer, row.last_error = clock.now(), said.status, said.body, ""
        if said.status < 300:
            row.sealed_body = b""  # sender and recipient keep their own records; a third copy would outlive both
        row.save()
        outbox.answered(actor, row)


def _put_off(actor: Actor, row: OutboxMessage, said: PostResult | None) -> None:
    with acting(actor):
        if said is None:
            # Nothing was posted: if this one was to ask whether somebody is back, another one is next.
            away = RecipientAway.objects.filter(recipient_id=row.recipient_id)
            away.update(attempts=F("attempts") + 1)
        elif not said.away:
            _there(actor, row.recipient_id, said)
        later = clock.now() + pause_after(row.attempts + 1, urgent=row.urgent)
        OutboxMessage.objects.filter(pk=row.pk).update(
            attempts=row.attempts + 1,
            next_attempt_at=later,
            last_error=(DeliveryFault.NOT_PROCESSED if said else DeliveryFault.NOT_SENT).value,
        )


def _gone(actor: Actor, recipient_id: UUID, said: PostResult) -> None:
    row, new = RecipientAway.objects.select_for_update().get_or_create(
        organisation_id=actor.organisation_id, recipient_id=recipient_id, defaults={"error": said.error[:300]}
    )
    if not new:
        row.attempts, row.tried_at, row.error = row.attempts + 1, clock.now(), said.error[:300]
        row.save(update_fields=["attempts", "tried_at", "error"])
    log.warning("recipient unreachable", recipient=str(recipient_id), attempts=row.attempts, error=said.error)


def _there(actor: Actor, recipient_id: UUID, said: PostResult) -> None:
    """Mark a recipient as reachable again, and make its pending messages due.

    After a single failure they keep their time: the message itself may have been at fault.
    """
    row = RecipientAway.objects.select_for_update().filter(recipient_id=recipient_id).first()
    if row is None:
        return
    row.delete()
    if row.attempts > 1:
        waiting = OutboxMessage.objects.filter(recipient_id=recipient_id, answered_at=None)
        waiting.filter(next_attempt_at__gt=clock.now()).update(next_attempt_at=clock.now())
    log.warning("recipient reachable again", recipient=str(recipient_id), attempts=row.attempts, status=said.status)


def _line(actor: Actor, recipient_id: UUID, client: httpx.Client | None) -> Connection:
    with acting(actor):
        credential = PeerCredential.objects.filter(organisation_id=actor.organisation_id, peer_id=recipient_id).first()
        if token := token_of(credential):
            api_keys.bind(actor, token, recipient_id)  # one of before keys had recipients
    return Connection(entry(recipient_id).api_url, credential, message_signing.signer(actor, recipient_id), client)


def _actor(organisation_id: UUID) -> Actor:
    return acting_for(entry(organisation_id), "system:outbox", "Outbox")


@contextmanager
def _place(places: threading.BoundedSemaphore) -> Iterator[bool]:
    placed = places.acquire(blocking=False)
    try:
        yield placed
    finally:
        if placed:
            places.release()
