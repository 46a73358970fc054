"""Urgent reports call until somebody answers, and call again on their clock.

- An alarm sounds when an urgent report comes, or one becomes urgent by a repetition.
- While nobody answers, it sounds again every `AGAIN`.
- An answer silences it until the report's clock of urgent referral runs out; from then on it sounds every `LATE` until
  the report has left the desk: referred, or found unfounded.
- What stands in its sender's own lane (`lanes`) sounds as any other, and buries none: it comes last, as one line a
  sender that says how many there are, and is listed apart.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Max, Min, Model, OuterRef, Q, Subquery

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.inserting import insert_all
from tutela.events.listing import MOST_EXPORTED, every
from tutela.events.recording import record, rows_of
from tutela.law.clock_kinds import KINDS
from tutela.reports.lanes import OWN
from tutela.reports.models import UNSHOWN, Alarm, AlarmTaken, Report, Ring, State

AGAIN = timedelta(minutes=15)
LATE = timedelta(hours=1)
PER_PAGE = 100
# Where an urgent report still is in the desk's hands.
WAITING = (State.OPEN, State.ASKED, State.FORWARD)


@dataclass(frozen=True)
class Standing:
    """An urgent report on the duty officer's screen: since when it calls, how often it did, and who has answered."""

    row: Report
    since: datetime
    newest: datetime
    rings: int
    # None while nobody has answered the newest alarm.
    taken_by: str | None
    due: datetime

    @property
    def sounding(self) -> bool:
        return self.taken_by is None

    @property
    def late(self) -> bool:
        return self.due <= clock.now()


@dataclass(frozen=True)
class Flood:
    """The urgent reports in one sender's own lane, as one line: how many, how many call, when the first is due."""

    provider_id: UUID
    name: str
    reports: int
    sounding: int
    due: datetime


@dataclass(frozen=True)
class Wanted:
    """What of the screen is asked for: the lane of one sender, or where None what stands in no such lane; which page.

    `arrange` finds in these and puts them in another order.
    """

    lane: UUID | None = None
    page: int = 1
    arrange: Callable[[list[Standing]], list[Standing]] = list
    file: bool = False


@dataclass(frozen=True)
class Screen:
    """A page of the duty officer's screen; `sounding` counts every alarm that calls, whatever is on the page.

    `total` of the reports among which `arrange` found.
    """

    rows: list[Standing]
    more: bool
    total: int
    floods: list[Flood]
    sounding: int


@dataclass(frozen=True)
class Bell:
    """How many alarms call, and when the newest of them did."""

    sounding: int
    newest: datetime | None

    @property
    def token(self) -> str:
        """The same as long as nothing has changed."""
        return f"{self.sounding}-{self.newest.isoformat() if self.newest else ''}"

    def louder_than(self, token: str) -> bool:
        """Whether an alarm has sounded since somebody was shown the state with this token."""
        return self.newest is not None and self.newest.isoformat() > token.partition("-")[2]


def rows(actor: Actor, report_id: UUID, pk: UUID, ring: Ring = Ring.NEW) -> Iterable[Model]:
    """What is inserted when an alarm sounds. Call inside `acting(actor)`."""
    yield Alarm(organisation_id=actor.organisation_id, report_id=pk, ring=ring)
    yield from rows_of(actor, "alarm.raised", "report", report_id, ring=ring.value)


def screen(actor: Actor, wanted: Wanted, known: Container[str] | None = None) -> Screen:
    """A page of the urgent reports that the desk still has: those that call first, each by what is due first.

    The look is recorded; of a screen that asks anew by itself, where it shows another report than the `known` ones.
    """
    actor.require("reports.read")
    start, size = (0, MOST_EXPORTED) if wanted.file else ((wanted.page - 1) * PER_PAGE, PER_PAGE)
    with acting(actor):
        found = sorted(waiting(), key=_rank)
        asked = found if wanted.file and wanted.lane is None else [one for one in found if _lane(one) == wanted.lane]
        arranged = wanted.arrange(asked)
        shown = arranged[start : start + size]
        ids = [str(one.row.report_id) for one in shown]
        if known is None or any(one not in known for one in ids):
            every(actor, "report", ids, state="urgent")
    floods, sounding = [] if wanted.lane else _floods(found), sum(one.sounding for one in found)
    return Screen(shown, len(arranged) > start + size, len(asked), floods, sounding)


