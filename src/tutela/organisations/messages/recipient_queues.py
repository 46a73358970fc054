"""Delivery queues: the messages of one organisation to one recipient, delivered by one job at a time.

The messages themselves are the queue. A job only triggers a check of its queue. The job is enqueued after the messages
are committed; if that fails, `sweep` enqueues it 15 seconds later. If jobs were enqueued within the transaction, two
changes that write to the same recipients in different orders would wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.models import OutboxMessage, RecipientAway
from tutela.organisations.vocabulary.backoff import LONGEST_PAUSE

TASK, QUEUE = "outbox.lane", "outbox"
# A job that waits, and whether it waits for a moment that has not come.
_WAITING = (
    "SELECT coalesce(scheduled_at > now(), false) FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'"
)
_SOONER = "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE queueing_lock = %s AND status = 'todo'"
# Lanes that somebody works on, or will in time: a job further ahead than any pause was planned by a wrong clock.
_KEPT = (
    "SELECT queueing_lock, bool_or(status = 'todo' AND scheduled_at > now()) FROM procrastinate_jobs"
    " WHERE task_name = %s"
    " AND (status = 'doing' OR (status = 'todo' AND coalesce(scheduled_at, now()) <= now() + %s * interval '1 second'))"
    " GROUP BY queueing_lock"
)
log = structlog.get_logger("tutela.jobs")


def order_after_commit(organisation_id: UUID, recipient_id: UUID) -> None:
    """Have what the running transaction stores delivered as soon as it is committed."""
    transaction.on_commit(partial(enqueue_delivery, organisation_id, recipient_id), robust=True)


def enqueue_delivery(organisation_id: UUID, recipient_id: UUID) -> None:
    """Enqueue a delivery now. A job that is already waiting sees all messages stored by now."""
    name = _name(organisation_id, recipient_id)
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [name])
        waiting = cursor.fetchone()
        if waiting == (True,):
            cursor.execute(_SOONER, [name])
        if waiting is None and not _defer(organisation_id, recipient_id):
            # A turn that ended meanwhile has ordered the next one, perhaps for later.
            cursor.execute(_SOONER, [name])


def order_at(organisation_id: UUID, recipient_id: UUID, at: datetime) -> None:
    """Enqueue a delivery at a moment, unless an earlier one is enqueued."""
    seconds = min(max((at - clock.now()).total_seconds(), 0.0), LONGEST_PAUSE.total_seconds())
    _defer(organisation_id, recipient_id, seconds)


def kept() -> dict[str, bool]:
    """The lanes on which somebody works or will in time, and whether only later."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [TASK, LONGEST_PAUSE.total_seconds()])
        return dict(cursor.fetchall())


def sweep(actor: Actor, kept: Mapping[str, bool]) -> int:
    """Enqueue lost deliveries of an organisation: messages without a job or due before it.

    `kept` is the result of `kept()`. Returns how many were enqueued.
    """
    with acting(actor):
        rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, answered_at=None).order_by()
        recipients = set(rows.values_list("recipient_id", flat=True).distinct())
        # Who is away is asked at moments of its own.
        away = RecipientAway.objects.values("recipient_id")
        ready = rows.filter(next_attempt_at__lte=clock.now()).exclude(recipient_id__in=away)
        due = set(ready.values_list("recipient_id", flat=True).distinct())
    names = {one: _name(actor.organisation_id, one) for one in recipients}
    lost = [one for one, name in names.items() if name not in kept or (one in due and kept[name])]
    for recipient in lost:
        enqueue_delivery(actor.organisation_id, recipient)
    return len(lost)


def forget_failed() -> None:
    """Delete delivery jobs that failed with the database.

    Their messages are still pending, and the delivery is enqueued again.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = %s AND status = 'failed'", [TASK])


def _defer(organisation_id: UUID, recipient_id: UUID, seconds: float = 0.0) -> bool:
    """Whether this ordered a job; False where one waits."""
    name = _name(organisation_id, recipient_id)
    when = {"schedule_in": {"seconds": seconds}} if seconds else {}
    try:
        with transaction.atomic():
            app.configure_task(TASK, allow_unknown=True, queue=QUEUE, lock=name, queueing_lock=name, **when).defer(
                organisation_id=str(organisation_id), recipient_id=str(recipient_id)
            )
    except AlreadyEnqueued:
        return False
    return True


def _name(organisation_id: UUID, recipient_id: UUID) -> str:
    return f"outbox:{organisation_id}:{recipient_id}"
