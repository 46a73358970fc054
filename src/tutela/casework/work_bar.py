"""Data of shared work on the page of a case: claim, viewers, notes, labels, and what waits for undo."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from tutela.casework.assignment import claim, follow, labels, notes, notifications, viewers
from tutela.casework.assignment.claim import ClaimState
from tutela.casework.assignment.colleagues import Colleague, colleagues
from tutela.casework.assignment.notes import NoteView
from tutela.casework.assignment.subjects import WorkSubject, case_of, subject_of
from tutela.casework.undo import delayed_actions
from tutela.casework.undo.delayed_actions import Pending
from tutela.events.actor import Actor
from tutela.events.transaction import acting


@dataclass(frozen=True)
class WorkBar:
    """Shared work on one case, as its page shows it."""

    subject: WorkSubject
    subject_id: UUID
    claim: ClaimState | None
    mine: bool
    viewers: list[str]
    follows: bool
    labels: list[str]
    suggested: list[str]
    notes: list[NoteView]
    # Everybody who may read the case, without the reader.
    colleagues: list[Colleague]
    pending: Pending | None
    decides: bool
    offers_next: bool
    discloses: bool
    erased: bool

    @property
    def step_url(self) -> str:
        """Where the forms of the bar are sent."""
        return self._url("step", self.subject_id)

    @property
    def viewers_url(self) -> str:
        return self._url("viewers", self.subject_id)

    @property
    def notes_url(self) -> str:
        return self._url("notes", self.subject_id)

    @property
    def next_url(self) -> str:
        return self._url("next")

    @property
    def offer_url(self) -> str:
        return self._url("offer")

    def _url(self, name: str, *args: UUID) -> str:
        return reverse(f"work_{name}_{self.subject.kind}", args=args)

    @property
    def may_write(self) -> bool:
        """Whether the reader may claim the case and write about it."""
        return self.decides and not self.erased


def load(actor: Actor, kind: str, subject_id: UUID) -> WorkBar:
    """Shared work on a case; its notifications are read with it. Raises `NotFound`."""
    subject = subject_of(actor, kind)
    with acting(actor):
        case, decides = case_of(actor, kind, subject_id), subject.decides(actor)
        found = claim.current(kind, subject_id)
        notifications.read_of(actor, kind, subject_id)
        known = colleagues(actor, subject) if decides and not case.erased else []
        return WorkBar(
            subject=subject,
            subject_id=subject_id,
            claim=found,
            mine=found is not None and found.holder == actor.reference,
            viewers=viewers.note(actor, kind, subject_id),
            follows=follow.follows(actor, kind, subject_id),
            labels=labels.of_case(kind, subject_id),
            suggested=labels.suggested(kind) if decides else [],
            notes=notes.of_case(kind, subject_id),
            colleagues=[one for one in known if one.reference != actor.reference],
            pending=delayed_actions.of_case(actor, kind, subject_id),
            decides=decides,
            offers_next=subject.offers_next(actor),
            discloses=actor.can(subject.disclose),
            erased=case.erased,
        )
