"""What the page of deconfliction shows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.investigations import deconfliction
from tutela.investigations.deconfliction import Shown, text_of
from tutela.investigations.models import (
    AskedQuestion,
    ContactDecision,
    ContactWanted,
    EvaluatedDay,
    HeldIdentifier,
    Hit,
)


@dataclass(frozen=True)
class Wanted:
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
    identifiers: list[Shown]
    wanted: list[Wanted]
    questions: list[AskedQuestion]
    evaluated: list[EvaluatedDay]
    may_answer: bool


def of(actor: Actor, form: str = "") -> Desk:
    """The authority's own side; the look is recorded, and in which form it was taken away."""
    actor.require("investigations.read")
    with acting(actor):
        return Desk(
            joined=deconfliction.joined(actor.organisation_id), identifiers=deconfliction.shown(actor, form),
            wanted=[_wanted(row) for row in _requests()],
            questions=list(AskedQuestion.objects.order_by("-created_at")[:10]),
            evaluated=list(EvaluatedDay.objects.order_by("-day")[:14]), may_answer=actor.can("investigations.answer"),
        )  # fmt: skip


def open_requests(actor: Actor) -> int:
    """How many requests of others wait for a decision. Call inside `acting(actor)`."""
    return ContactWanted.objects.filter(decision=None).count()


def new_hits(actor: Actor) -> int:
    """How many hits nobody has followed up. Call inside `acting(actor)`."""
    return Hit.objects.filter(asked=None, identifier__removed_at=None).count()


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


def _requests() -> list[ContactWanted]:
    rows = ContactWanted.objects.select_related("identifier", "decision").order_by("-created_at")
    return list(rows[:100])


def _wanted(row: ContactWanted) -> Wanted:
    decision: ContactDecision | None = getattr(row, "decision", None)
    held = row.identifier
    return Wanted(row, text_of(held), held.get_kind_display(), held.file_reference, decision)
