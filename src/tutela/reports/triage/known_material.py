"""Known material: forward reports about certified items alone by one decision, without opening them.

Only exact copies of active indicators by an unforgeable digest qualify, and only undecided reports. Urgent reports are
never included: a person reads them. Nothing is closed this way. Each report is checked again under its own lock: an
indicator revoked, or a duplicate that makes it urgent, in this very moment is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, TutelaError
from tutela.events.transaction import acting
from tutela.exchange.referral.reason_codes import RelevanceCode
from tutela.organisations.errors import Erased
from tutela.reports.errors import AlreadyDecided, IsDuplicate, NotCertifiedAlone, RetractedMeanwhile, UrgentIsRead
from tutela.reports.models import Decision, Report, Retraction, State
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.scoring import register_claims
from tutela.reports.state import report_rows
from tutela.reports.triage import assess

# This many are forwarded at once, because the person who decides waits for the result.
MOST_REPORTS = 200
# This many are listed one by one and chosen by hand.
MOST_CHOSEN = 50


@dataclass(frozen=True)
class KnownLine:
    """A chosen report before it is marked as relevant. `error` is why it is left out; empty if it is not."""

    report_id: UUID
    number: str
    provider: str
    duplicates: int
    claimed_by: str
    error: str


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
            mark(actor, report_id)
        except TutelaError:
            continue  # a colleague was faster
        done += 1
    return done


def preview(actor: Actor, report_ids: Sequence[UUID]) -> list[KnownLine]:
    """The chosen reports in their order, each with what marking would do. Raises `Invalid` for none and too many."""
    actor.require("reports.assess")
    if not report_ids:
        raise Invalid("Choose at least one report.", field="report")
    if len(set(report_ids)) > MOST_CHOSEN:
        raise Invalid("Choose at most {most} reports at once.", field="report", most=MOST_CHOSEN)
    with acting(actor):
        found = Report.objects.filter(report_id__in=report_ids).annotate(of_duplicates=Count("duplicates"))
        rows = {row.report_id: row for row in found}
        retracted = set(Retraction.objects.filter(report__in=rows.values()).values_list("report__report_id", flat=True))
        holders = claim.holders(SUBJECT, rows)
        return [
            KnownLine(
                one,
                row.number,
                row.provider_name,
                row.of_duplicates,
                holders.get(one, ""),
                str(_refusal(row, retracted=one in retracted) or ""),
            )
            for one in dict.fromkeys(report_ids)
            if (row := rows.get(one)) is not None
        ]


def mark(actor: Actor, report_id: UUID) -> None:
    """Mark a report as relevant if it has only exact copies of active indicators.

    The register itself is asked, not a flag that follows it. Raises `AlreadyDecided`, `IsDuplicate`, `UrgentIsRead`,
    `RetractedMeanwhile`, `NotCertifiedAlone`, `NotFound`.
    """
    actor.require("reports.assess")
    with acting(actor):
        row = report_rows.locked(report_id)
        refusal = _refusal(row, retracted=Retraction.objects.filter(report=row).exists())
        if refusal is not None:
            raise refusal
        assess.assess(actor, report_id, Decision.FORWARD, "", seen=0, code=RelevanceCode.EXACT_COPIES)


def _refusal(row: Report, *, retracted: bool) -> TutelaError | None:
    """Why a report is not forwarded as known material. Call inside `acting(actor)`."""
    if row.duplicate_of_id:
        return IsDuplicate()
    if row.decision or row.state != State.OPEN:
        return AlreadyDecided()
    if row.urgent:
        return UrgentIsRead()
    if retracted:
        return RetractedMeanwhile()
    try:
        certified = register_claims.of_all([report_rows.body_of(row)])[0].certified
    except Erased as error:
        return error
    return None if certified else NotCertifiedAlone()
