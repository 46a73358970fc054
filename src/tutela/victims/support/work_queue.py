"""List of support cases, and one case with everything about it. The view is recorded. No view has an identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.assignment.list_filter import EVERY, WorkFilter, work_on
from tutela.casework.hand_overs import work_queue as hand_overs
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.victims.models import (
    Measure,
    NeedsAssessment,
    Risk,
    SupportCase,
    SupportInterview,
    SupportService,
    SupportStage,
    SupportStep,
    VaultIdentity,
    VaultOpening,
)
from tutela.victims.support import rows, states
from tutela.victims.support.rows import READ, SUBJECT

PER_PAGE = 50
OPEN, LATE, ALL = "open", "late", "all"
SORTS = {
    "received": ("received_at", "id"),
    "-received": ("-received_at", "-id"),
    "due": ("due_at", "id"),
    "-due": ("-due_at", "-id"),
}


@dataclass(frozen=True)
class SupportFilter:
    """Filter of the list; empty fields do not restrict. `text` is a number, found in every view."""

    view: str = OPEN
    text: str = ""
    work: WorkFilter = EVERY


@dataclass(frozen=True)
class SupportView:
    """A case with everything about it."""

    row: SupportCase
    conversation: str
    assessments: list[NeedsAssessment]
    services: list[SupportService]
    interviews: list[SupportInterview]
    hand_overs: list[Any]
    identity: VaultIdentity | None
    openings: list[VaultOpening]
    steps: list[SupportStep]

    @property
    def open(self) -> bool:
        """Whether it is not closed."""
        return self.row.stage != SupportStage.CLOSED

    @property
    def late(self) -> bool:
        """Whether nobody began in time."""
        return self.row.stage == SupportStage.NEW and clock.now() > self.row.due_at

    @property
    def closable(self) -> bool:
        """Whether treatment and follow-up have an end."""
        return self.open and states.closable(self.row)

    @property
    def assessment(self) -> NeedsAssessment | None:
        """The assessment that counts."""
        return self.assessments[-1] if self.assessments else None

    @property
    def considered(self) -> list[str]:
        """What the assessment that counts considers, in words."""
        return [str(Risk(one).label) for one in self.assessment.risks] if self.assessment else []

    @property
    def measures(self) -> list[str]:
        """The special measures of the assessment that counts, in words."""
        return [str(Measure(one).label) for one in self.assessment.measures] if self.assessment else []

    @property
    def review_due(self) -> bool:
        """Whether the assessment must be reviewed."""
        return self.assessment is not None and self.assessment.review_on <= clock.now().date()


def list_cases(actor: Actor, wanted: SupportFilter, part: ListPage = FIRST_PAGE) -> tuple[list[Any], bool]:
    """A part of the cases, the earliest deadline first. Each has its `work` and the number of interviews."""
    actor.require(READ)
    with acting(actor):
        found = wanted.work.of(actor, SUBJECT, _filtered(wanted)).annotate(heard=Count("interviews", distinct=True))
        listed, more = part.of(found, SORTS, PER_PAGE)
        noted(actor, SUBJECT, (one.pk for one in listed), part, state=wanted.view)
        work = work_on(SUBJECT, (one.pk for one in listed))
        for one in listed:
            one.work = work(one.pk)
        return listed, more


def load(actor: Actor, case_id: UUID) -> SupportView:
    """One case. Raises `UnknownSupportCase`."""
    actor.require(READ)
    with acting(actor):
        row = rows.find(case_id)
        record(actor, "support_case.viewed", SUBJECT, row.pk)
        steps, assessments, interviews = list(row.steps.all()), list(row.assessments.all()), list(row.interviews.all())
        subject_keys.open_words(SUBJECT, row.pk, steps, "text")
        subject_keys.open_words(SUBJECT, row.pk, assessments, "text")
        for column in ("agency", "reason"):
            subject_keys.open_words(SUBJECT, row.pk, interviews, column)
        numbers = inbox.numbers_of([row.conversation_id]) if row.conversation_id else {}
        identity = VaultIdentity.objects.filter(case=row).exclude(ciphertext="").first()
        return SupportView(
            row=row,
            conversation=next(iter(numbers.values()), ""),
            assessments=assessments,
            services=list(row.services.all()),
            interviews=interviews,
            hand_overs=hand_overs.of_subject(SUBJECT, row.pk),
            identity=identity,
            openings=_openings(row, identity),
            steps=steps,
        )


def _openings(row: SupportCase, identity: VaultIdentity | None) -> list[VaultOpening]:
    found = list(identity.openings.all()) if identity else []
    subject_keys.open_words(SUBJECT, row.pk, found, "told")
    return found


def exists(actor: Actor, case_id: UUID) -> bool:
    """Whether the actor's organisation has this case."""
    with acting(actor):
        return SupportCase.objects.filter(pk=case_id).exists()


def counts() -> dict[str, int]:
    """Cases to begin, late ones, and those whose assessment must be reviewed. Call inside `acting(actor)`."""
    new = SupportCase.objects.filter(stage=SupportStage.NEW)
    return {"new": new.count(), "late": new.filter(due_at__lte=clock.now()).count()}


def _filtered(wanted: SupportFilter) -> QuerySet[SupportCase]:
    found = SupportCase.objects.all()
    if text := wanted.text.strip().upper():
        by_conversation = found.filter(conversation_id__in=inbox.ids_of([text]))
        return (found.filter(number__startswith=text[:20]) | by_conversation).order_by("-received_at", "-id")
    if wanted.view == OPEN:
        return found.exclude(stage=SupportStage.CLOSED).order_by("due_at", "id")
    if wanted.view == LATE:
        found = found.filter(stage=SupportStage.NEW, due_at__lte=clock.now())
    elif wanted.view in SupportStage.values:
        found = found.filter(stage=wanted.view)
    return found.order_by("-received_at", "-id")
