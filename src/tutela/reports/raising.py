"""A report that becomes urgent after it came: from then on it has all that one has which came urgent.

It is looked at as soon, its clock of urgent referral runs, and its alarm sounds. That holds for every way to become
urgent: a repetition that says so, or somebody's look.
"""

from __future__ import annotations

from typing import Any

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.inserting import insert_all
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.reports import alarms
from tutela.reports.models import Report


def raise_urgency(actor: Actor, row: Report, urgency: int, reasons: list[Any], *, urgent: bool) -> bool:
    """Give a report a higher score and its reasons; whether it became urgent by it. Call with the row locked."""
    becomes = urgent and not row.urgent
    row.urgency, row.urgent = max(row.urgency, urgency), row.urgent or urgent
    row.reasons = {**row.reasons, "urgency": reasons}
    if becomes and row.look_by is not None:
        row.look_by = min(row.look_by, KINDS["urgent_referral"].length.after(clock.now()))
    row.save(update_fields=["urgent", "urgency", "reasons", "look_by"])
    if becomes and row.state in alarms.WAITING:
        clocks.start(actor, "urgent_referral", "report", row.report_id)
        insert_all(alarms.rows(actor, row.report_id, row.pk))
    return becomes
