"""Daily limit: open a subject beyond it for a reason, and whether anybody has reached it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count

from tutela import clock
from tutela.casework.exposure import openings
from tutela.casework.exposure.budget import BUDGET_WINDOW, openings_of
from tutela.casework.exposure.rules import ExposureRule
from tutela.casework.exposure.terms import current_terms
from tutela.casework.models import Beyond
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting

# Reasons to open a subject beyond the daily limit, for forms: code and text.
REASONS = Beyond.choices


def open_beyond(actor: Actor, rule: ExposureRule, subject_id: UUID, reason: str, *, category: str = "") -> None:
    """Open a subject beyond the daily limit. Raises `Invalid` without a reason. Call inside `acting(actor)`."""
    if reason not in Beyond.values:
        raise Invalid("Choose why you open this report today.", field="beyond")
    openings.lock_person(actor)
    if actor.person_id is not None and not openings.is_open(actor, rule, subject_id):
        openings.note(actor, rule, subject_id, category=category, beyond=reason)


def anybody_at_the_stop(actor: Actor, rule: ExposureRule) -> bool:
    """Whether anybody has reached the daily limit; never who or how many."""
    actor.require(rule.lead)
    with acting(actor):
        recent = openings_of(rule).filter(created_at__gt=clock.now() - BUDGET_WINDOW).order_by().values("by")
        return recent.annotate(n=Count("pk")).filter(n__gte=current_terms(rule).stop).exists()
