"""Data of the deconfliction page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.transaction import acting
from tutela.investigations.deconfliction import daily_run, query
from tutela.investigations.deconfliction.query import QueryView, open_references, text_of
from tutela.investigations.models import (
    AskedQuestion,
    ContactDecision,
    ContactWanted,
    EvaluatedDay,
    HeldIdentifier,
    Hit,
)

# So many requests stand on the page itself; the list has all of them.
SHOWN, PER_PAGE = 10, 50
STATES = {"waiting": False, "decided": True}
# What is to decide comes first in each. One row for each time that somebody asked for a contact: few.
SORTS = {
    f"{sign}{key}": ("decided", f"{sign}{column}", f"{sign}id")
    for key, column in (("received", "created_at"), ("authority", "authority"), ("decision", "decision__created_at"))
    for sign in ("", "-")
}


@dataclass(frozen=True)
class ContactRequestView:
    """A request of another, with the identifier that it is about, and what was decided."""

    row: ContactWanted
    text: str
    kind: str
    file_reference: str
    decision: ContactDecision | None


@dataclass(frozen=True)
class Desk:
    """Everything on the page."""

    joined: bool
    identifiers: list[QueryView]
    # Those to decide first, and of these the one that has waited longest.
    wanted: list[ContactRequestView]
    more_wanted: bool
    # About how many one can still ask today.
    left: int
    questions: list[AskedQuestion]
    evaluated: list[EvaluatedDay]
    may_answer: bool


def page_data(actor: Actor, form: str = "") -> Desk:
    """The authority's own side; the look is recorded, and in which form it was taken away."""
    actor.require("investigations.read")
    with acting(actor):
        wanted, more = FIRST_PAGE.of(_requests(), {}, SHOWN)
        return Desk(
            joined=query.joined(actor.organisation_id),
            identifiers=query.shown(actor, form),
            wanted=[_wanted(row) for row in wanted],
            more_wanted=more,
            left=daily_run.left(),
            questions=list(AskedQuestion.objects.order_by("-created_at")[:10]),
            evaluated=list(EvaluatedDay.objects.order_by("-day")[:14]),
            may_answer=actor.can("investigations.answer"),
        )


def requests(actor: Actor, part: ListPage = FIRST_PAGE, state: str = "") -> tuple[list[ContactRequestView], bool]:
    """Requests of others, all or those of a `state`, to decide first in every order; whether more follow.

    The look is recorded.
    """
    actor.require("investigations.read")
    with acting(actor):
        rows = _requests()
        if state in STATES:
            rows = rows.filter(decided=STATES[state])
        found, more = part.of(rows, SORTS, PER_PAGE)
        noted(actor, "contact_request", [row.pk for row in found], part, state=state if state in STATES else "")
        return [_wanted(row) for row in found], more


def open_requests(actor: Actor) -> int:
    """The number of requests by others that wait for a decision. Call inside `acting(actor)`."""
    return ContactWanted.objects.filter(decision=None).count()


def new_hits(actor: Actor) -> int:
    """The number of identifiers with a hit that nobody has followed up. Call inside `acting(actor)`."""
    rows = Hit.objects.filter(asked=None, identifier__removed_at=None)
    return rows.values("identifier").distinct().count()


def identifier_exists(actor: Actor, identifier_id: UUID) -> bool:
    """Whether this identifier is the actor's organisation's."""
    with acting(actor):
        return HeldIdentifier.objects.filter(pk=identifier_id).exists()


def hit_exists(actor: Actor, hit_id: UUID) -> bool:
    """Whether this hit is the actor's organisation's."""
    with acting(actor):
        return Hit.objects.filter(pk=hit_id).exists()


def wanted_exists(actor: Actor, wanted_id: UUID) -> bool:
    """Whether this request is to the actor's organisation."""
    with acting(actor):
        return ContactWanted.objects.filter(pk=wanted_id).exists()


def _requests() -> QuerySet[Any]:
    decided = ExpressionWrapper(Q(decision__isnull=False), BooleanField())
    rows = ContactWanted.objects.select_related("identifier", "decision").annotate(decided=decided)
    return rows.order_by("decided", "created_at", "id")


def _wanted(row: ContactWanted) -> ContactRequestView:
    decision: ContactDecision | None = getattr(row, "decision", None)
    held = row.identifier
    open_references([held])
    return ContactRequestView(row, text_of(held), held.get_kind_display(), held.file_reference, decision)