def _rank(one: Standing) -> tuple[bool, int, datetime, datetime]:
    return not one.sounding, one.row.lane, one.due, one.since


def _lane(one: Standing) -> UUID | None:
    """The sender in whose own lane it stands."""
    return one.row.provider_id if one.row.lane == OWN else None


def _floods(found: Iterable[Standing]) -> list[Flood]:
    by: dict[UUID, list[Standing]] = {}
    for one in found:
        if (sender := _lane(one)) is not None:
            by.setdefault(sender, []).append(one)
    lines = [
        Flood(sender, ones[0].row.provider_name, len(ones), sum(one.sounding for one in ones), min(o.due for o in ones))
        for sender, ones in by.items()
    ]
    return sorted(lines, key=lambda one: (not one.sounding, one.due))


def sounding() -> int:
    """How many alarms nobody has answered. Call inside `acting(actor)`."""
    return sum(one.sounding for one in waiting())


def bell(actor: Actor) -> Bell:
    """How many alarms nobody has answered, for the head of every page: one question, and no look at any report."""
    actor.require("reports.read")
    newest = {"report": OuterRef("pk")}
    last = Alarm.objects.filter(**newest).order_by("-created_at", "-id").values("created_at")[:1]
    taken = AlarmTaken.objects.filter(**newest).order_by("-created_at", "-id").values("created_at")[:1]
    with acting(actor):
        rows = Report.objects.filter(duplicate_of=None, urgent=True, state__in=WAITING)
        calling = rows.annotate(last=Subquery(last), taken=Subquery(taken)).exclude(last=None)
        calling = calling.filter(Q(taken=None) | Q(taken__lt=F("last")))
        found = calling.aggregate(n=Count("pk"), newest=Max("last"))
    return Bell(found["n"], found["newest"])


def take(actor: Actor, report_id: UUID) -> None:
    """Answer the alarms of a report: the actor sees to it. Raises `NotFound` where none sounds."""
    actor.require("reports.assess")
    with acting(actor):
        row = Report.objects.select_for_update().filter(report_id=report_id, urgent=True).first()
        if row is None or not row.alarms.exists():
            raise NotFound
        AlarmTaken.objects.create(
            organisation_id=actor.organisation_id, report=row, by=actor.reference, by_name=actor.name[:200]
        )
        record(actor, "alarm.taken", "report", report_id)


def ring_again(actor: Actor) -> int:
    """Sound what must sound again; returns how many. For the job of every minute."""
    now = clock.now()
    with acting(actor):
        due = [(one, ring) for one in waiting() if (ring := _again(one, now))]
        insert_all(row for one, ring in due for row in rows(actor, one.row.report_id, one.row.pk, ring))
    return len(due)


def _again(one: Standing, now: datetime) -> Ring | None:
    if one.due <= now and one.newest < max(one.due, now - LATE):
        return Ring.LATE
    return Ring.UNANSWERED if one.sounding and one.newest <= now - AGAIN else None


def waiting() -> list[Standing]:
    """Every urgent report that the desk still has, in no order. Call inside `acting(actor)`."""
    rows = Report.objects.filter(duplicate_of=None, urgent=True, state__in=WAITING)
    counted = rows.annotate(n=Count("alarms"), first=Min("alarms__created_at"), last=Max("alarms__created_at"))
    found = list(counted.filter(n__gt=0).defer(*UNSHOWN))
    newest: dict[UUID, AlarmTaken] = {}
    for taken in AlarmTaken.objects.filter(report__in=found).order_by("created_at", "id"):
        newest[taken.report_id] = taken
    length = KINDS["urgent_referral"].length
    out = []
    for row in found:
        answer = newest.get(row.pk)
        by = answer.by_name if answer is not None and answer.created_at >= row.last else None
        out.append(Standing(row, row.first, row.last, row.n, by, length.after(row.first)))
    return out
