"""Which reports call, each by its own alerts: what is urgent and still the desk's, and stands in no sender's own lane;
and what was referred and nobody has (`undelivered`). When they call is said in `casework.alerts.schedule`.

What waits at the desk is to be referred by its clock of urgent referral; what was referred is to be acknowledged by its
own clock, from the moment on at which nobody had it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Model, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.alerts import escalation
from tutela.casework.alerts.schedule import AlertHistory, AlertState, answered_until
from tutela.events.actor import Actor
from tutela.law.clock_kinds import KINDS, URGENT
from tutela.reports.models import UNSHOWN, Report, State
from tutela.reports.scoring.lanes import OPEN

# What alerts are about here.
REPORT = "report"
# Where an urgent report still is in the desk's hands.
WAITING = (State.OPEN, State.ASKED, State.FORWARD)


class UndeliveredReason(TextChoices):
    """Reasons of an alert about a referred report. They restart the deadline."""

    UNARRIVED = "unarrived", _("referred, but undelivered")
    RETURNED = "returned", _("a returned copy is unassigned")


@dataclass(frozen=True, kw_only=True)
class ReportAlert(AlertState):
    """An urgent report on the duty officer's screen."""

    row: Report


def rows(actor: Actor, report_id: UUID, reason: str = "new") -> Iterable[Model]:
    """What is inserted when a report calls. Call inside `acting(actor)`."""
    return escalation.rows(actor, REPORT, report_id, reason)


def pending_alerts() -> list[ReportAlert]:
    """Every report that calls by itself, in no order. Call inside `acting(actor)`."""
    found = [row for part in those() for row in part.defer(*UNSHOWN)]
    said = answered_until(REPORT, (row.report_id for row in found), UndeliveredReason.values)
    return [
        alert_of(row, history, _due(row, history))
        for row in found
        for history in [said.get(row.report_id, AlertHistory())]
    ]


def alert_of(row: Report, history: AlertHistory, due: datetime) -> ReportAlert:
    """How a report calls."""
    return ReportAlert(
        subject_kind=REPORT,
        subject_id=row.report_id,
        history=history,
        due=due,
        came_at=row.created_at,
        number=row.number,
        handed_on=row.state not in WAITING,
        row=row,
    )


def those() -> Iterator[QuerySet[Report]]:
    """What calls by itself, in parts that an index has. Call inside `acting(actor)`."""
    rows = Report.objects.filter(duplicate_of=None, urgent=True)
    yield rows.filter(lane=OPEN, state__in=WAITING)
    # Grouped alerts are handled separately, but each of these reports was referred by a person and gets its own alert.
    yield rows.filter(undelivered__gt=0).exclude(state__in=WAITING)


def lock(report_id: UUID) -> bool:
    """Whether a report is there to be answered for; it is locked. Call inside `acting(actor)`."""
    return Report.objects.select_for_update().filter(report_id=report_id, urgent=True).first() is not None


def _due(row: Report, said: AlertHistory) -> datetime:
    if row.state in WAITING:
        return KINDS["urgent_referral"].length.after(said.first or clock.now())
    return KINDS[URGENT["acknowledgement"]].length.after(said.restarted or said.first or clock.now())
