"""List of information requests, and one request with everything about it. The view is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.assignment.list_filter import EVERY, WorkFilter, work_on
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.victims.information import answers, identity, items, rows, sightings
from tutela.victims.information.rows import READ, SUBJECT
from tutela.victims.models import (
    Asker,
    ChildWish,
    ConflictCheck,
    InformationAnswer,
    InformationItem,
    InformationRequest,
    InformationStage,
    InformationStep,
)

PER_PAGE = 50
LATE, LETTERS, ALL = "late", "letters", "all"
SORTS = {
    "received": ("received_at", "id"),
    "-received": ("-received_at", "-id"),
    "due": ("due_at", "id"),
    "-due": ("-due_at", "-id"),
}


@dataclass(frozen=True)
class InformationFilter:
    """Filter of the list; empty fields do not restrict. `text` is a number, found in every view."""

    view: str = InformationStage.OPEN.value
    text: str = ""
    work: WorkFilter = EVERY


@dataclass(frozen=True)
class InformationView:
    """A request with everything about it."""

    row: InformationRequest
    text: str
    conversation: str
    items: list[InformationItem]
    wishes: list[ChildWish]
    conflicts: list[ConflictCheck]
    steps: list[InformationStep]
    proved: bool
    proof_left: bool
    held: bool
    # A sighting of which the person is to be told by letter.
    letter_due: bool
    letter: str
    neutral: str
    answer: InformationAnswer | None

    @property
    def open(self) -> bool:
        """Whether it is to answer."""
        return self.row.stage == InformationStage.OPEN

    @property
    def represented(self) -> bool:
        """Whether somebody else than the person in the pictures asks."""
        return self.row.asker != Asker.SELF

    @property
    def late(self) -> bool:
        """Whether its deadline is over."""
        return self.open and clock.now() > self.row.due_at


def list_requests(actor: Actor, wanted: InformationFilter, part: ListPage = FIRST_PAGE) -> tuple[list[Any], bool]:
    """A part of the requests, the earliest deadline first. Each has its `work`."""
    actor.require(READ)
    with acting(actor):
        found = wanted.work.of(actor, SUBJECT, _filtered(wanted))
        listed, more = part.of(found, SORTS, PER_PAGE)
        noted(actor, SUBJECT, (one.pk for one in listed), part, state=wanted.view)
        work = work_on(SUBJECT, (one.pk for one in listed))
        for one in listed:
            one.work = work(one.pk)
        return listed, more


def load(actor: Actor, request_id: UUID) -> InformationView:
    """One request. Raises `UnknownInformationRequest`."""
    actor.require(READ)
    with acting(actor):
        row = rows.find(request_id)
        record(actor, "information_request.viewed", SUBJECT, row.pk)
        steps, wishes, conflicts = list(row.steps.all()), list(row.wishes.all()), list(row.conflict_checks.all())
        made = InformationAnswer.objects.filter(request=row).first()
        subject_keys.open_words(SUBJECT, row.pk, steps, "text")
        subject_keys.open_words(SUBJECT, row.pk, wishes, "maturity")
        subject_keys.open_words(SUBJECT, row.pk, conflicts, "ground")
        for column in ("text", "reason"):
            subject_keys.open_words(SUBJECT, row.pk, [made], column)
        shown = items.opened(row)
        subject_keys.open_words(SUBJECT, row.pk, [row], "text")
        numbers = inbox.numbers_of([row.conversation_id]) if row.conversation_id else {}
        return InformationView(
            row=row,
            text=row.text,
            conversation=next(iter(numbers.values()), ""),
            items=shown,
            wishes=wishes,
            conflicts=conflicts,
            steps=steps,
            proved=identity.proved(row),
            proof_left=identity.proof_left(row),
            held=answers.held(row),
            letter_due=sightings.letter_due(row),
            letter=answers.letter(row, shown),
            neutral=answers.neutral_letter(row),
            answer=made,
        )


def exists(actor: Actor, request_id: UUID) -> bool:
    """Whether the actor's organisation has this request."""
    with acting(actor):
        return InformationRequest.objects.filter(pk=request_id).exists()


def counts() -> dict[str, int]:
    """Requests to answer, and late ones. Call inside `acting(actor)`."""
    found = InformationRequest.objects.filter(stage=InformationStage.OPEN)
    return {"open": found.count(), "late": found.filter(due_at__lte=clock.now()).count()}


def _filtered(wanted: InformationFilter) -> QuerySet[InformationRequest]:
    found = InformationRequest.objects.all()
    if text := wanted.text.strip().upper():
        by_conversation = found.filter(conversation_id__in=inbox.ids_of([text]))
        return (found.filter(number__startswith=text[:20]) | by_conversation).order_by("-received_at", "-id")
    if wanted.view == LATE:
        found = found.filter(stage=InformationStage.OPEN, due_at__lte=clock.now())
    elif wanted.view == LETTERS:
        found = sightings.untold().filter(conversation_id=None)
    elif wanted.view in InformationStage.values:
        found = found.filter(stage=wanted.view)
    return found.order_by("due_at", "id")
