"""Notify people on call of alerts, by e-mail or webhook, with number and deadline only.

1. Every alert, the first and each repeated one, is sent on every channel: those that the operator has set, and e-mail
   while somebody with an address is on call. The rows of these
   deliveries are written first, only for subjects whose alert is unanswered or late.
2. Each channel gets one message for all due alerts: number, deadline, reason. A subject that stands for many is one
   line with their count, so it displaces no other line.
3. A sent message is noted, with an event for each subject. A failed message is retried after growing pauses, at most 1
   minute apart, for one day; by then the alert has been repeated many times.

If the process is killed between steps 2 and 3, the next run sends the message again: twice is better than not at all. A
message contains neither contents of the subject nor the name of a person or provider. A log contains no address.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef

from tutela import clock
from tutela.casework.alerts import messages, roster
from tutela.casework.alerts.messages import DueAlert
from tutela.casework.alerts.schedule import AlertState
from tutela.casework.alerts.subjects import subject_kind
from tutela.casework.models import Alert, AlertDelivery, AlertReason, Channel
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.record import record
from tutela.events.sql import these
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.organisations.vocabulary.backoff import is_due, pause_after

# Older alerts are no longer sent.
DELIVERY_WINDOW = timedelta(days=1)
log = structlog.get_logger("tutela.alerts")

# Subject by kind and ID.
type Subject = tuple[str, UUID]
# Sends a message about what is due; raises what `FAILURES` names.
type Way = Callable[[Sequence[DueAlert]], None]
FAILURES = (ExchangeError, OSError, smtplib.SMTPException, ValueError)


@dataclass(frozen=True)
class ChannelState:
    """Channel on the page of alerts: time of the last message, pending deliveries and last error."""

    channel: Channel
    told_at: datetime | None
    waiting: int
    error: str


def channels(rostered: Sequence[str] = ()) -> list[Channel]:
    """Channels that the operator has set, and e-mail if people on call have addresses and the node sends e-mail.

    E-mail is first, because it cannot hang for long.
    """
    emails = bool(settings.ALERT_EMAILS) or bool(rostered and settings.SENDS_EMAIL)
    set_up = {Channel.EMAIL: emails, Channel.WEBHOOK: bool(settings.ALERT_WEBHOOK)}
    return [channel for channel, where in set_up.items() if where]


def rostered_emails(actor: Actor) -> list[str]:
    """E-mail addresses of the people of the actor's organisation who are on call now."""
    return [one.email for one in roster.on_call_now(actor, clock.now()) if one.email]


def tell(actor: Actor, kinds: Collection[str], ways: dict[Channel, Way] | None = None) -> int:
    """Send due alerts of some kinds of subject on every channel; returns the number of messages. For a job."""
    rostered, sent = rostered_emails(actor), 0
    email = partial(messages.send_email, rostered=rostered)
    ways = ways or {Channel.EMAIL: email, Channel.WEBHOOK: messages.post_webhook}
    for channel in channels(rostered):
        due = _due(actor, kinds, channel)
        if not due:
            continue
        error = _sent(ways[channel], due)
        if error:
            log.warning("on-call people not notified", channel=channel.value, subjects=len(due), error=error)
        _note(actor, channel, due, error)
        sent += not error
    return sent


def states(actor: Actor, kinds: Collection[str]) -> list[ChannelState]:
    """State of every channel for alerts about some kinds of subject."""
    for kind in kinds:
        actor.require(subject_kind(kind).read)
    found = []
    with acting(actor):
        for channel in channels(rostered_emails(actor)):
            rows = AlertDelivery.objects.filter(channel=channel, alert__subject_kind__in=list(kinds))
            told = rows.exclude(told_at=None).order_by("-told_at").first()
            left = rows.filter(told_at=None, over=False)
            worst = left.order_by("-attempts").first()
            found.append(
                ChannelState(channel, told.told_at if told else None, left.count(), worst.last_error if worst else "")
            )
    return found


def _sent(way: Way, due: Sequence[DueAlert]) -> str:
    """Send one message; returns an empty text, or the error without an address."""
    try:
        way(due)
    except FAILURES as error:
        said = str(error) if isinstance(error, ExchangeError | ValueError) else ""
        return f"{type(error).__name__}: {said}".removesuffix(": ")[:200]
    return ""


def _due(actor: Actor, kinds: Collection[str], channel: Channel) -> list[DueAlert]:
    """Step 1; returns the due alerts, one line per subject, by its newest alert."""
    now = clock.now()
    with acting(actor):
        _note_new(actor, kinds, channel, now)
        pending = (one for kind in kinds for one in subject_kind(kind).pending())
        loud = {(one.subject_kind, one.subject_id): one for one in pending if one.unanswered or one.late}
        left, waiting = list[UUID](), dict[Subject, list[AlertDelivery]]()
        for row in _untold(kinds, channel):
            subject = (row.alert.subject_kind, row.alert.subject_id)
            if subject in loud and row.alert.created_at > now - DELIVERY_WINDOW:
                waiting.setdefault(subject, []).append(row)
            else:
                left.append(row.pk)
        AlertDelivery.objects.filter(pk__in=these(left)).update(over=True)
    found = [
        _due_alert(loud[subject], rows)
        for subject, rows in waiting.items()
        if any(is_due(one.next_attempt_at, now) for one in rows)
    ]
    return sorted(found, key=lambda one: (not one.state.number, one.state.due, one.state.number))


def _untold(kinds: Collection[str], channel: Channel) -> Sequence[AlertDelivery]:
    rows = AlertDelivery.objects.filter(channel=channel, told_at=None, over=False, alert__subject_kind__in=list(kinds))
    return list(rows.select_related("alert").order_by("-alert__created_at", "-pk"))


def _note_new(actor: Actor, kinds: Collection[str], channel: Channel, now: datetime) -> None:
    """Insert the deliveries of new alerts. The first alert of a muted subject is covered by another subject's."""
    known = AlertDelivery.objects.filter(alert=OuterRef("pk"), channel=channel)
    mine = {"organisation_id": actor.organisation_id, "channel": channel}
    for kind in kinds:
        fresh = Alert.objects.filter(~Exists(known), subject_kind=kind, created_at__gt=now - DELIVERY_WINDOW)
        if (muted := subject_kind(kind).muted) is not None:
            fresh = fresh.exclude(reason=AlertReason.NEW, subject_id__in=muted())
        insert_all(AlertDelivery(alert=one, next_attempt_at=now, **mine) for one in fresh)


def _due_alert(state: AlertState, rows: Sequence[AlertDelivery]) -> DueAlert:
    return DueAlert(state, rows[0].alert.reason, tuple(one.pk for one in rows))


def _note(actor: Actor, channel: Channel, due: Sequence[DueAlert], error: str) -> None:
    now = clock.now()
    with acting(actor):
        told = these(pk for one in due for pk in one.deliveries)
        rows = AlertDelivery.objects.select_for_update().filter(pk__in=told)
        for row in rows.order_by("pk"):
            row.attempts, row.last_error = row.attempts + 1, error
            row.told_at = None if error else now
            row.next_attempt_at = now + pause_after(row.attempts, urgent=True)
            row.save(update_fields=["attempts", "last_error", "told_at", "next_attempt_at"])
        if not error:
            for one in due:
                record(
                    actor,
                    "alert.notified",
                    subject_kind(one.state.subject_kind).event_subject,
                    one.state.subject_id,
                    channel=channel.value,
                    reason=one.reason,
                )
