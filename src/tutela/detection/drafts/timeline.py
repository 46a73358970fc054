"""Steps at the provider before a report was sent, as the report states them: no names.

Only times and numbers are stated.
"""

from __future__ import annotations

from tutela import clock
from tutela.detection.drafts.compose import role_of
from tutela.detection.models import Candidate, Review, UrgentMark
from tutela.detection.models.candidates import Decision
from tutela.events.actor import Actor
from tutela.exchange.report.candidate import Candidate as Message
from tutela.exchange.report.sections import Step, StepKind

KINDS = {
    Decision.CONFIRM: StepKind.REVIEWER_CONFIRMED,
    Decision.REJECT: StepKind.REVIEWER_REJECTED,
}


def of_candidate(candidate: Candidate, message: Message) -> tuple[Step, ...]:
    """From the upload to the decision that confirmed it, in the order of time. Call inside `acting(actor)`."""
    reviews = Review.objects.filter(candidate=candidate).order_by("created_at", "id")
    marks = UrgentMark.objects.filter(candidate=candidate).order_by("created_at", "id")
    steps = [
        Step(kind=StepKind.UPLOAD_SEEN, at=message.at, by=candidate.service.name),
        Step(kind=StepKind.LIST_MATCHED, at=candidate.created_at, by=message.matches[0].list_id),
        *(Step(kind=StepKind.PUT_FIRST, at=m.created_at, by=role_of(m.by)) for m in marks),
        *(Step(kind=KINDS[Decision(r.decision)], at=r.created_at, by=role_of(r.by)) for r in reviews),
    ]
    return tuple(sorted(steps, key=lambda step: step.at))


def by_hand(actor: Actor) -> tuple[Step, ...]:
    """Somebody opened the report without a candidate."""
    return (Step(kind=StepKind.OPENED_BY_HAND, at=clock.now(), by=role_of(actor.reference)),)
