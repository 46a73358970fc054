"""Terms of the budget: recommended limit and daily limit of openings, and openings in a row before a break."""

from __future__ import annotations

from dataclasses import dataclass

from tutela.casework.exposure.rules import ExposureRule
from tutela.casework.models import ExposureTerms
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting

MOST_OPENINGS = 500


@dataclass(frozen=True)
class BudgetTerms:
    """Openings in 24 hours: recommended limit, daily limit, and in a row before a break (0: not counted)."""

    budget: int = 60
    stop: int = 120
    in_a_row: int = 20


def current_terms(rule: ExposureRule) -> BudgetTerms:
    """Terms that a lead set last, or the defaults. Call inside `acting(actor)`."""
    row = ExposureTerms.objects.filter(subject_kind=rule.subject_kind).order_by("-created_at", "-id").first()
    return BudgetTerms(row.budget, row.stop, row.in_a_row) if row else BudgetTerms()


def set_terms(actor: Actor, rule: ExposureRule, *, budget: int, stop: int, in_a_row: int) -> None:
    """Set the limits for everybody in the organisation. Raises `Invalid` naming the field."""
    actor.require(rule.lead)
    if not 1 <= in_a_row <= budget:
        raise Invalid("Reports in a row must be between 1 and the recommended limit.", field="in_a_row")
    if not budget <= stop <= MOST_OPENINGS:
        raise Invalid(
            "The daily limit must be between the recommended limit and {most} a day.", field="stop", most=MOST_OPENINGS
        )
    with acting(actor):
        row = ExposureTerms.objects.create(
            organisation_id=actor.organisation_id,
            subject_kind=rule.subject_kind,
            budget=budget,
            stop=stop,
            in_a_row=in_a_row,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(actor, "exposure.terms", "exposure_terms", row.pk, budget=budget, stop=stop, in_a_row=in_a_row)


def history(actor: Actor, rule: ExposureRule) -> list[ExposureTerms]:
    """Terms that were set, newest first."""
    actor.require(rule.read)
    with acting(actor):
        return list(ExposureTerms.objects.filter(subject_kind=rule.subject_kind).order_by("-created_at", "-id"))
