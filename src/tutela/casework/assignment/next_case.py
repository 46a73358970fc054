"""Next case: after a decision a person is offered the metadata of the next one. Nothing opens by itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from tutela.casework.assignment import claim
from tutela.casework.assignment.subjects import NextCase, WorkSubject, subject_of
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.transaction import acting


@dataclass(frozen=True)
class Offer:
    """Offer of a next case; `case` is None if nothing waits that a colleague has not claimed."""

    subject: WorkSubject
    case: NextCase | None
    # A break is advised. Nothing is locked.
    break_due: bool

    @property
    def pass_url(self) -> str:
        return reverse(f"work_step_{self.subject.kind}", args=[self.case.subject_id]) if self.case else ""


def offer(actor: Actor, kind: str) -> Offer:
    """The next case of a kind for the actor. Raises `NotFound` for who decides none of this kind."""
    subject = subject_of(actor, kind)
    if subject.following is None or not subject.offers_next(actor):
        raise NotFound
    with acting(actor):
        found = subject.following(actor, claim.not_offered(actor, kind))
        return Offer(subject, found, subject.break_due(actor))
