"""Reports at the desk: the list with its states, and one report from candidate to outcome."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext

from tutela import clock
from tutela.casework.assignment.list_filter import EVERY, NO_WORK, Work, WorkFilter, work_on
from tutela.detection.candidates import withdrawn_indicators
from tutela.detection.drafts import drafts as drafts_drafts
from tutela.detection.drafts import retract
from tutela.detection.models import Answer, Dispatch, Draft, ReceivedFeedback, Retraction, Revision, Withdrawal
from tutela.detection.notices import reinstatement
from tutela.detection.settings import services
from tutela.detection.settings.queries import drafts
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.report.completeness import QUESTIONS, Missing, missing_fields
from tutela.exchange.report.hints import Hint, hints
from tutela.exchange.report.report import Report
from tutela.law import clocks, holds
from tutela.law.clock_kinds import Specification
from tutela.law.timeline import Journey, Stop, at_the_provider, journey
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox_status

# Kind of case in shared work.
SUBJECT = "draft"
PER_PAGE = 50
# This filter is offered in addition to the states: the report was returned, and no reinstatement answer is recorded.
TO_REINSTATE = "to_reinstate"
# As is this one: the Centre refused the report, or its receipt is not valid.
NOT_ACCEPTED, BACK = "not_accepted", ("refused", "unproven")
# These orders are offered in addition to newest first, because an index serves them.
SORTS = {"since": ("created_at", "id"), "-since": ("-created_at", "-id")}


@dataclass(frozen=True)
class ReportLine:
    """A report in a list."""

    id: UUID
    number: str
    state: str
    service: str
    origin: str
    withdrawn: bool
    created_at: datetime
    # The report was returned, and no reinstatement answer is recorded.
    to_reinstate: bool = False
    work: Work = NO_WORK


@dataclass(frozen=True)
class Dossier:
    """All data about one report. `report` is None once retention has erased its text."""

    line: ReportLine
    report: Report | None
    revision: Revision | None
    missing: list[Missing]
    hints: list[Hint]
    answer: Answer | None
    feedback: list[ReceivedFeedback]
    dispatches: list[Dispatch]
    gone: list[Withdrawal]
    # Only of a report that came back once.
    came_back: reinstatement.Return | None
    discarded: str
    # This is the retraction sent to the Centre that has the report, if the report was filed in error.
    retraction: Retraction | None
    hold: Any
    content_until: datetime | None
    receipt: Any
    how: str
    messages: list[outbox_status.MessageState] = field(default_factory=list)
    clocks: list[tuple[Specification, clocks.ClockState]] = field(default_factory=list)
    journey: Journey = field(default_factory=Journey)

    @property
    def open(self) -> bool:
        return self.line.state in drafts_drafts.OPEN_STATES

    @property
    def without_address(self) -> bool:
        """Whether there is no IP address in the report: whoever sends it is warned."""
        return self.report is not None and not drafts_drafts.has_address(self.report)

    @property
    def quality(self) -> float:
        """The share of the useful questions that the report answers, from 0 to 1."""
        asked = {re.sub(r"\.\d+", "", one.path) for one in self.missing}
        return max(0.0, 1 - len(asked) / QUESTIONS)


def list_reports(
    actor: Actor,
    *,
    state: str = "",
    service: str = "",
    text: str = "",
    work: WorkFilter = EVERY,
    part: ListPage = FIRST_PAGE,
) -> tuple[list[ReportLine], bool]:
    """A part of the reports, newest first or by one of `SORTS`, and whether there is more."""
    actor.require("detection.read")
    with acting(actor):
        found, more = part.of(work.of(actor, SUBJECT, _filtered(state, service, text)), SORTS, PER_PAGE)
        noted(actor, "report", (row.pk for row in found), part, state=state, words="given" if service or text else "")
        by = work_on(SUBJECT, (row.pk for row in found))
        return [replace(_line(row), work=by(row.pk)) for row in found], more


def counts(actor: Actor, *states: str) -> dict[str, int]:
    """The number of reports in each of these states; a state without any is omitted."""
    actor.require("detection.read")
    with acting(actor):
        rows = Draft.objects.filter(state__in=states).values_list("state")
        return dict(rows.annotate(n=Count("*")).order_by())


def load_report(actor: Actor, draft_id: UUID) -> Dossier:
    """One report; the look is recorded. Raises `NotFound`."""
    actor.require("detection.read")
    with acting(actor):
        row: Any = drafts().select_related("service").filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        record(actor, "report.viewed", "report", row.pk)
        revision = row.revisions.order_by("-number").first()
        report = drafts_drafts.text_of(revision) if revision else None
        discard, feedback = getattr(row, "discard", None), list(row.feedback.all())
        subject_keys.open_words("report", row.pk, [discard, *feedback])
        return Dossier(
            line=_line(row),
            report=report,
            revision=revision,
            missing=missing_fields(report) if report else [],
            hints=hints(report, clock.now()) if report else [],
            answer=row.answers.order_by("-created_at", "-id").first(),
            feedback=feedback,
            dispatches=list(row.dispatches.order_by("created_at")),
            gone=withdrawn_indicators.of_subject(row.pk),
            came_back=reinstatement.reinstatement_of(row, report),
            discarded=discard.reason if discard else "",
            retraction=retract.retraction_of(row.pk),
            hold=holds.held("report", row.pk),
            content_until=holds.content_kept("report", row.pk),
            receipt=getattr(row, "receipt", None),
            how=row.how,
            messages=outbox_status.states(actor, row.pk),
            clocks=clocks.of_subject("report", row.pk),
            journey=_journey(row, report, feedback),
        )


def _journey(row: Any, report: Report | None, feedback: Iterable[Any]) -> Journey:
    """Timeline from the upload to the outcome: steps at the provider, and messages of the Centre."""
    subjects: list[tuple[str, object]] = [("candidate", row.candidate_ref)] if row.candidate_ref else []
    told = [Stop(f.at, f.centre, code=f.kind, note=_note(f)) for f in feedback]
    seen = at_the_provider(report, every=False) if report else []
    return journey([*subjects, ("report", row.pk)], [*seen, *told])


def _note(told: ReceivedFeedback) -> str:
    return ": ".join(one for one in (gettext(told.code_text) if told.code_text else "", told.reason) if one)


def exists(actor: Actor, draft_id: UUID) -> bool:
    """Whether this draft is the actor's organisation's."""
    with acting(actor):
        return drafts().filter(pk=draft_id).exists()


def _filtered(state: str, service: str, text: str) -> Any:
    rows = drafts().select_related("service")
    if number := text.strip().upper():
        rows = rows.filter(number=number)
    if state == TO_REINSTATE:
        rows = rows.filter(state="not_relevant", given_back="")
    elif state == NOT_ACCEPTED:
        rows = rows.filter(state__in=BACK)
    elif state:
        rows = rows.filter(state=state)
    return rows.filter(service__in=services.called(service)) if service else rows


def _line(row: Any) -> ReportLine:
    waits = row.state == "not_relevant" and not row.given_back
    return ReportLine(row.pk, row.number, row.state, row.service.name, row.origin, row.withdrawn, row.created_at, waits)
