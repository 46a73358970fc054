"""Known material: forward reports about certified items alone by one decision, without opening them.

Only exact copies of active indicators by an unforgeable digest qualify, and only undecided reports. Urgent reports are
never included: a person reads them. Nothing is closed this way. Each report is checked again under its own lock: an
indicator revoked, or a duplicate that makes it urgent, in this very moment is seen.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.transaction import acting
from tutela.exchange.referral.reason_codes import RelevanceCode
from tutela.reports.models import Decision, Report, State
from tutela.reports.scoring import register_claims
from tutela.reports.state import report_rows
from tutela.reports.triage import assess

# This many are forwarded at once, because the person who decides waits for the result.
MOST_REPORTS = 200


def ready() -> QuerySet[Report]:
    """Reports that can be forwarded as known material, oldest first. Call inside `acting(actor)`."""
    rows = Report.objects.filter(certified=True, urgent=False, state=State.OPEN, decision="", duplicate_of=None)
    # A report that its provider once declared an error must be examined by a person.
    return rows.filter(retraction=None).order_by("created_at")


def count(actor: Actor) -> int:
    """The number of reports that can be forwarded as known material, at most 1,000."""
    actor.require("reports.read")
    with acting(actor):
        return len(ready().values("pk")[:1000])


def forward(actor: Actor) -> int:
    """Forward up to `MOST_REPORTS` of them, each a decision of its own; returns how many."""
    actor.require("reports.assess")
    with acting(actor):
        ids = list(ready().values_list("report_id", flat=True)[:MOST_REPORTS])
    done = 0
    for report_id in ids:
        try:
            done += _forward(actor, report_id)
        except TutelaError:
            continue  # a colleague was faster
    return done


def _forward(actor: Actor, report_id: UUID) -> bool:
    """Forward a report if it still is one of these: asked of the register itself, not of a flag that follows it."""
    with acting(actor):
        row = report_rows.locked(report_id)
        if row.urgent or not register_claims.of_all([report_rows.body_of(row)])[0].certified:
            return False
        assess.assess(actor, report_id, Decision.FORWARD, "", seen=0, code=RelevanceCode.EXACT_COPIES)
    return True
