"""How long a host has to answer a notice, without the time under holds."""

from __future__ import annotations

from datetime import datetime, timedelta

from tutela.law import holds
from tutela.takedown import case_rows as rows
from tutela.takedown.ledger.hold_time import Span, overlap
from tutela.takedown.models import BY_EMAIL, Notice, StepKind

REMIND_AFTER = timedelta(hours=24)
ESCALATE_AFTER = timedelta(hours=48)


def due_of(row: Notice, at: datetime) -> datetime | None:
    """When a reminder or the next level is due, without the time under holds up to a moment.

    Call inside `acting(actor)`.
    """
    wait = wait_of(row)
    since = row.steps.filter(kind=row.state).order_by("-created_at").values_list("created_at", flat=True).first()
    if wait is None or since is None:
        return row.due_at
    spans = holds.content_spans(rows.SUBJECT, [row.case_id]).get(str(row.case_id), [])
    return since + wait + overlap((Span(*one) for one in spans), since, at)


def wait_of(row: Notice) -> timedelta | None:
    """How long its host has from its newest step on; None if nothing is expected."""
    if row.state in (StepKind.RECEIVED, StepKind.REMINDED):
        return ESCALATE_AFTER
    if row.state != StepKind.SENT:
        return None
    return REMIND_AFTER if row.channel in BY_EMAIL else REMIND_AFTER + ESCALATE_AFTER
