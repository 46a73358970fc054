"""Urgent reports that raise alerts of their own: pending at the desk, or referred and undelivered.

A report in a sender's separate queue shares one alert (`flood_alerts`). `casework.alerts.schedule` says when an alert
is raised again. The deadline of a pending report is the one for urgent referral. The deadline of an undelivered report
is the one for urgent acknowledgement; it starts when the delivery failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Model, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.alerts import bell as alert_bell
from tutela.casework.alerts import escalation
from tutela.casework.alerts.bell import Bell
from tutela.casework.alerts.schedule import AlertHistory, AlertState, histories
from tutela.events.actor import Actor
from tutela.law.clock_kinds import KINDS, URGENT
from tutela.reports.models import UNSHOWN, Report, State
from tutela.reports.scoring.lanes import OPEN

# The subject kind of an alert about one report.
REPORT = "report"
# Where an urgent report still is in the desk's hands.
PENDING_STATES = (State.OPEN, State.ASKED, State.FORWARD)


class UndeliveredReason(TextChoices):
    """Reasons of an alert about a referred report. They restart the deadline."""

    UNARRIVED = "unarrived", _("referred, but undelivered")
    RETURNED = "returned", _("a returned copy is unassigned")


@dataclass(frozen=True, kw_only=True)
class ReportAlert(AlertState):
    """An urgent report on the duty officer's screen."""

    row: Report


def rows(actor: Actor, report_id: UUID, reason: str = "new") -> Iterable[Model]:
    """Rows of a raised alert of a report. Call inside `acting(actor)`."""
    return escalation.rows(actor, REPORT, report_id, reason)


def pending_alerts() -> list[ReportAlert]:
    """Every report with alerts of its own, unsorted. Call inside `acting(actor)`."""
    found = [row for part in alerting_reports() for row in part.defer(*UNSHOWN)]
    said = histories(REPORT, (row.report_id for row in found), UndeliveredReason.values)
    return [
        alert_of(row, history, _due(row, history))
        for row in found
        for history in [said.get(row.report_id, AlertHistory())]
    ]


def alert_of(row: Report, history: AlertHistory, due: datetime) -> ReportAlert:
    """The alert of a report."""
    return ReportAlert(
        subject_kind=REPORT,
        subject_id=row.report_id,
        history=history,
        due=due,
        came_at=row.created_at,
        number=row.number,
        handed_on=row.state not in PENDING_STATES,
        row=row,
    )


def alerting_reports() -> Iterator[QuerySet[Report]]:
    """Reports with alerts of their own, in two parts that an index serves. Call inside `acting(actor)`."""
    rows = Report.objects.filter(duplicate_of=None, urgent=True)
    yield rows.filter(lane=OPEN, state__in=PENDING_STATES)
    # Grouped alerts are handled separately, but each of these reports was referred by a person and gets its own alert.
    yield rows.filter(undelivered__gt=0).exclude(state__in=PENDING_STATES)


def bell() -> Bell:
    """Unanswered alerts of single reports, counted without reading a report. Call inside `acting(actor)`."""
    return alert_bell.together(*(alert_bell.of_rows(REPORT, rows, "report_id") for rows in alerting_reports()))


def lock(report_id: UUID) -> bool:
    """Lock an urgent report; returns whether it exists. Call inside `acting(actor)`."""
    return Report.objects.select_for_update().filter(report_id=report_id, urgent=True).first() is not None


def _due(row: Report, said: AlertHistory) -> datetime:
    if row.state in PENDING_STATES:
        return KINDS["urgent_referral"].length.after(said.first or clock.now())
    return KINDS[URGENT["acknowledgement"]].length.after(said.restarted or said.first or clock.now())
