"""A report that becomes urgent after it came: from then on it has all that one has which came urgent.

It is looked at as soon, its clock of urgent referral runs, and its alarm sounds. That holds for every way to become
urgent: a repetition that says so, or somebody's look.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tutela import clock
from tutela.casework.alerts import escalation as alert_escalation
from tutela.events.actor import Actor
from tutela.law.clock_kinds import KINDS
from tutela.reports.alerts.schedule import REPORT, WAITING
from tutela.reports.models import Report
from tutela.reports.scoring import lanes
from tutela.reports.scoring.lanes import OPEN, OWN


def raise_urgency(
    actor: Actor, row: Report, urgency: int, reasons: list[Any], *, urgent: bool, looked: bool = False
) -> bool:
    """Give a report a higher score and its reasons; whether it became urgent by it. Call with the row locked.

    `looked`: somebody looked at it; otherwise its sender says so, and one that says it too often has a lane of its own.
    """
    becomes = urgent and not row.urgent
    row.urgency, row.urgent = max(row.urgency, urgency), row.urgent or urgent
    row.reasons = {**row.reasons, "urgency": reasons}
    if becomes:
        soon = KINDS["urgent_referral"].length.after(clock.now())
        row.lane = OPEN if looked else _lane(row, soon)
        row.look_by = min(row.look_by, soon) if row.look_by is not None else None
    row.save(update_fields=["urgent", "urgency", "reasons", "look_by", "lane"])
    if becomes and row.state in WAITING:
        call(actor, row)
    return becomes


def call(actor: Actor, row: Report) -> None:
    """Let an urgent report call: its clock of urgent referral runs, its alert is raised. Within `acting(actor)`."""
    alert_escalation.call(actor, REPORT, row.report_id)


def _lane(row: Report, soon: datetime) -> int:
    """Its own, or its sender's where that one called as often within the hour as `lanes` allows."""
    hour = timedelta(hours=1)
    recent = Report.objects.filter(
        provider_id=row.provider_id, urgent=True, duplicate_of=None, look_by__gt=soon - hour, look_by__lt=soon + hour
    )
    return OWN if recent[: lanes.URGENT_AN_HOUR].count() >= lanes.URGENT_AN_HOUR else row.lane
