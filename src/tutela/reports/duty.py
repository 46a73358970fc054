"""Alarms that leave the house: duty officers hear of them by e-mail or by a webhook, with number and deadline alone.

1. Every alarm that sounds, the first and each repetition, is to be told on every channel that the operator has set. The
   rows that say so are written first, for what still calls or is late; what somebody answered meanwhile is told nobody.
2. What is due on a channel goes out as one message, however many reports call: number, deadline, why it sounds. Those
   in their senders' own lanes (`lanes`) are one line, with their count: a flood takes no other's place.
3. What went is noted, with an event for each report; what did not is tried again after growing pauses, at most a minute
   apart, for a day: by then it has sounded again often.
Killed between 2 and 3, the next run tells it again: twice is better than not at all.
Nothing of a report's contents, nobody's name and no provider's stands in a message; neither address stands in a log.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.inserting import insert_all
from tutela.events.recording import record
from tutela.exchange.canonical import canonical
from tutela.exchange.errors import ExchangeError
from tutela.exchange.outgoing import Guarded
from tutela.organisations import outgoing
from tutela.organisations.pauses import pause_after
from tutela.reports import alarms
from tutela.reports.lanes import OPEN
from tutela.reports.models import Alarm, AlarmTold, Channel, Ring

# Older alarms are told nobody any longer.
WINDOW = timedelta(days=1)
# A message lists so many reports, those due first; how many more there are it says.
MOST = 50
ANSWER_BYTES = 64 << 10
PAGE = "/desk/reports/alarms/"
log = structlog.get_logger("tutela.alarms")


@dataclass(frozen=True)
class Call:
    """A report that calls: its number, by when it is to be referred, why it sounds now, and how often it has."""

    number: str
    due: datetime
    ring: str
    calls: int
    report_id: UUID
    rows: tuple[UUID, ...]
    lane: int = OPEN


@dataclass(frozen=True)
class State:
    """A channel as the page of alarms shows it: when it told something last, and what is in the way of the rest."""

    channel: Channel
    told_at: datetime | None
    waiting: int
    error: str


# Sends a message about some calls; raises what `FAILURES` names.
type Way = Callable[[Sequence[Call]], None]
FAILURES = (ExchangeError, OSError, smtplib.SMTPException, ValueError)


def channels() -> list[Channel]:
    """Those that the operator has set. E-mail goes first: it is the one that cannot hang for long."""
    set_up = {Channel.EMAIL: settings.ALARM_EMAILS, Channel.WEBHOOK: settings.ALARM_WEBHOOK}
    return [channel for channel, where in set_up.items() if where]


def tell(actor: Actor, ways: dict[Channel, Way] | None = None) -> int:
    """Tell what is due on every channel; returns how many messages went out. For the job of every minute."""
    ways, sent = ways or {Channel.EMAIL: by_email, Channel.WEBHOOK: by_webhook}, 0
    for channel in channels():
        calls = _due(actor, channel)
        if not calls:
            continue
        error = _sent(ways[channel], calls)
        if error:
            log.warning("duty officers not told", channel=channel.value, reports=len(calls), error=error)
        _note(actor, channel, calls, error)
        sent += not error
    return sent


def states(actor: Actor) -> list[State]:
    """Every channel that is set, as it stands."""
    actor.require("reports.read")
    found = []
    with acting(actor):
        for channel in channels():
            rows = AlarmTold.objects.filter(channel=channel)
            told = rows.exclude(told_at=None).order_by("-told_at").first()
            left = list(rows.filter(told_at=None, over=False).order_by("-attempts"))
            found.append(State(channel, told.told_at if told else None, len(left), left[0].last_error if left else ""))
    return found


def by_email(calls: Sequence[Call]) -> None:
    """One message to all duty officers, none of whom sees the others."""
    subject = _("Tutela: urgent reports that call: %(count)s") % {"count": len(calls)}
    named, apart = _told(calls)
    lines = [
        _("%(number)s: to be referred by %(due)s (%(why)s)")
        % {"number": one.number, "due": _moment(one), "why": Ring(one.ring).label}
        for one in named[:MOST]
    ]
    if len(named) > MOST:
        lines.append(_("… and %(count)s more") % {"count": len(named) - MOST})
    if apart:
        said = _("%(count)s from senders in a lane of their own, the first to be referred by %(due)s")
        lines.append(said % {"count": len(apart), "due": _moment(apart[0])})
    body = "\n".join([*lines, "", f"{settings.PUBLIC_URL}{PAGE}"])
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, bcc=list(settings.ALARM_EMAILS)).send()


def by_webhook(calls: Sequence[Call], client: Guarded | None = None) -> None:
    """The same as JSON, posted to the operator's address; any 2xx is an answer. Raises one of `FAILURES`."""
    client = client or Guarded(outgoing.networks(), ANSWER_BYTES)
    headers = {"Content-Type": "application/json"}
    answer = client.send("POST", settings.ALARM_WEBHOOK, headers, content=canonical(message(calls)))
    if not 200 <= answer.status < 300:
        raise ValueError(f"HTTP {answer.status}")


