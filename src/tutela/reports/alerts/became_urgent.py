"""Escalation: a report that becomes urgent later is treated like one that arrived urgent.

The report gets the same review deadline, the deadline of its urgent referral starts, and an alert is raised. This
applies to every cause: a duplicate that declares urgency, or a person's examination.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tutela import clock
from tutela.casework.alerts import escalation as alert_escalation
from tutela.events.actor import Actor
from tutela.law.clock_kinds import KINDS
from tutela.reports.alerts.pending_reports import PENDING_STATES, REPORT
from tutela.reports.models import Report
from tutela.reports.scoring import lanes
from tutela.reports.scoring.lanes import OPEN, OWN


def raise_urgency(
    actor: Actor, row: Report, urgency: int, reasons: list[Any], *, urgent: bool, looked: bool = False
) -> bool:
    """Raise a report's urgency score with reasons; return whether it became urgent.

    Call with the row locked. `looked`: a person examined the report. Otherwise its sender declares the urgency, and a
    report from a sender above the rate limit goes to that sender's separate queue.
    """
    becomes = urgent and not row.urgent
    row.urgency, row.urgent = max(row.urgency, urgency), row.urgent or urgent
    row.reasons = {**row.reasons, "urgency": reasons}
    if becomes:
        soon = KINDS["urgent_referral"].length.after(clock.now())
        row.lane = OPEN if looked else _lane(row, soon)
        row.look_by = min(row.look_by, soon) if row.look_by is not None else None
    row.save(update_fields=["urgent", "urgency", "reasons", "look_by", "lane"])
    if becomes and row.state in PENDING_STATES:
        raise_first(actor, row)
    return becomes


def raise_first(actor: Actor, row: Report) -> None:
    """Raise the first alert of a report and start the deadline of its referral. Call inside `acting(actor)`."""
    alert_escalation.raise_first(actor, REPORT, row.report_id)


def _lane(row: Report, soon: datetime) -> int:
    """The lane: the sender's own if its urgent reports of the hour reached the limit of `lanes`, else the open one."""
    hour = timedelta(hours=1)
    recent = Report.objects.filter(
        provider_id=row.provider_id, urgent=True, duplicate_of=None, look_by__gt=soon - hour, look_by__lt=soon + hour
    )
    return OWN if recent[: lanes.URGENT_AN_HOUR].count() >= lanes.URGENT_AN_HOUR else row.lane
