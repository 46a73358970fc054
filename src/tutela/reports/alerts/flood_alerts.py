"""Floods: the urgent reports in one sender's own lane (`lanes`) call with one voice, and are answered at once.

- A flood is whatever of these the desk still has. It sounds when it begins, again while nobody answers, and after an
  answer when more has come; by the clocks of `schedule`, so that it calls at most once in `AGAIN`.
- Each of its reports stays urgent, has its look-by date and is judged; the first of those dates is the flood's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Model, QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record, rows_of
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.reports.alerts.schedule import AGAIN, LONG_AGO, WAITING, AlertState, Heard, answered_until
from tutela.reports.models import UNSHOWN, Alarm, AlarmTaken, Report, Ring
from tutela.reports.scoring.lanes import OWN


@dataclass(frozen=True)
class Flood:
    """The urgent reports in one sender's own lane: how many, when the first is due, the newest came, how they call."""

    provider_id: UUID
    name: str
    reports: int
    due: datetime
    newest: datetime
    heard: Heard

    @property
    def sounding(self) -> bool:
        return self.heard.sounding

    @property
    def taken_by(self) -> str | None:
        return self.heard.taken_by

    @property
    def late(self) -> bool:
        return self.due <= clock.now()

    def again(self, now: datetime) -> Ring | None:
        """Why it sounds now, if it does."""
        newest = self.heard.newest
        if self._more and newest is not None and newest <= now - AGAIN:
            return Ring.NEW
        return self.heard.again(self.due, now)

    @property
    def _more(self) -> bool:
        return not self.sounding and self.newest > (self.heard.at or LONG_AGO)


def pending_floods() -> list[Flood]:
    """Every flood that the desk has. Call inside `acting(actor)`."""
    counted = _waiting().order_by().values_list("provider_id")
    found = list(counted.annotate(Count("pk"), Min("look_by"), Max("created_at")))
    senders = [sender for sender, *_rest in found]
    said, names = answered_until("sender_id", senders), directory.names(senders)
    return [
        Flood(sender, names[sender], many, due or newest, newest, said.get(sender, Heard()))
        for sender, many, due, newest in found
    ]


def reports(flood: Flood, most: int) -> list[AlertState]:
    """The reports of a flood, those first that are due first. Call inside `acting(actor)`."""
    found = _waiting().filter(provider_id=flood.provider_id).defer(*UNSHOWN).order_by("look_by", "id")[:most]
    return [AlertState(row, flood.heard, row.look_by or flood.due) for row in found]


def rows(actor: Actor, flood: Flood, ring: Ring) -> Iterable[Model]:
    """What is inserted when a flood sounds. Call inside `acting(actor)`."""
    yield Alarm(organisation_id=actor.organisation_id, sender_id=flood.provider_id, ring=ring)
    yield from rows_of(actor, "alarm.raised", "organisation", flood.provider_id, ring=ring.value, reports=flood.reports)


def sounding() -> tuple[int, datetime | None]:
    """How many floods call, and when the newest alarm of one was. Asks little where none does. In `acting(actor)`."""
    rung = Alarm.objects.exclude(sender_id=None).order_by().values_list("sender_id", flat=True).distinct()
    there = [one for one in rung if one and _waiting().filter(provider_id=one).exists()]
    found = [one for one in answered_until("sender_id", there).values() if one.sounding] if there else []
    return len(found), max((one.newest for one in found if one.newest), default=None)


def take(actor: Actor, sender_id: UUID) -> None:
    """Answer a flood: the actor sees to it. Raises `NotFound` where none has called."""
    actor.require("reports.assess")
    with acting(actor):
        alarms = Alarm.objects.filter(sender_id=sender_id).count()
        if not alarms or not _waiting().filter(provider_id=sender_id).exists():
            raise NotFound
        AlarmTaken.objects.create(
            organisation_id=actor.organisation_id,
            sender_id=sender_id,
            answers=alarms,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(actor, "alarm.taken", "organisation", sender_id)


def _waiting() -> QuerySet[Report]:
    return Report.objects.filter(duplicate_of=None, urgent=True, lane=OWN, state__in=WAITING)
