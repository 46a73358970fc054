"""Alarms that leave the house: duty officers hear of them by e-mail or by a webhook, with number and deadline alone.

1. Every alarm that sounds, the first and each repetition, is to be told on every channel that the operator has set. The
   rows that say so are written first, for what still calls or is late; what somebody answered meanwhile is told nobody.
2. What is due on a channel goes out as one message, however many reports call: number, deadline, why it sounds. Floods
   (`flood_alerts`) are one line, with the count of their reports: they take no other's place.
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
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.key_arrays import these
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.feeds.http_client import Guarded
from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.message.translatable_text import visible
from tutela.organisations.vocabulary import allowed_networks
from tutela.organisations.vocabulary.backoff import come, pause_after
from tutela.reports.alerts import flood_alerts, schedule
from tutela.reports.alerts.flood_alerts import Flood
from tutela.reports.alerts.schedule import WAITING, AlertState
from tutela.reports.models import Alarm, AlarmTold, Channel, Ring
from tutela.reports.scoring.lanes import OWN

# Older alarms are told nobody any longer.
WINDOW = timedelta(days=1)
# A message lists so many reports, those due first; how many more there are it says.
MOST = 50
ANSWER_BYTES = 64 << 10
PAGE = "/desk/reports/alarms/"
log = structlog.get_logger("tutela.alarms")


@dataclass(frozen=True)
class Call:
    """A report that calls: its number, by when it is to be referred, why it sounds now, and how often it has.

    Or a flood, which has no number: of so many `reports`, `about` their sender. `astray`: it was referred, and is to be
    there by then.
    """

    number: str
    due: datetime
    ring: str
    calls: int
    about: UUID
    rows: tuple[UUID, ...]
    reports: int = 1
    astray: bool = False


@dataclass(frozen=True)
class ChannelState:
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


def states(actor: Actor) -> list[ChannelState]:
    """Every channel that is set, as it stands."""
    actor.require("reports.read")
    found = []
    with acting(actor):
        for channel in channels():
            rows = AlarmTold.objects.filter(channel=channel)
            told = rows.exclude(told_at=None).order_by("-told_at").first()
            left = rows.filter(told_at=None, over=False)
            worst = left.order_by("-attempts").first()
            found.append(
                ChannelState(channel, told.told_at if told else None, left.count(), worst.last_error if worst else "")
            )
    return found


def by_email(calls: Sequence[Call]) -> None:
    """One message to all duty officers, none of whom sees the others."""
    subject = _("Tutela: urgent reports with unanswered alerts: %(count)s") % {
        "count": sum(one.reports for one in calls)
    }
    named, apart = _told(calls)
    lines = [_line(one) for one in named[:MOST]]
    if len(named) > MOST:
        lines.append(_("… and %(count)s more") % {"count": len(named) - MOST})
    if apart:
        said = _("%(count)s from senders in a separate queue; refer the first by %(due)s")
        lines.append(said % {"count": sum(one.reports for one in apart), "due": _moment(apart[0])})
    body = "\n".join([*map(visible, lines), "", f"{settings.PUBLIC_URL}{PAGE}"])
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, bcc=list(settings.ALARM_EMAILS)).send()


def _line(one: Call) -> str:
    said = _("%(number)s: refer by %(due)s (%(why)s)")
    if one.astray:
        said = _("%(number)s: must arrive by %(due)s (%(why)s)")
    return said % {"number": one.number, "due": _moment(one), "why": Ring(one.ring).label}


def by_webhook(calls: Sequence[Call], client: Guarded | None = None) -> None:
    """The same as JSON, posted to the operator's address; any 2xx is an answer. Raises one of `FAILURES`."""
    client = client or Guarded(allowed_networks.networks(), ANSWER_BYTES)
    headers = {"Content-Type": "application/json"}
    answer = client.send("POST", settings.ALARM_WEBHOOK, headers, content=canonical(message(calls)))
    if not 200 <= answer.status < 300:
        raise ValueError(f"HTTP {answer.status}")


