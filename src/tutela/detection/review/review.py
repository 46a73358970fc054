"""Human decisions about candidates. A match is never more than a reason to ask a person.

- An exact SHA-256 match on an entry of the public register may be confirmed unopened. Two organisations certified the
  picture, and a further viewer would only add harm. Everything else must have been opened first.
- If the service's rule requires two people, the second must be another person. If both confirm, the candidate is
  confirmed. If both reject, the candidate is rejected. If they disagree, a lead decides; in a small team the lead may
  be one of the two.
- Confirmed: a report is drafted in the same transaction. Rejected: the candidate is deleted in the same transaction,
  with a tombstone.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutela.casework.alerts import escalation
from tutela.casework.assignment import claim
from tutela.detection.candidates import local_stops, outcomes, viewing_budget, withdrawn_indicators
from tutela.detection.candidates.alerts import CANDIDATE
from tutela.detection.drafts import drafts
from tutela.detection.errors import (
    LeadDecides,
    MustBeOpened,
    NotAPerson,
    SamePerson,
    SetAside,
)
from tutela.detection.models import Candidate, Review, UrgentMark
from tutela.detection.models.candidates import Decision, How, Reason
from tutela.detection.models.settings import ReviewRule
from tutela.detection.review import register_feedback
from tutela.detection.settings import services
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed

FITS = {
    Decision.CONFIRM: (Reason.KNOWN_ITEM, Reason.NEW_ITEM),
    Decision.REJECT: (Reason.OTHER_PICTURE, Reason.CHANCE, Reason.LISTED_IN_ERROR),
}


@dataclass(frozen=True)
class Opinion:
    """One person's opinion on a candidate."""

    decision: str
    reason_code: str
    how: str
    reason: str = ""
    # Whether the page showed the picture: shown, own_tool or unobtainable; empty where nothing was opened.
    picture: str = ""


@dataclass(frozen=True)
class ReviewOutcome:
    """Result of a review: waiting (for another person), rejected, or confirmed with the report's id."""

    state: str
    report_id: UUID | None = None


