"""Schedule of alerts: when an alert is raised, repeated, answered and late.

- An unanswered alert is repeated every `REPEAT_AFTER`.
- An answer covers every alert raised so far, whatever the clocks said, and holds until the subject's deadline. After
  the deadline an alert is raised every `LATE` until the subject needs nobody.
- A moment in the future was written by a wrong clock and delays nothing.
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

REPEAT_AFTER = timedelta(minutes=15)
LATE = timedelta(hours=1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class AlertHistory:
    """Alerts of a subject: how many, first and newest, how many are answered, by whom and when.

    Times in the future are ignored, because a wrong clock wrote them.
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
    def unanswered(self) -> bool:
        return self.answered < self.alerts

    @property
    def taken_by(self) -> str | None:
        """Name of the person who answered the newest alert; None while it is unanswered."""
        return self.by if self.alerts and not self.unanswered else None

    def again(self, due: datetime, now: datetime) -> str | None:
        """Reason to raise an alert now, or None. Covers the first alert, and a subject whose alerts a wrong clock
        wrote.
        """
        if self.newest is None:
            return AlertReason.UNANSWERED if self.alerts else AlertReason.NEW
        if due <= now and self.newest < max(due, now - LATE):
            return AlertReason.LATE
        return AlertReason.UNANSWERED if self.unanswered and self.newest <= now - REPEAT_AFTER else None


@dataclass(frozen=True)
class AlertState:
    """Subject with an alert: its alerts and its deadline.

    `number` is its name for people; empty if a message only counts it. `many`: how many subjects it stands for.
    `handed_on`: it has left the desk and must arrive by the deadline.
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
    def unanswered(self) -> bool:
        return self.history.unanswered

    @property
    def late(self) -> bool:
        return self.due <= clock.now()

    def again(self, now: datetime) -> str | None:
        """Reason to raise an alert now, or None."""
        return self.history.again(self.due, now)


def histories(subject_kind: str, ids: Iterable[UUID], restarting: Collection[str] = ()) -> dict[UUID, AlertHistory]:
    """Alerts of subjects that have any; reasons in `restarting` restart the deadline. Call inside `acting(actor)`.

    Rows are found by subject ID and filtered by kind afterwards. In one query, while many alerts arrive, the database
    assumes that a kind is rare and compares every row with every ID.
    """
    keys, now = list(ids), latest_plausible_time()
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
    """Answer that covers most alerts of each subject: how many, by whom, and when unless a wrong clock wrote it."""
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


def latest_plausible_time() -> datetime:
    """Latest time that a correct clock can have written; clocks of machines differ a little."""
    return clock.now() + STEP