def message(calls: Sequence[Call]) -> dict[str, Any]:
    """What a webhook is told."""
    named, apart = _told(calls)
    listed = [
        {
            "report": one.number,
            "due": one.due.isoformat(),
            "ring": one.ring,
            "calls": one.calls,
            "astray": one.astray,
        }
        for one in named[:MOST]
    ]
    return {
        "type": "tutela.alarms",
        "version": 1,
        "alarms": listed,
        "more": max(0, len(named) - MOST),
        "own_lanes": sum(one.reports for one in apart),
        "page": settings.PUBLIC_URL + PAGE,
    }


def _told(calls: Sequence[Call]) -> tuple[list[Call], list[Call]]:
    """What a message names, and what it only counts."""
    return [one for one in calls if one.number], [one for one in calls if not one.number]


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
    """Step 1 and what is due of it: one call for each report and each flood, by its newest alarm."""
    now = clock.now()
    with acting(actor):
        _note_new(actor, channel, now)
        loud: dict[UUID, AlertState | Flood] = {
            one.row.pk: one for one in schedule.pending_alerts() if one.sounding or one.late
        }
        loud |= {one.provider_id: one for one in flood_alerts.pending_floods() if one.sounding or one.late}
        rows = AlarmTold.objects.filter(channel=channel, told_at=None, over=False).select_related("alarm")
        left, calls = list[UUID](), dict[UUID, list[AlarmTold]]()
        for row in rows.order_by("-alarm__created_at", "-pk"):
            about = row.alarm.report_id or row.alarm.sender_id
            if about in loud and row.alarm.created_at > now - WINDOW:
                calls.setdefault(about, []).append(row)
            else:
                left.append(row.pk)
        AlarmTold.objects.filter(pk__in=these(left)).update(over=True)
    due = [about for about, ones in calls.items() if any(come(one.next_attempt_at, now) for one in ones)]
    found = [_call(loud[about], calls[about]) for about in due]
    return sorted(found, key=lambda one: (not one.number, one.due, one.number))


def _note_new(actor: Actor, channel: Channel, now: datetime) -> None:
    """Write that what has sounded is to be told. The alarms with which the reports of a flood came are the flood's."""
    known = AlarmTold.objects.filter(alarm=OuterRef("pk"), channel=channel)
    fresh = Alarm.objects.filter(~Exists(known), created_at__gt=now - WINDOW)
    mine = {"organisation_id": actor.organisation_id, "channel": channel}
    told = fresh.exclude(report__lane=OWN, ring=Ring.NEW)
    insert_all(AlarmTold(alarm=one, next_attempt_at=now, **mine) for one in told)


def _call(loud: AlertState | Flood, rows: list[AlarmTold]) -> Call:
    ring, told = rows[0].alarm.ring, tuple(one.pk for one in rows)
    if isinstance(loud, Flood):
        return Call("", loud.due, ring, loud.heard.rings, loud.provider_id, told, loud.reports)
    row = loud.row
    return Call(row.number, loud.due, ring, loud.rings, row.report_id, told, astray=row.state not in WAITING)


def _note(actor: Actor, channel: Channel, calls: Sequence[Call], error: str) -> None:
    now = clock.now()
    with acting(actor):
        told = these(pk for one in calls for pk in one.rows)
        rows = AlarmTold.objects.select_for_update().filter(pk__in=told)
        for row in rows.order_by("pk"):
            row.attempts, row.last_error = row.attempts + 1, error
            row.told_at = None if error else now
            row.next_attempt_at = now + pause_after(row.attempts, urgent=True)
            row.save(update_fields=["attempts", "last_error", "told_at", "next_attempt_at"])
        if not error:
            for one in calls:
                kind = "report" if one.number else "organisation"
                record(actor, "alarm.told", kind, one.about, channel=channel.value, ring=one.ring)
