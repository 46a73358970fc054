"""Urgent reports call until somebody answers, and call again on their clock.

- An alarm sounds when an urgent report comes, or one becomes urgent by a repetition or by a look.
- While nobody answers, it sounds again every `AGAIN`.
- An answer silences it until the report's clock of urgent referral runs out; from then on it sounds every `LATE` until
  the report has left the desk: referred, or found unfounded.
- What was referred calls anew where nobody has it (`undelivered`), likewise, with the clock of urgent acknowledgement.
- What stands in its sender's own lane (`lanes`) calls with one voice (`floods`), and buries none: it comes last, as one
  line a sender that says how many there are, is answered at once, and is listed apart.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.errors import NotFound
from tutela.events.list_access import MOST_EXPORTED, every
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.reports.alerts import flood_alerts, schedule
from tutela.reports.alerts.flood_alerts import Flood
from tutela.reports.alerts.schedule import AlertState, valid_answers
from tutela.reports.models import Alarm, AlarmTaken, Report

PER_PAGE = 100


@dataclass(frozen=True)
class AlertFilter:
    """What of the screen is asked for: the lane of one sender, or where None what stands in no such lane; which page.

    `arrange` finds in these and puts them in another order.
    """

    lane: UUID | None = None
    page: int = 1
    arrange: Callable[[list[AlertState]], list[AlertState]] = list
    file: bool = False


@dataclass(frozen=True)
class Screen:
    """A page of the duty officer's screen; `sounding` counts every alarm that calls, whatever is on the page.

    `total` of the reports among which `arrange` found.
    """

    rows: list[AlertState]
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
        """Whether an alarm has sounded since somebody was shown the state with this token.

        What was shown by a clock that stood wrong, and lies ahead, mutes nothing.
        """
        heard = token.partition("-")[2]
        return self.newest is not None and (self.newest.isoformat() > heard or heard > valid_answers().isoformat())


def screen(actor: Actor, wanted: AlertFilter, known: Container[str] | None = None) -> Screen:
    """A page of the urgent reports that the desk still has: those that call first, each by what is due first.

    The look is recorded; of a screen that asks anew by itself, where it shows another report than the `known` ones.
    """
    actor.require("reports.read")
    start, size = (0, MOST_EXPORTED) if wanted.file else ((wanted.page - 1) * PER_PAGE, PER_PAGE)
    with acting(actor):
        found, flooding = (
            sorted(schedule.pending_alerts(), key=_rank),
            sorted(flood_alerts.pending_floods(), key=_first),
        )
        asked = _asked(wanted, found, flooding)
        arranged = wanted.arrange(asked)
        shown = arranged[start : start + size]
        ids = [str(one.row.report_id) for one in shown]
        if known is None or any(one not in known for one in ids):
            every(actor, "report", ids, state="urgent")
    sounding = sum(one.sounding for one in found) + sum(one.sounding for one in flooding)
    lines = [] if wanted.lane else flooding
    return Screen(shown, len(arranged) > start + size, len(asked), lines, sounding)


def _asked(wanted: AlertFilter, found: list[AlertState], flooding: list[Flood]) -> list[AlertState]:
    """What the screen is of: what calls by itself, one sender's lane, or for a file all of it; lanes to their most."""
    if wanted.lane is None and not wanted.file:
        return found
    chosen = [one for one in flooding if wanted.lane in (None, one.provider_id)]
    lanes = [line for one in chosen for line in flood_alerts.reports(one, MOST_EXPORTED)]
    return lanes if wanted.lane else [*found, *lanes]


def _rank(one: AlertState) -> tuple[bool, datetime, datetime]:
    return not one.sounding, one.due, one.since


def _first(one: Flood) -> tuple[bool, datetime]:
    return not one.sounding, one.due


def sounding() -> int:
    """How many alarms nobody has answered; a flood is one. Call inside `acting(actor)`."""
    return _calling()[0]


def bell(actor: Actor) -> Bell:
    """How many alarms nobody has answered, for the head of every page: it is counted, and no report is looked at."""
    actor.require("reports.read")
    with acting(actor):
        return Bell(*_calling())


def _calling() -> tuple[int, datetime | None]:
    """How many alarms call, and when the newest did."""
    own = {"report": OuterRef("pk")}
    rung = Alarm.objects.filter(**own).order_by().values("report").annotate(n=Count("pk")).values("n")
    last = Alarm.objects.filter(**own, created_at__lte=valid_answers()).order_by("-created_at").values("created_at")[:1]
    answered = AlarmTaken.objects.filter(**own).order_by("-answers").values("answers")[:1]
    found = [flood_alerts.sounding()]
    for rows in schedule.those():
        counted = rows.annotate(rung=Subquery(rung), answered=Coalesce(Subquery(answered), 0), last=Subquery(last))
        part = counted.filter(rung__gt=F("answered")).aggregate(n=Count("pk"), newest=Max("last"))
        found.append((part["n"], part["newest"]))
    return sum(n for n, _newest in found), max((newest for _n, newest in found if newest), default=None)


def take(actor: Actor, report_id: UUID) -> None:
    """Answer the alarms of a report: the actor sees to it. Raises `NotFound` where none sounds."""
    actor.require("reports.assess")
    with acting(actor):
        row = Report.objects.select_for_update().filter(report_id=report_id, urgent=True).first()
        if row is None or not row.alarms.exists():
            raise NotFound
        AlarmTaken.objects.create(
            organisation_id=actor.organisation_id,
            report=row,
            answers=row.alarms.count(),
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(actor, "alarm.taken", "report", report_id)


def ring_again(actor: Actor) -> int:
    """Sound what must sound again; returns how many. For the job of every minute."""
    now = clock.now()
    with acting(actor):
        due = [(one, ring) for one in schedule.pending_alerts() if (ring := one.heard.again(one.due, now))]
        flooding = [(one, ring) for one in flood_alerts.pending_floods() if (ring := one.again(now))]
        made = [row for one, ring in due for row in schedule.rows(actor, one.row.report_id, one.row.pk, ring)]
        insert_all([*made, *(row for one, ring in flooding for row in flood_alerts.rows(actor, one, ring))])
    return len(due) + len(flooding)
