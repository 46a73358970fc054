"""Data of one report's page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tutela.casework.exposure.budget import Budget
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.list_access import in_turn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.handling_codes import Handling
from tutela.exchange.referral.outcome import ReleaseLevel
from tutela.exchange.report.report import Report as Wire
from tutela.law import clocks, holds
from tutela.law.timeline import Journey, at_the_provider, journey
from tutela.organisations.approvals import four_eyes
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox_status
from tutela.organisations.people import directory
from tutela.reports.models import UNSHOWN, Assessment, Decision, FeedbackSent, Referral, Report, State
from tutela.reports.referrals import addressees, handling_override, orphaned_holds
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.state import jurisdiction_basis, new_information, provider_feedback, retractions
from tutela.reports.state.report_rows import body_of
from tutela.reports.state.status import referrals_that_stand
from tutela.reports.triage import viewing_budget


@dataclass(frozen=True)
class Duplicates:
    """Duplicates with new information, each with its reason for urgency; `more` were not opened."""

    found: list[tuple[Report, str]] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True)
class ReportView:
    """One report with everything about it."""

    row: Report
    # None once its contents are erased.
    body: Wire | None
    assessments: list[Assessment]
    referrals: list[Referral]
    jurisdiction: Any
    # Whom a referral would go to now.
    recipients: list[directory.DirectoryEntry]
    messages: list[outbox_status.MessageState]
    clocks: list[tuple[Any, Any]]
    journey: Journey
    siblings: list[Report]
    duplicates: Duplicates
    held: Any
    # Until when the content is not removed either.
    content_until: datetime | None
    # This is the provider's later statement, if the provider retracted the report.
    retraction: retractions.RetractionState | None
    retracted_repeats: retractions.Repeats
    # The hold's authority is gone: two leads may end it.
    orphaned: bool
    end_asked: four_eyes.ApprovalRequest | None
    may_assess: bool
    may_refer: bool
    # The reader's own budget of a day; `closed` where it keeps the contents back.
    budget: Budget | None
    closed: bool
    # These codes tell the recipient of the next copy what is permitted, if there is to be one.
    handling: Handling | None


def _subjects(row: Report, decider: Report) -> list[tuple[str, object]]:
    """The report, and every referral that was made of it."""
    referrals = decider.referrals.order_by("created_at").values_list("referral_id", flat=True)
    return [("report", row.report_id), *(("referral", referral_id) for referral_id in referrals)]


def _journey(row: Report, decider: Report, body: Wire | None) -> Journey:
    """From the upload at the provider to what the authorities did; of a duplicate, as the one it repeats went on."""
    subjects = _subjects(row, decider)
    if decider != row:
        subjects.append(("report", decider.report_id))
    return journey(subjects, at_the_provider(body) if body else ())


def _body(row: Report) -> Wire | None:
    try:
        return body_of(row)
    except Erased:
        return None


def _duplicates(row: Report) -> Duplicates:
    """The first duplicates and the number of the others: opening a page must not open thousands of bodies."""
    seen = new_information.merged_content(row, new_information.MOST_SHOWN)
    return Duplicates([(one, said.urgency.reason or "") for one, said in seen.parts[1:]], seen.unseen)


def _jurisdiction(row: Report) -> Any:
    found = jurisdiction_basis.opened(row, row.jurisdictions.order_by("-created_at", "-id")[:1])
    return found[0] if found else None


def _may_assess(actor: Actor, row: Report) -> bool:
    undone = row.state == State.ERRONEOUS and not actor.can("reports.erroneous")
    return not undone and row.erased_at is None and not referrals_that_stand(row).exists()


def _referrals(row: Report) -> list[Referral]:
    """Every referral of a report with what became of it, also those that came back.

    An outcome's `release_shown` is its limit, or "provider" only if its provider was told.
    """
    rows = row.referrals.order_by("created_at").prefetch_related("outcomes")
    found = list(rows.select_related("acknowledgement", "returned"))
    outcomes: list[Any] = [one for referral in found for one in referral.outcomes.all()]
    sent = FeedbackSent.objects.filter(cause__in=[one.pk for one in outcomes])
    told = set(sent.values_list("cause", flat=True)) if outcomes else set()
    for one in outcomes:
        one.release_shown = one.release if one.release != ReleaseLevel.PROVIDER or one.pk in told else ""
    return found


def _among(rows: QuerySet[Report], start: int, many: int) -> list[Report]:
    return list(rows.order_by("created_at", "pk")[start : start + many])


def _may_refer(row: Report, without: list[directory.DirectoryEntry]) -> bool:
    return row.decision == Decision.FORWARD and row.erased_at is None and bool(without)


def open_report(actor: Actor, report_id: UUID) -> ReportView:
    """One report with everything; the access is recorded with the actor's purpose, and counts (`viewing_budget`).

    Raises `NotFound`.
    """
    actor.require("reports.read")
    with acting(actor):
        row = _row(report_id)
        record(actor, "report.viewed", "report", report_id)
        decider, closed = row.duplicate_of or row, row.erased_at is None and not viewing_budget.opened(actor, row)
        body = None if closed else _body(row)
        without = addressees.still_without(decider)
        may_refer = _may_refer(decider, without)
        assessments = list(decider.assessments.order_by("created_at"))
        referrals = _referrals(decider)
        _open_words(decider, assessments, referrals)
        return ReportView(
            row=row,
            body=body,
            assessments=assessments,
            referrals=referrals,
            jurisdiction=_jurisdiction(decider),
            recipients=without,
            clocks=_clocks(row, decider),
            may_assess=not closed and _may_assess(actor, decider),
            may_refer=may_refer,
            budget=viewing_budget.mine(actor),
            closed=closed,
            handling=handling_override.standing(decider) if may_refer else None,
            messages=outbox_status.states(actor, report_id),
            journey=_journey(row, decider, body),
            siblings=_siblings(row),
            duplicates=_duplicates(row) if body and row == decider else Duplicates(),
            held=provider_feedback.held(row),
            content_until=holds.content_kept("report", (row.duplicate_of or row).report_id),
            retraction=retractions.retraction_of(row),
            retracted_repeats=retractions.of_repeats(row),
            orphaned=orphaned_holds.asker_is_gone(decider),
            end_asked=orphaned_holds.pending_release(actor, decider),
        )


def _clocks(row: Report, decider: Report) -> list[tuple[Any, Any]]:
    unreal = clocks.simulated()
    return [one for kind, pk in _subjects(row, decider) for one in clocks.of_subject(kind, pk, unreal)]


def _open_words(decider: Report, assessments: list[Assessment], referrals: list[Referral]) -> None:
    told = (said for one in referrals for said in (*one.outcomes.all(), getattr(one, "returned", None)))
    subject_keys.open_words(SUBJECT, decider.report_id, (*assessments, *told))
    arrived = [getattr(one, "acknowledgement", None) for one in referrals]
    subject_keys.open_words(SUBJECT, decider.report_id, arrived, "file_reference")


def _siblings(row: Report) -> list[Report]:
    """The first hundred others of its bundle, urgent ones first."""
    others = Report.objects.filter(bundle=row.bundle).exclude(pk=row.pk).defer(*UNSHOWN)
    parts = (partial(_among, others.filter(urgent=urgent)) for urgent in (True, False))
    return in_turn(parts, 0, 100)


def _row(report_id: UUID) -> Report:
    row = Report.objects.select_related("bundle", "duplicate_of").filter(report_id=report_id).first()
    if row is None:
        raise NotFound
    return row