def decide(actor: Actor, candidate_id: UUID, opinion: Opinion) -> ReviewOutcome:
    """Record a decision and what follows from it.

    Raises `NotAPerson`, `AlreadyDecided`, `SetAside`, `SamePerson`, `LeadDecides`, `MustBeOpened`, `Invalid` naming the
    field.
    """
    actor.require("detection.review")
    if actor.person_id is None:
        raise NotAPerson
    _check_words(opinion)
    with acting(actor):
        candidate = _locked(candidate_id)
        earlier = list(candidate.reviews.all())
        _check_turn(actor, earlier)
        _check_seen(actor, candidate, opinion)
        row = Review.objects.create(
            organisation_id=actor.organisation_id,
            candidate=candidate,
            decision=opinion.decision,
            reason_code=opinion.reason_code,
            reason=typed(opinion.reason)[:300],
            how=opinion.how,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        final = _final(candidate, [*earlier, row])
        if final is None:
            Candidate.objects.filter(pk=candidate.pk).update(state="disputed" if earlier else "second")
        _record(actor, candidate, row, final, opinion.picture)
        claim.decided(actor, "candidate", candidate.pk)
        return _follow(actor, candidate, row, final)


def may_stay_closed(candidate: Candidate) -> bool:
    """Whether the candidate may be confirmed unopened. Call inside `acting(actor)`."""
    return any(
        m.in_public_register and m.rule == "exact-sha256" and not (m.weak or m.by_window)
        for m in withdrawn_indicators.standing(candidate)
    )


def needs_two(candidate: Candidate) -> bool:
    """Whether the service's rule asks for a second person. Call inside `acting(actor)`."""
    rule = services.terms_of(candidate.service).review_rule
    return rule == ReviewRule.TWO or (rule == ReviewRule.TWO_UNLESS_EXACT and not may_stay_closed(candidate))


def mark_urgent(actor: Actor, candidate_id: UUID, reason: str) -> None:
    """Put a candidate before all others, with the reason that the report will carry, and raise an alert."""
    actor.require("detection.review")
    reason = typed(reason)
    if not reason:
        raise Invalid("Enter why this candidate cannot wait.", field="reason")
    with acting(actor):
        candidate = _locked(candidate_id)
        UrgentMark.objects.create(
            organisation_id=actor.organisation_id, candidate=candidate, reason=reason[:300], by=actor.reference
        )
        Candidate.objects.filter(pk=candidate.pk).update(urgent=True)
        record(actor, "candidate.urgent", "candidate", candidate.pk)
        escalation.raise_first(actor, CANDIDATE, candidate.pk)


def _check_words(opinion: Opinion) -> None:
    if opinion.decision not in Decision.values:
        raise Invalid("Choose a decision: confirm or reject.", field="decision")
    if opinion.how not in How.values:
        raise Invalid("State whether you opened the item.", field="how")
    if opinion.reason_code not in FITS[Decision(opinion.decision)]:
        raise Invalid("Choose a reason that fits the decision.", field="reason_code")


def _check_turn(actor: Actor, earlier: list[Review]) -> None:
    if len(earlier) >= 2:
        if not actor.can("detection.second_review"):
            raise LeadDecides
    elif any(row.by == actor.reference for row in earlier):
        raise SamePerson


def _check_seen(actor: Actor, candidate: Candidate, opinion: Opinion) -> None:
    if opinion.how == How.VIEWED:
        if not viewing_budget.has_opened(actor, candidate):
            raise MustBeOpened("You have not opened this item.")
    elif opinion.decision == Decision.REJECT or not may_stay_closed(candidate):
        raise MustBeOpened
    elif opinion.reason_code != Reason.KNOWN_ITEM:
        raise Invalid("An unopened item can only be confirmed as the listed item.", field="reason_code")


def _final(candidate: Candidate, reviews: list[Review]) -> str | None:
    """The decision that stands, or None while another person is needed."""
    said = [row.decision for row in reviews]
    if len(said) == 1:
        return None if needs_two(candidate) else said[0]
    if len(said) == 2:
        return said[0] if said[0] == said[1] else None
    return said[-1]


def _record(actor: Actor, candidate: Candidate, row: Review, final: str | None, picture: str) -> None:
    kinds = {None: "candidate.reviewed", "confirm": "candidate.confirmed", "reject": "candidate.rejected"}
    record(
        actor,
        kinds[final],
        "candidate",
        candidate.pk,
        legal_basis=candidate.legal_basis,
        decision=row.decision,
        reason=row.reason_code,
        how=row.how,
        picture=picture,
    )


def _follow(actor: Actor, candidate: Candidate, row: Review, final: str | None) -> ReviewOutcome:
    if final is None:
        return ReviewOutcome("waiting")
    kind = "confirmed" if final == Decision.CONFIRM else "rejected"
    outcomes.end(actor, candidate, kind, reason_code=row.reason_code, how=row.how)
    register_feedback.tell(actor, candidate, row)
    if kind == "rejected":
        outcomes.delete_rejected(actor, candidate)
        return ReviewOutcome(kind)
    return ReviewOutcome(kind, drafts.from_candidate(actor, candidate, row))


def _locked(candidate_id: UUID) -> Candidate:
    """The candidate, locked until the transaction ends. Raises `NotFound`, `AlreadyDecided`, `SetAside`."""
    row = Candidate.objects.select_for_update().filter(pk=candidate_id).first()
    if row is None:
        # A rejected candidate is deleted, so a reviewer with its page still open is told that a decision was made, not
        # that it never existed.
        outcomes.refuse_ended(candidate_id)
        raise NotFound
    outcomes.refuse_ended(row.pk)
    if row.state == local_stops.STOPPED:
        raise SetAside
    return row
