"""Duplicate reports: they follow the original report, and their new information is added to it.

- A duplicate has no deadlines and no decision of its own: it has the status of the original, and its provider gets the
  same feedback.
- A more urgent duplicate makes the original urgent. If the original has left the desk (decided as not relevant, or
  referred), an urgent report is handled separately: a person must examine it.
- New information in a duplicate is weighed with the original before a referral, and follows it afterwards
  (`supplements`). If the original is closed (decided as not relevant, or an error), nobody has assessed the new
  information: the report is handled separately.
- A duplicate of a report with a pending question to the provider is the answer. The same applies to a report of that
  provider about the same items at one of the same times, with more about the account or the place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.exchange.report.report import Report as Wire
from tutela.exchange.report.score_reasons import ScoreCode
from tutela.law import clocks
from tutela.law.clocks import ClockMove
from tutela.organisations.keys import subject_keys
from tutela.reports.alerts import became_urgent
from tutela.reports.duplicates import detection
from tutela.reports.evidence import handover
from tutela.reports.followups import supplements
from tutela.reports.models import CLOSED, Decision, ProviderAnswer, Report, State
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.state import provider_feedback, report_rows, status

OUT_OF_HANDS = CLOSED | {State.REFERRED, State.ANSWERED}
TOLD = {Decision.FORWARD: "relevant", Decision.UNFOUNDED: "not_relevant", Decision.ERRONEOUS: "not_relevant"}


class Repeated(Protocol):
    """Facts about a report that decide whether another is its duplicate."""

    @property
    def pk(self) -> UUID: ...
    @property
    def report_id(self) -> UUID: ...
    @property
    def urgent(self) -> bool: ...
    @property
    def urgency(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def decision(self) -> str: ...


def original_of(earlier: Repeated | None, urgent: bool, brings: Callable[[], bool]) -> Repeated | None:
    """Return the report that this one duplicates; None if it is handled separately.

    `brings` tells whether the report has information that nobody has assessed; it is called only if the original is
    closed.
    """
    if earlier is None or (urgent and not earlier.urgent and earlier.state in OUT_OF_HANDS):
        return None
    return None if earlier.state in CLOSED and brings() else earlier


def apply_duplicate(actor: Actor, row: Report, repeated: Repeated) -> None:
    """Apply a duplicate that was just stored: it follows its original, which is locked and gets the new information."""
    if row.urgency <= repeated.urgency and not repeated.decision:
        return  # nothing to bring, and nothing was ever decided or told
    original = Report.objects.get(pk=repeated.pk)
    if row.urgency > original.urgency:
        _raise_urgency(actor, original, row)
    if original.state == State.ASKED:
        answered(actor, original, row)
    Report.objects.filter(pk=row.pk).update(state=original.state, decision=original.decision)
    if provider_feedback.held(row) is not None:
        provider_feedback.tell_hold(actor, row)
    newest = original.assessments.order_by("-created_at", "-id").first()
    counts = newest is not None and newest.decision == original.decision
    if newest is not None and counts and (kind := TOLD.get(Decision(newest.decision))):
        subject_keys.open_words(SUBJECT, original.report_id, [newest])
        reason, code = ("", "") if kind == "relevant" else (newest.reason, newest.reason_code)
        provider_feedback.tell(actor, row, kind, reason, code=code, cause=newest.pk)
    if (outcome := status.closing_outcome(original)) is not None:
        provider_feedback.tell(actor, row, "closed", cause=outcome.pk)
    # The duplicate's own places may have given another country, to which an interface sealed its files during upload.
    handover.readdress(actor, original)
    supplements.follow(actor, original, row)


def answer_by_items(actor: Actor, row: Report, report: Wire, items: list[UUID]) -> None:
    """Take a new report as the answer to questions about the same provider's reports of these items, then."""
    asked = Report.objects.select_for_update().filter(
        bundle=row.bundle, provider_id=row.provider_id, state=State.ASKED, duplicate_of=None
    )
    for one in asked.order_by("pk"):
        same_items = not one.sightings.exclude(item__in=items).exists()
        if same_items and detection.moments_of(report_rows.body_of(one)) & detection.moments_of(report):
            answered(actor, one, row)


def answered(actor: Actor, row: Report, by: Report | None) -> None:
    """The question about a report is over: its clock of relevance runs again. `row` is locked."""
    if row.assessments.filter(decision=Decision.ASK, created_at__gt=clock.now()).exists():
        return  # of a simulated past: nothing answers what has not been asked yet
    ProviderAnswer.objects.create(organisation_id=actor.organisation_id, report=row, by_report=by)
    status.refresh(row)
    clocks.stop_if_running(actor, "provider_answer", "report", row.report_id)
    states = {spec.kind: state.state for spec, state in clocks.of_subject("report", row.report_id)}
    if states.get("relevance") == "paused":
        clocks.take(actor, "relevance", "report", row.report_id, ClockMove("resume", clock.now()))
    elif row.state == State.OPEN:
        clocks.restart(actor, "relevance", "report", row.report_id)
    record(actor, "report.answered", "report", row.report_id, by=by.report_id if by else None)


def _raise_urgency(actor: Actor, original: Report, row: Report) -> None:
    twins = row.reasons["urgency"]
    known = [ScoreCode.CALM, *(one[1] for one in twins)]
    # Other reasons of the first report stay without points, so that points are not counted twice.
    also = [[0, *one[1:]] for one in original.reasons["urgency"] if one[1] not in known]
    repeated = [0, str(ScoreCode.DUPLICATE), {"number": row.number}]
    said = [*twins, *also, repeated]
    if became_urgent.raise_urgency(actor, original, row.urgency, said, urgent=row.urgent):
        record(actor, "report.urgent", "report", original.report_id, by=row.report_id)
