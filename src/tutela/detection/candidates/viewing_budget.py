"""Seeing as little as possible: a budget of 24 hours for each person, with a stop that nobody can lift from the desk.

- An opening is a row, written before anything is shown; reloading the page within a few minutes is the same opening.
- The last 24 hours count, not a day of the calendar: midnight comes earlier in another time zone, and people choose
  theirs. All services count together, because it is one person who sees.
- From the budget on a break is advised; at the stop nothing more is opened.
- The rows say who and when, for the budget alone. They are never used to judge somebody's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tutela import clock
from tutela.detection.candidates import intake
from tutela.detection.errors import AlreadyDecided, BudgetSpent, NotAPerson
from tutela.detection.models import Candidate, Exposure, Outcome
from tutela.detection.models.settings import Terms
from tutela.detection.settings import media_links, services
from tutela.detection.settings.queries import lock, opened
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.people import directory

# Long enough to decide, short enough that a forgotten tab shows nothing.
SAME_OPENING = timedelta(minutes=10)
WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Budget:
    """How much a person has opened in the last 24 hours, and how much they still may."""

    opened: int
    budget: int
    stop: int

    @property
    def left(self) -> int:
        return max(0, self.stop - self.opened)

    @property
    def advise_break(self) -> bool:
        return self.opened >= self.budget


@dataclass(frozen=True)
class BudgetView:
    """What a review page may show for a few minutes: a signed link, or where the item lies in the provider's tool."""

    item: str
    media_type: str
    link: media_links.Link | None


def budget(actor: Actor, terms: Terms) -> Budget:
    """The actor's budget now under a service's terms. Call inside `acting(actor)`."""
    seen = Exposure.objects.filter(by=actor.reference, created_at__gt=clock.now() - WINDOW).count()
    return Budget(seen, terms.exposure_budget, terms.exposure_stop)


def open_item(actor: Actor, candidate_id: UUID) -> None:
    """Count an opening. Raises `BudgetSpent` at the stop, `AlreadyDecided`, `NotFound`."""
    actor.require("detection.review")
    if actor.person_id is None:
        raise NotAPerson
    with acting(actor):
        candidate = _candidate(candidate_id)
        # Two tabs of one person must not pass the stop together.
        lock(actor, f"exposure:{actor.reference}")
        if _open_now(actor, candidate):
            return
        if budget(actor, services.terms_of(candidate.service)).left == 0:
            raise BudgetSpent
        Exposure.objects.create(organisation_id=actor.organisation_id, subject_id=candidate.pk, by=actor.reference)
        record(actor, "candidate.opened", "candidate", candidate.pk)


def shown(actor: Actor, candidate_id: UUID) -> BudgetView | None:
    """What the actor opened within the last minutes; None where they did not: then nothing is shown."""
    actor.require("detection.review")
    with acting(actor):
        candidate = _candidate(candidate_id)
        if not _open_now(actor, candidate):
            return None
        message, terms = intake.opened(candidate), services.terms_of(candidate.service)
        origin = directory.entry(actor.organisation_id).media_origin
        link = media_links.signed(candidate.service, terms.media_link, origin, message.item)
        return BudgetView(message.item, candidate.media_type, link)


def _open_now(actor: Actor, candidate: Candidate) -> bool:
    return opened(actor, candidate).filter(created_at__gt=clock.now() - SAME_OPENING).exists()


def _candidate(candidate_id: UUID) -> Candidate:
    row = Candidate.objects.select_related("service").filter(pk=candidate_id).first()
    if row is None:
        raise NotFound
    if Outcome.objects.filter(subject_id=row.pk).exists():
        raise AlreadyDecided
    return row