def message(calls: Sequence[Call]) -> dict[str, Any]:
    """What a webhook is told."""
    named, apart = _told(calls)
    listed = [
        {"report": one.number, "due": one.due.isoformat(), "ring": one.ring, "calls": one.calls} for one in named[:MOST]
    ]
    return {
        "type": "tutela.alarms", "version": 1, "alarms": listed, "more": max(0, len(named) - MOST),
        "own_lanes": len(apart), "page": settings.PUBLIC_URL + PAGE,
    }  # fmt: skip


def _told(calls: Sequence[Call]) -> tuple[list[Call], list[Call]]:
    """What a message names, and what it only counts."""
    return [one for one in calls if one.lane == OPEN], [one for one in calls if one.lane != OPEN]


def _moment(one: Call) -> str:
    return f"{one.due:%Y-%m-%d %H:%M} UTC"


def _sent(way: Way, calls: Sequence[Call]) -> str:
    """Empty once it went; else why not, without an address."""
    try:
        way(calls)
    except FAILURES as error:
        said = str(error) if isinstance(error, ExchangeError | ValueError) else ""
        return f"{type(error).__name__}: {said}".removesuffix(": ")[:200]
    return ""


def _due(actor: Actor, channel: Channel) -> list[Call]:
    """Step 1 and what is due of it: one call for each report, by its newest alarm."""
    now = clock.now()
    with acting(actor):
        known = AlarmTold.objects.filter(alarm=OuterRef("pk"), channel=channel)
        fresh = Alarm.objects.filter(~Exists(known), created_at__gt=now - WINDOW)
        mine = {"organisation_id": actor.organisation_id, "channel": channel}
        insert_all(AlarmTold(alarm=one, next_attempt_at=now, **mine) for one in fresh)
        calling = {one.row.pk: one for one in alarms.waiting() if one.sounding or one.late}
        rows = AlarmTold.objects.filter(channel=channel, told_at=None, over=False).select_related("alarm__report")
        left, by_report = list[UUID](), dict[UUID, list[AlarmTold]]()
        for row in rows.order_by("-alarm__created_at", "-pk"):
            if row.alarm.report_id in calling and row.alarm.created_at > now - WINDOW:
                by_report.setdefault(row.alarm.report_id, []).append(row)
            else:
                left.append(row.pk)
        AlarmTold.objects.filter(pk__in=left).update(over=True)
    due = [ones for ones in by_report.values() if min(one.next_attempt_at for one in ones) <= now]
    found = [_call(calling[ones[0].alarm.report_id], ones) for ones in due]
    return sorted(found, key=lambda one: (one.lane, one.due, one.number))


def _call(standing: alarms.Standing, rows: list[AlarmTold]) -> Call:
    row, newest = standing.row, rows[0].alarm
    told = tuple(one.pk for one in rows)
    return Call(row.number, standing.due, newest.ring, standing.rings, row.report_id, told, row.lane)


def _note(actor: Actor, channel: Channel, calls: Sequence[Call], error: str) -> None:
    now = clock.now()
    with acting(actor):
        rows = AlarmTold.objects.select_for_update().filter(pk__in=[pk for one in calls for pk in one.rows])
        for row in rows.order_by("pk"):
            row.attempts, row.last_error = row.attempts + 1, error
            row.told_at = None if error else now
            row.next_attempt_at = now + pause_after(row.attempts, urgent=True)
            row.save(update_fields=["attempts", "last_error", "told_at", "next_attempt_at"])
        if not error:
            for one in calls:
                record(actor, "alarm.told", "report", one.report_id, channel=channel.value, ring=one.ring)
