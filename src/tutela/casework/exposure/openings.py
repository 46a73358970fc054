"""Openings: a row for each look at a subject's contents, written before anything is shown.

- Looks at the same subject within the rule's time are one opening.
- At the daily limit a subject opens only if it is urgent, or for a reason (`stop`).
- Openings without a decision that rests on them are deleted after two days, because the limit covers one day.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from uuid import UUID

from tutela import clock
from tutela.casework.exposure.budget import openings_of, own_budget
from tutela.casework.exposure.rules import ExposureRule
from tutela.casework.exposure.terms import BudgetTerms
from tutela.casework.models import KeptOpening, Opening
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.transaction import acting

OPENINGS_KEPT = timedelta(days=2)


class OpeningResult(Enum):
    """Result of opening a subject."""

    OPEN = "already open"
    COUNTED = "opened and counted"
    STOPPED = "the daily limit is reached"


def open_subject(
    actor: Actor,
    rule: ExposureRule,
    subject_id: UUID,
    terms: BudgetTerms,
    *,
    urgent: bool = False,
    category: str = "",
) -> OpeningResult:
    """Open a subject if the actor's budget allows it, and count it. Call inside `acting(actor)`."""
    lock_person(actor)
    if is_open(actor, rule, subject_id):
        return OpeningResult.OPEN
    if not urgent and own_budget(actor, rule, terms).at_the_stop:
        return OpeningResult.STOPPED
    note(actor, rule, subject_id, category=category)
    return OpeningResult.COUNTED


def lock_person(actor: Actor) -> None:
    """Lock the actor's openings, so that two tabs cannot pass the daily limit. Call inside `acting(actor)`."""
    lock(f"exposure:{actor.reference}")


def is_open(actor: Actor, rule: ExposureRule, subject_id: UUID) -> bool:
    """Whether the actor has a subject open at this moment. Call inside `acting(actor)`."""
    since = clock.now() - rule.same_opening
    return openings_of(rule).filter(by=actor.reference, subject_id=subject_id, created_at__gt=since).exists()


def was_opened(actor: Actor, rule: ExposureRule, subject_id: UUID) -> bool:
    """Whether the actor has ever opened a subject; of a rule that keeps openings. Call inside `acting(actor)`."""
    return openings_of(rule).filter(by=actor.reference, subject_id=subject_id).exists()


def note(
    actor: Actor, rule: ExposureRule, subject_id: UUID, *, category: str = "", beyond: str = "", seconds: int = 0
) -> None:
    """Count an opening, and the seconds of viewing if they are known. Call inside `acting(actor)`."""
    (KeptOpening if rule.kept else Opening).objects.create(
        organisation_id=actor.organisation_id,
        subject_kind=rule.subject_kind,
        subject_id=subject_id,
        by=actor.reference,
        category=category,
        beyond=beyond,
        seconds=seconds,
    )


def open_to_anybody(rule: ExposureRule) -> set[UUID]:
    """Subjects that anybody has open at this moment. Call inside `acting(actor)`."""
    recent = openings_of(rule).filter(created_at__gt=clock.now() - rule.same_opening)
    return set(recent.values_list("subject_id", flat=True))


def last_category(actor: Actor, rule: ExposureRule) -> str | None:
    """Category of the subject that the actor opened last. Call inside `acting(actor)`."""
    own = openings_of(rule).filter(by=actor.reference).order_by("-created_at")
    return own.values_list("category", flat=True).first()


def forget(actor: Actor) -> int:
    """Delete the openings that no budget needs any longer; returns how many. For a job."""
    with acting(actor):
        return Opening.objects.filter(created_at__lte=clock.now() - OPENINGS_KEPT).delete()[0]
