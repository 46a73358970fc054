"""When an alert is raised, raised again, answered and late.

- An alert that nobody has answered is raised again every `AGAIN`.
- An answer answers every alert that has been raised, whatever the clocks said then, and holds until the subject's time
  is over; from then on an alert is raised every `LATE` until the subject calls no longer.
- Nothing waits for a moment that lies ahead: a clock that stood wrong wrote it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min, Q

from tutela import clock
from tutela.casework.models import Alert, AlertAnswer, AlertReason
from tutela.events.sql import these
from tutela.organisations.people.clock_monitor import STEP

AGAIN = timedelta(minutes=15)
LATE = timedelta(hours=1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class AlertHistory:
    """The alerts of a subject: how many, the first and last, how many are answered, by whom and when.

    Of moments only those by which a clock may have been right.
    """

    alerts: int = 0
    first: datetime | None = None
    newest: datetime | None = None
    # The newest alert that restarted the deadline.
    restarted: datetime | None = None
    answered: int = 0
    by: str = ""
    at: datetime | None = None

    @property
    def sounding(self) -> bool:
        return self.answered < self.alerts

    @property
    def taken_by(self) -> str | None:
        """Who has answered the newest alert; None while nobody has."""
        return self.by if self.alerts and not self.sounding else None

    def again(self, due: datetime, now: datetime) -> str | None:
        """Why an alert is raised now, if it is: also the first, and where a wrong clock alone raised one."""
        if self.newest is None:
            return AlertReason.UNANSWERED if self.alerts else AlertReason.NEW
        if due <= now and self.newest < max(due, now - LATE):
            return AlertReason.LATE
        return AlertReason.UNANSWERED if self.sounding and self.newest <= now - AGAIN else None


@dataclass(frozen=True)
class AlertState:
    """A subject that calls: its alerts, and by when somebody has to be done with it.

    `number` is what people call it by; empty where a message counts it only. It stands for so `many`.
    `handed_on`: it has left the desk, and is to arrive somewhere by then.
    """

    subject_kind: str
    subject_id: UUID
    history: AlertHistory
    due: datetime
    came_at: datetime
    number: str = ""
    many: int = 1
    handed_on: bool = False

    @property
    def since(self) -> datetime:
        return self.history.first or min(self.came_at, clock.now())

    @property
    def alerts(self) -> int:
        return self.history.alerts

    @property
    def taken_by(self) -> str | None:
        return self.history.taken_by

    @property
    def sounding(self) -> bool:
        return self.history.sounding

    @property
    def late(self) -> bool:
        return self.due <= clock.now()

    def again(self, now: datetime) -> str | None:
        """Why an alert is raised now, if it is."""
        return self.history.again(self.due, now)


def answered_until(
    subject_kind: str, ids: Iterable[UUID], restarting: Collection[str] = ()
) -> dict[UUID, AlertHistory]:
    """The alerts of the subjects that have any; reasons `restarting` restart the deadline. In `acting(actor)`.

    Rows are found by subject ID and filtered by kind afterwards. In one query, while many alerts arrive, the database
    assumes that a kind is rare and compares every row with every ID.
    """
    keys, now = list(ids), valid_answers()
    counted = Alert.objects.filter(subject_id__in=these(keys)).order_by().values_list("subject_kind", "subject_id")
    come = Q(created_at__lte=now)
    newest, began = Max("created_at", filter=come), Max("created_at", filter=come & Q(reason__in=list(restarting)))
    raised = counted.annotate(n=Count("pk"), first=Min("created_at", filter=come), newest=newest, began=began)
    taken = _answers(subject_kind, keys, now)
    return {
        one: AlertHistory(alerts, first, last, since, *taken.get(one, (0, "", None)))
        for kind, one, alerts, first, last, since in raised
        if kind == subject_kind
    }


def _answers(subject_kind: str, keys: list[UUID], now: datetime) -> dict[UUID, tuple[int, str, datetime | None]]:
    """The answer of each subject that answers most: how many, whose, and when by a clock that may have been right."""
    rows = AlertAnswer.objects.filter(subject_id__in=these(keys))
    best = rows.order_by("subject_kind", "subject_id", "-answers", "-created_at", "-id").distinct(
        "subject_kind", "subject_id"
    )
    found = best.values_list("subject_kind", "subject_id", "answers", "by_name", "created_at")
    return {
        one: (answered, name, at if at <= now else None)
        for kind, one, answered, name, at in found
        if kind == subject_kind
    }


def valid_answers() -> datetime:
    """Up to when something can have been written by a clock that is right: machines' clocks differ a little."""
    return clock.now() + STEP
