"""What the Centre's pages show: the queue, and one report with everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.recording import Recorded, record, timeline
from tutela.exchange.report import Report as Wire
from tutela.law import clocks, holds
from tutela.organisations import directory, outbox
from tutela.reports.errors import NoRecipient, NotRelevantYet
from tutela.reports.models import Assessment, Outcome, Referral, Report
from tutela.reports.referral import recipient_for
from tutela.reports.triage import body_of

PER_PAGE = 50
STATES = ("open", "asked", "forward", "referred", "answered", "unfounded", "erroneous", "duplicate", "all")


@dataclass(frozen=True)
class Filter:
    """What to show of the queue; empty does not restrict."""

    state: str = "open"
    provider: str = ""
    kind: str = ""
    text: str = ""
    bundle: str = ""


@dataclass(frozen=True)
class Full:
    """One report with everything about it."""

    row: Report
    body: Wire
    assessments: list[Assessment]
    referrals: list[Referral]
    jurisdiction: Any
    recipient: directory.Entry | None
    messages: list[outbox.MessageState]
    clocks: list[tuple[Any, Any]]
    events: list[Recorded]
    siblings: list[Report]
    held: Any


def queue(actor: Actor, wanted: Filter, page: int = 1) -> tuple[list[Any], bool]:
    """A page of the queue: urgent first, then by urgency, relevance and age; one line for each bundle."""
    actor.require("reports.read")
    with acting(actor):
        rows = _filtered(wanted).order_by("-urgent", "-urgency", "-relevance_order", "created_at")
        start = (page - 1) * PER_PAGE
        found = list(rows.select_related("bundle")[start : start + PER_PAGE + 1])
    return found[:PER_PAGE], len(found) > PER_PAGE


def _filtered(wanted: Filter) -> QuerySet[Any]:
    rows = with_state()
    if wanted.state == "duplicate":
        rows = rows.exclude(duplicate_of=None)
    elif wanted.state != "all":
        rows = rows.filter(duplicate_of=None, **_STATE_FILTERS.get(wanted.state, {}))
        rows = rows.filter(referred=False) if wanted.state == "forward" else rows
    if wanted.provider:
        rows = rows.filter(provider_name__icontains=wanted.provider)
    if wanted.kind:
        rows = rows.filter(kinds__contains=[wanted.kind])
    if wanted.bundle:
        rows = rows.filter(bundle__number=wanted.bundle)
    if wanted.text:
        rows = rows.filter(Q(number__iexact=wanted.text.strip()) | Q(bundle__number__iexact=wanted.text.strip()))
    if wanted.state == "open" and not wanted.bundle:
        rows = rows.filter(first_of_bundle=F("report_id"))
    return rows


_STATE_FILTERS: dict[str, dict[str, Any]] = {
    "open": {"decision": None},
    "asked": {"decision": "ask"},
    "forward": {"decision": "forward"},
    "referred": {"referred": True, "answered": False},
    "answered": {"answered": True},
    "unfounded": {"decision": "unfounded"},
    "erroneous": {"decision": "erroneous"},
}


def with_state() -> QuerySet[Any]:
    """Reports annotated with their newest decision, whether they were referred and answered, and their bundle's size.

    `first_of_bundle` is the open report that stands for its bundle in the queue: the most urgent, then the oldest.
    """
    newest = Assessment.objects.filter(report=OuterRef("pk")).order_by("-created_at", "-id")
    decided = Assessment.objects.filter(report=OuterRef("pk"))
    siblings = Report.objects.filter(bundle=OuterRef("bundle"), duplicate_of=None).annotate(done=Exists(decided))
    standing = siblings.filter(done=False).order_by("-urgent", "-urgency", "-relevance_order", "created_at")
    sightings = Report.objects.filter(bundle=OuterRef("bundle")).values("bundle").annotate(n=Count("pk")).values("n")
    return Report.objects.annotate(
        decision=Subquery(newest.values("decision")[:1]),
        referred=Exists(Referral.objects.filter(report=OuterRef("pk"))),
        answered=Exists(Outcome.objects.filter(referral__report=OuterRef("pk"))),
        first_of_bundle=Subquery(standing.values("report_id")[:1]),
        in_bundle=Subquery(sightings[:1]),
    )


def _recipient(row: Report) -> directory.Entry | None:
    """Whom a referral would go to now."""
    try:
        return recipient_for(row)[0]
    except (NotRelevantYet, NoRecipient):
        return None


def open_report(actor: Actor, report_id: UUID) -> Full:
    """One report with everything; the access is recorded with the actor's purpose. Raises `NotFound`."""
    actor.require("reports.read")
    with acting(actor):
        row = with_state().select_related("bundle", "duplicate_of").filter(report_id=report_id).first()
        if row is None:
            raise NotFound
        record(actor, "report.viewed", "report", report_id)
        siblings = with_state().filter(bundle=row.bundle).exclude(pk=row.pk).order_by("created_at")[:100]
        return Full(
            row=row, body=body_of(row), assessments=list(row.assessments.order_by("created_at")),
            referrals=list(row.referrals.order_by("created_at").prefetch_related("outcomes").select_related("acknowledgement")),
            jurisdiction=row.jurisdictions.order_by("-created_at").first(), recipient=_recipient(row),
            messages=outbox.states(actor, report_id), clocks=clocks.of_subject("report", report_id),
            events=timeline("report", report_id), siblings=list(siblings), held=holds.held("report", report_id),
        )  # fmt: skip
