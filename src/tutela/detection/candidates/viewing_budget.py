"""Viewing budget of a provider: open a candidate's item, with a stop that nobody can lift from the desk.

- To reload the page within a few minutes is the same opening.
- All services count together, because it is one person who sees; budget and stop are those of the service.
- A review that says "viewed" rests on an opening, so that these rows are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tutela.casework.exposure import openings
from tutela.casework.exposure.budget import Budget, own_budget
from tutela.casework.exposure.openings import OpeningResult
from tutela.casework.exposure.rules import ExposureRule
from tutela.casework.exposure.terms import BudgetTerms
from tutela.detection.candidates import intake, local_stops, outcomes
from tutela.detection.errors import BudgetSpent, NotAPerson, SetAside
from tutela.detection.models import Candidate
from tutela.detection.models.settings import Terms
from tutela.detection.settings import media_links, services
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.people import directory

# Long enough to decide, short enough that a forgotten tab shows nothing.
SAME_OPENING = timedelta(minutes=10)
RULE = ExposureRule("candidate", SAME_OPENING, read="detection.review", kept=True)


@dataclass(frozen=True)
class BudgetView:
    """Item on a review page for a few minutes: a signed link, or its place in the provider's tool."""

    item: str
    media_type: str
    link: media_links.Link | None


def budget(actor: Actor, terms: Terms) -> Budget:
    """The actor's budget now under a service's terms. Call inside `acting(actor)`."""
    return own_budget(actor, RULE, _budget_terms(terms))


def has_opened(actor: Actor, candidate: Candidate) -> bool:
    """Whether the actor has ever opened a candidate. Call inside `acting(actor)`."""
    return openings.was_opened(actor, RULE, candidate.pk)


def open_item(actor: Actor, candidate_id: UUID) -> None:
    """Count an opening. Raises `BudgetSpent` at the stop, `AlreadyDecided`, `SetAside`, `NotFound`."""
    actor.require("detection.review")
    if actor.person_id is None:
        raise NotAPerson
    with acting(actor):
        candidate = _candidate(candidate_id)
        terms = _budget_terms(services.terms_of(candidate.service))
        result = openings.open_subject(actor, RULE, candidate.pk, terms)
        if result is OpeningResult.STOPPED:
            raise BudgetSpent
        if result is OpeningResult.COUNTED:
            record(actor, "candidate.opened", "candidate", candidate.pk)


def shown(actor: Actor, candidate_id: UUID) -> BudgetView | None:
    """The item that the actor opened within the last minutes. None if they did not: nothing is shown then."""
    actor.require("detection.review")
    with acting(actor):
        candidate = _candidate(candidate_id)
        if not openings.is_open(actor, RULE, candidate.pk):
            return None
        message, terms = intake.opened(candidate), services.terms_of(candidate.service)
        origin = directory.entry(actor.organisation_id).media_origin
        link = media_links.signed(candidate.service, terms.media_link, origin, message.item)
        return BudgetView(message.item, candidate.media_type, link)


def open_other(actor: Actor, subject_id: UUID, service_name: str | None) -> OpeningResult:
    """Count the opening of an item of another desk of the provider in the same budget. Call inside `acting(actor)`."""
    terms = _budget_terms(services.terms_of(services.named(service_name)))
    return openings.open_subject(actor, RULE, subject_id, terms)


def is_open(actor: Actor, subject_id: UUID) -> bool:
    """Whether the actor opened something within the last minutes. Call inside `acting(actor)`."""
    return openings.is_open(actor, RULE, subject_id)


def was_opened(actor: Actor, subject_id: UUID) -> bool:
    """Whether the actor has ever opened something. Call inside `acting(actor)`."""
    return openings.was_opened(actor, RULE, subject_id)


def item_link(actor: Actor, service_name: str | None, item: str) -> media_links.Link | None:
    """A signed link to an item of a service, if the service has links. Call inside `acting(actor)`."""
    service = services.named(service_name)
    origin = directory.entry(actor.organisation_id).media_origin
    return media_links.signed(service, services.terms_of(service).media_link, origin, item)


def _budget_terms(terms: Terms) -> BudgetTerms:
    """A service sets no row of openings after which a break is suggested."""
    return BudgetTerms(terms.exposure_budget, terms.exposure_stop, in_a_row=0)


def _candidate(candidate_id: UUID) -> Candidate:
    row = Candidate.objects.select_related("service").filter(pk=candidate_id).first()
    if row is None:
        raise NotFound
    outcomes.refuse_ended(row.pk)
    if row.state == local_stops.STOPPED:
        raise SetAside
    return row
