"""Groups of urgent reports: those in one sender's separate queue (`lanes`) share one alert and one answer.

- A group contains the reports that are still at the desk. Its alert is raised when the group begins, again while nobody
  answers, and after an answer when more reports arrive; at most once in `AGAIN` (`casework.alerts.schedule`).
- Each report stays urgent and is assessed by its own deadline; the earliest is the deadline of the group.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, QuerySet

from tutela.casework.alerts import bell as alert_bell
from tutela.casework.alerts.bell import Bell
from tutela.casework.alerts.schedule import LONG_AGO, REPEAT_AFTER, AlertHistory, AlertState, histories
from tutela.organisations.people import directory
from tutela.reports.alerts.pending_reports import PENDING_STATES, ReportAlert, alert_of
from tutela.reports.models import UNSHOWN, Report
from tutela.reports.scoring.lanes import OWN

# What alerts are about here: the sender, for all of its reports.
SENDER = "report_sender"


@dataclass(frozen=True, kw_only=True)
class Flood(AlertState):
    """Urgent reports in one sender's separate queue: `many`, the first deadline, the newest arrival, their alerts."""

    name: str
    newest: datetime

    @property
    def provider_id(self) -> UUID:
        return self.subject_id

    def again(self, now: datetime) -> str | None:
        """Reason to raise an alert now, or None. More reports since the answer are a reason too."""
        newest = self.history.newest
        if self._more and newest is not None and newest <= now - REPEAT_AFTER:
            return "new"
        return super().again(now)

    @property
    def _more(self) -> bool:
        return not self.unanswered and self.newest > (self.history.at or LONG_AGO)


def pending_floods() -> list[Flood]:
    """Return every grouped alert of the desk. Call inside `acting(actor)`."""
    counted = _waiting().order_by().values_list("provider_id")
    found = list(counted.annotate(Count("pk"), Min("look_by"), Max("created_at")))
    senders = [sender for sender, *_rest in found]
    said, names = histories(SENDER, senders), directory.names(senders)
    return [
        Flood(
            subject_kind=SENDER,
            subject_id=sender,
            history=said.get(sender, AlertHistory()),
            due=due or newest,
            came_at=newest,
            many=many,
            name=names[sender],
            newest=newest,
        )
        for sender, many, due, newest in found
    ]


def reports(flood: Flood, most: int) -> list[ReportAlert]:
    """Return the reports of a group, earliest deadline first. Call inside `acting(actor)`."""
    found = _waiting().filter(provider_id=flood.provider_id).defer(*UNSHOWN).order_by("look_by", "id")[:most]
    return [alert_of(row, flood.history, row.look_by or flood.due) for row in found]


def bell() -> Bell:
    """The number of groups with an alert, and the time of the newest alert. Cheap if there is none. In `acting`."""
    return alert_bell.of_subjects(SENDER, list(_waiting().order_by().values_list("provider_id", flat=True).distinct()))


def lock(sender_id: UUID) -> bool:
    """Whether a sender's separate queue has reports to answer for. Call inside `acting(actor)`."""
    return _waiting().filter(provider_id=sender_id).exists()


def own_reports() -> QuerySet[Report]:
    """Reports in a separate queue of their sender: their alerts belong to the group. Call inside `acting(actor)`."""
    return Report.objects.filter(lane=OWN).order_by()


def _waiting() -> QuerySet[Report]:
    return Report.objects.filter(duplicate_of=None, urgent=True, lane=OWN, state__in=PENDING_STATES)
