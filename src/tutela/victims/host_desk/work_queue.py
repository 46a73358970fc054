"""List of items that matched removal requests, and one item. The view is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.assignment.list_filter import EVERY, WorkFilter, work_on
from tutela.detection.candidates import viewing_budget
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.removal.scheme import KeptBecause
from tutela.organisations.keys import subject_keys
from tutela.victims.host_desk import found_items
from tutela.victims.host_desk.found_items import READ, SUBJECT, FoundFacts
from tutela.victims.models import FoundDecision, FoundItem, FoundStage

PER_PAGE = 50
LATE, ALL = "late", "all"
BECAUSE = (
    (KeptBecause.OTHER_PICTURE, _("another picture, which is lawful")),
    (KeptBecause.LAWFUL, _("this picture, in a lawful use")),
    (KeptBecause.NOT_PUBLIC, _("not open to the public")),
)
SORTS = {"seen": ("seen_at", "id"), "-seen": ("-seen_at", "-id"), "due": ("due_at", "id")}


@dataclass(frozen=True)
class FoundFilter:
    """Filter of the list. `text` is a number, found in every view."""

    view: str = FoundStage.OPEN.value
    text: str = ""
    work: WorkFilter = EVERY


@dataclass(frozen=True)
class FoundView:
    """An item with its decision. `facts` is None once they are erased."""

    row: FoundItem
    facts: FoundFacts | None
    decision: FoundDecision | None
    opened: bool

    @property
    def open(self) -> bool:
        """Whether a reviewer can decide it."""
        return self.row.stage == FoundStage.OPEN

    @property
    def late(self) -> bool:
        """Whether its deadline is over."""
        return self.open and clock.now() > self.row.due_at


def list_items(actor: Actor, wanted: FoundFilter, part: ListPage = FIRST_PAGE) -> tuple[list[Any], bool]:
    """A part of the items, the earliest deadline first. Each row has its `work`."""
    actor.require(READ)
    with acting(actor):
        found = wanted.work.of(actor, SUBJECT, _filtered(wanted)).select_related("requested__membership")
        rows, more = part.of(found.defer("sealed"), SORTS, PER_PAGE)
        words = "given" if wanted.text else ""
        noted(actor, SUBJECT, (one.pk for one in rows), part, state=wanted.view, words=words)
        work = work_on(SUBJECT, (one.pk for one in rows))
        for one in rows:
            one.work = work(one.pk)
        return rows, more


def load(actor: Actor, found_id: UUID) -> FoundView:
    """One item. Raises `UnknownFoundItem`."""
    actor.require(READ)
    with acting(actor):
        row = found_items.find(found_id)
        record(actor, "found_item.viewed", SUBJECT, row.pk)
        made = FoundDecision.objects.filter(found=row).first()
        subject_keys.open_words(SUBJECT, row.pk, [made])
        return FoundView(row, found_items.facts_of(row), made, viewing_budget.was_opened(actor, row.pk))


def exists(actor: Actor, found_id: UUID) -> bool:
    """Whether the actor's organisation has this item."""
    with acting(actor):
        return FoundItem.objects.filter(pk=found_id).exists()


def counts(actor: Actor) -> dict[str, int]:
    """Items to review, and late ones. Call inside `acting(actor)`."""
    waiting = FoundItem.objects.filter(stage=FoundStage.OPEN)
    return {"open": waiting.count(), "late": waiting.filter(due_at__lte=clock.now()).count()}


def because_label(code: str) -> str:
    """A reason of the list in words."""
    return str(dict(BECAUSE).get(KeptBecause(code), code)) if code else ""


def _filtered(wanted: FoundFilter) -> QuerySet[FoundItem]:
    found = FoundItem.objects.all()
    if text := wanted.text.strip().upper():
        return found.filter(number__startswith=text[:20]).order_by("-seen_at", "-id")
    if wanted.view == LATE:
        found = found.filter(stage=FoundStage.OPEN, due_at__lte=clock.now())
    elif wanted.view in FoundStage.values:
        found = found.filter(stage=wanted.view)
    if wanted.view in (FoundStage.OPEN, LATE):
        return found.order_by("due_at", "id")
    return found.order_by("-seen_at", "-id")
