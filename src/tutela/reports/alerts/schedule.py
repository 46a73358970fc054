"""What calls, each report by its own alarms: what is urgent and still the desk's, and stands in no sender's own lane;
and what was referred and nobody has (`astray`).

An alarm that nobody has answered sounds again every `AGAIN`. An answer answers every alarm that has sounded, whatever
the clocks said then, and holds until the report's time is over; from then on an alarm sounds every `LATE`. Nothing
waits for a moment that lies ahead: a clock that stood wrong wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min, Model, Q, QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.key_arrays import these
from tutela.events.record import rows_of
from tutela.law.clock_kinds import KINDS, URGENT
from tutela.organisations.people.clock_monitor import STEP
from tutela.reports.models import UNSHOWN, Alarm, AlarmTaken, Report, Ring, State
from tutela.reports.scoring.lanes import OPEN

AGAIN = timedelta(minutes=15)
LATE = timedelta(hours=1)
# Where an urgent report still is in the desk's hands.
WAITING = (State.OPEN, State.ASKED, State.FORWARD)
# With these a report goes astray.
ASTRAY = (Ring.UNARRIVED, Ring.RETURNED)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Heard:
    """The alarms of a report, or of a flood: how many, the first and last, how many are answered, by whom and when.

    Of moments only those by which a clock may have been right.
    """

    rings: int = 0
    first: datetime | None = None
    newest: datetime | None = None
    # Since when it is astray, if it is.
    astray: datetime | None = None
    answered: int = 0
    by: str = ""
    at: datetime | None = None

    @property
    def sounding(self) -> bool:
        return self.answered < self.rings

    @property
    def taken_by(self) -> str | None:
        """Who has answered the newest alarm; None while nobody has."""
        return self.by if self.rings and not self.sounding else None

    def again(self, due: datetime, now: datetime) -> Ring | None:
        """Why it sounds now, if it does: also what never has, and what has by a wrong clock alone."""
        if self.newest is None:
            return Ring.UNANSWERED if self.rings else Ring.NEW
        if due <= now and self.newest < max(due, now - LATE):
            return Ring.LATE
        return Ring.UNANSWERED if self.sounding and self.newest <= now - AGAIN else None


@dataclass(frozen=True)
class AlertState:
    """An urgent report on the duty officer's screen: its alarms, and by when it is to be referred, or to be there."""

    row: Report
    heard: Heard
    due: datetime

    @property
    def since(self) -> datetime:
        return self.heard.first or min(self.row.created_at, clock.now())

    @property
    def rings(self) -> int:
        return self.heard.rings

    @property
    def taken_by(self) -> str | None:
        return self.heard.taken_by

    @property
    def sounding(self) -> bool:
        return self.heard.sounding

    @property
    def late(self) -> bool:
        return self.due <= clock.now()


def rows(actor: Actor, report_id: UUID, pk: UUID, ring: Ring = Ring.NEW) -> Iterable[Model]:
    """What is inserted when an alarm sounds. Call inside `acting(actor)`."""
    yield Alarm(organisation_id=actor.organisation_id, report_id=pk, ring=ring)
    yield from rows_of(actor, "alarm.raised", "report", report_id, ring=ring.value)


def pending_alerts() -> list[AlertState]:
    """Every report that calls by itself, in no order. Call inside `acting(actor)`."""
    found = [row for part in those() for row in part.defer(*UNSHOWN)]
    said = answered_until("report_id", (row.pk for row in found))
    return [AlertState(row, calls, _due(row, calls)) for row in found for calls in [said.get(row.pk, Heard())]]


def those() -> Iterator[QuerySet[Report]]:
    """What calls by itself, in parts that an index has. Call inside `acting(actor)`."""
    rows = Report.objects.filter(duplicate_of=None, urgent=True)
    yield rows.filter(lane=OPEN, state__in=WAITING)
    # A flood comes by itself; each of these somebody has referred.
    yield rows.filter(astray__gt=0).exclude(state__in=WAITING)


def _due(row: Report, said: Heard) -> datetime:
    if row.state in WAITING:
        return KINDS["urgent_referral"].length.after(said.first or clock.now())
    return KINDS[URGENT["acknowledgement"]].length.after(said.astray or said.first or clock.now())


def answered_until(by: str, keys: Iterable[UUID]) -> dict[UUID, Heard]:
    """The alarms of some reports (`by` "report_id"), or senders ("sender_id"), that have any. In `acting(actor)`."""
    whose, now = {f"{by}__in": these(keys)}, valid_answers()
    counted, come = Alarm.objects.filter(**whose).order_by().values_list(by), Q(created_at__lte=now)
    newest, gone = Max("created_at", filter=come), Max("created_at", filter=come & Q(ring__in=ASTRAY))
    alarms = list(counted.annotate(n=Count("pk"), first=Min("created_at", filter=come), newest=newest, gone=gone))
    answers = AlarmTaken.objects.filter(**whose).order_by(by, "-answers", "-created_at", "-id").distinct(by)
    taken = {
        one: (answered, name, at if at <= now else None)
        for one, answered, name, at in answers.values_list(by, "answers", "by_name", "created_at")
    }
    return {
        one: Heard(rings, first, last, since, *taken.get(one, (0, "", None)))
        for one, rings, first, last, since in alarms
    }


def valid_answers() -> datetime:
    """Up to when something can have been written by a clock that is right: machines' clocks differ a little."""
    return clock.now() + STEP
