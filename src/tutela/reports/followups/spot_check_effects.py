"""Act on a spot check that found a report urgent, in whatever state the report is.

- At the desk: the report comes first, even if it was urgent in its sender's separate queue. The deadline of its urgent
  referral starts, and an alert is raised (`became_urgent`).
- Unfounded: the decision no longer counts, the report is open again and an alert is raised. The same applies to a
  declared error, if the examiner is a lead: only a lead reopens a report that a lead closed.
- Referred: each authority with a valid referral gets the report once more, as an urgent supplement with the reason
  (decision 52). The supplement goes the ways of every referral, and first.
"""

from __future__ import annotations

from typing import Any

from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.referral.reason_codes import RelevanceCode
from tutela.exchange.referral.referral import Referral as Wire
from tutela.exchange.report.score_reasons import ScoreCode
from tutela.law import clocks
from tutela.organisations.people import directory
from tutela.reports.alerts import became_urgent
from tutela.reports.alerts.pending_reports import PENDING_STATES
from tutela.reports.errors import Undone
from tutela.reports.followups import supplements
from tutela.reports.models import CLOSED, Referral, Report, State
from tutela.reports.referrals import coded_reasons, refer
from tutela.reports.scoring.lanes import OPEN
from tutela.reports.scoring.scores import URGENT_FROM
from tutela.reports.state import new_information, status


def act(actor: Actor, row: Report, reason: str) -> None:
    """Do what follows from an examination that is stored. Raises `Undone`, `Erased`. `row` is locked.

    Call inside `acting(actor)`.
    """
    if row.state in CLOSED:
        _reopen(actor, row)
    elif not row.urgent:
        _raise(actor, row)
        if row.state not in PENDING_STATES:
            _tell_authorities(actor, row, reason)
    elif row.state in PENDING_STATES and row.lane != OPEN:
        _stand_out(actor, row)


def _reopen(actor: Actor, row: Report) -> None:
    if row.state == State.ERRONEOUS and not actor.can("reports.erroneous"):
        raise Undone
    status.refresh(row)
    clocks.restart(actor, "relevance", "report", row.report_id)
    record(actor, "report.reopened", "report", row.report_id)
    if not row.urgent:
        _raise(actor, row)
    else:
        _stand_out(actor, row)


def _stand_out(actor: Actor, row: Report) -> None:
    """Give the report its own alerts instead of the grouped alert of its sender."""
    row.lane = OPEN
    row.save(update_fields=["lane"])
    became_urgent.raise_first(actor, row)


def _raise(actor: Actor, row: Report) -> None:
    said = [*row.reasons["urgency"], [0, str(ScoreCode.SPOT_CHECK), {}]]
    became_urgent.raise_urgency(actor, row, URGENT_FROM, said, urgent=True, looked=True)


def _tell_authorities(actor: Actor, row: Report, reason: str) -> None:
    body = new_information.merged_content(row).report
    for main in status.primary_referrals(row):
        before = supplements.package_of(row, main)
        judged = before.assessment.model_copy(update=_judged(row, main, before, reason))
        package = supplements.derive(before, reports=(body,), assessment=judged)
        number = refer.post(actor, row, directory.entry(main.authority_id), package, main)
        record(actor, "report.escalated", "report", row.report_id, referral=main.number, supplement=number)


def _judged(row: Report, main: Referral, before: Wire, reason: str) -> dict[str, Any]:
    values = {"referral": main.number, "number": row.number}
    why = coded_reasons.supplement(RelevanceCode.FOUND_URGENT, values, before.assessment.relevance_codes)
    return {"urgent": True, **why, **coded_reasons.urgency(row, [], typed(reason))}
