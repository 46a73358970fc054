"""Known material: forward reports about certified items alone by one decision, without opening them.

Only exact copies of active indicators by an unforgeable digest qualify, and only undecided reports. Urgent reports are
never included: a person reads them. Nothing is closed this way. Each report is checked again under its own lock: an
indicator revoked, or a duplicate that makes it urgent, in this very moment is seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.transaction import acting
from tutela.exchange.referral.reason_codes import RelevanceCode
from tutela.exchange.report.report import Report as Wire
from tutela.organisations.errors import Erased
from tutela.reports.errors import IsDuplicate, NotCertifiedAlone, RetractedMeanwhile, UrgentIsRead
from tutela.reports.models import Decision, Report, Retraction, State
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.scoring import register_claims
from tutela.reports.state import report_rows, status
from tutela.reports.triage import assess

# This many are forwarded at once, because the person who decides waits for the result.
MOST_REPORTS = 200


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


def preview(actor: Actor, report_ids: Sequence[UUID], *, checked: bool = True) -> list[KnownLine]:
    """The chosen reports in their order, each with what marking would do. Raises `Invalid` for none and too many.

    Nothing is locked: `mark` looks again. Without `checked` no line has an error.
    """
    actor.require("reports.assess")
    chosen = report_rows.chosen(report_ids)
    with acting(actor):
        found = Report.objects.filter(report_id__in=chosen).annotate(of_duplicates=Count("duplicates"))
        rows = {row.report_id: row for row in found}
        refusals = _refusals(rows) if checked else {}
        holders = claim.holders(SUBJECT, rows)
        return [
            KnownLine(
                one, row.number, row.provider_name, row.of_duplicates, holders.get(one, ""), str(refusals.get(one, ""))
            )
            for one in chosen
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
        if refusal is None and not register_claims.of_all([report_rows.body_of(row)])[0].certified:
            refusal = NotCertifiedAlone()
        if refusal is not None:
            raise refusal
        assess.assess(actor, report_id, Decision.FORWARD, "", seen=0, code=RelevanceCode.EXACT_COPIES)


def _refusals(rows: Mapping[UUID, Report]) -> dict[UUID, TutelaError]:
    """Why some of these reports are not forwarded as known material. Call inside `acting(actor)`."""
    retracted = set(Retraction.objects.filter(report__in=rows.values()).values_list("report__report_id", flat=True))
    refusals, bodies = dict[UUID, TutelaError](), dict[UUID, Wire]()
    for one, row in rows.items():
        refusal = _refusal(row, retracted=one in retracted)
        if refusal is not None:
            refusals[one] = refusal
            continue
        try:
            bodies[one] = report_rows.body_of(row)
        except Erased as error:
            refusals[one] = error
    found = zip(bodies, register_claims.look_up(list(bodies.values())), strict=True)
    return refusals | {one: NotCertifiedAlone() for one, claims in found if not claims.certified}


def _refusal(row: Report, *, retracted: bool) -> TutelaError | None:
    """Why a report is not forwarded as known material, whatever its items are."""
    if row.duplicate_of_id:
        return IsDuplicate()
    if row.decision or row.state != State.OPEN:
        return status.decided_already(row)
    if row.urgent:
        return UrgentIsRead()
    if retracted:
        return RetractedMeanwhile()
    return None
