"""Internal notes on a case, each marked as a fact or an assessment.

- No other organisation sees a note. A note is in no report, referral or answer to anybody.
- The text is sealed with a key of the case's notes, which is deleted with the contents of the case (`erasure`).
- A note is never changed. A disclosure (`disclosable`) has every note with its kind, author and time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tutela.casework.assignment import mentions, notifications
from tutela.casework.assignment.colleagues import colleagues
from tutela.casework.assignment.errors import NoteEmpty, NoteKindMissing, NoteTooLong, TooManyNotes
from tutela.casework.assignment.subjects import case_of, require_writable, subject_of
from tutela.casework.models import Cause, Note, NoteKind
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import storable, typed
from tutela.organisations.keys import subject_keys

MOST_CHARACTERS = 4000
MOST_NOTES = 500


@dataclass(frozen=True)
class NoteView:
    """A note as its readers see it. `text` is empty once it was erased."""

    kind: NoteKind
    text: str
    by_name: str
    at: datetime

    @property
    def label(self) -> object:
        return self.kind.label


def key_kind(kind: str) -> str:
    """The kind under which a case's notes have their key."""
    return f"notes:{kind}"


def add(actor: Actor, kind: str, subject_id: UUID, note_kind: str, text: str) -> None:
    """Write a note and notify whom it mentions and who follows the case.

    Raises `NoteEmpty`, `NoteTooLong`, `NoteKindMissing`, `TooManyNotes`, `CaseErased`, `NotFound`, `Forbidden`.
    """
    said = typed(text)
    if note_kind not in NoteKind.values:
        raise NoteKindMissing
    if not said or not storable(said):
        raise NoteEmpty
    if len(said) > MOST_CHARACTERS:
        raise NoteTooLong(most=MOST_CHARACTERS)
    with acting(actor):
        require_writable(actor, kind, subject_id)
        if _rows(kind, subject_id).count() >= MOST_NOTES:
            raise TooManyNotes(most=MOST_NOTES)
        subject = subject_of(actor, kind)
        row = Note(
            organisation_id=actor.organisation_id,
            subject_kind=kind,
            subject_id=subject_id,
            kind=note_kind,
            text=said,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, key_kind(kind), subject_id, row, "text")
        row.save()
        meant = [one.reference for one in mentions.mentioned(said, colleagues(actor, subject))] if "@" in said else []
        notifications.notify(actor, kind, subject_id, Cause.MENTION, meant)
        notifications.notify_followers(actor, kind, subject_id, Cause.NOTE, without=meant)
        record(actor, "case.noted", subject.event_subject, subject_id, note=row.pk, kind=note_kind)


def of_case(kind: str, subject_id: UUID) -> list[NoteView]:
    """The notes of a case, oldest first. Call inside `acting(actor)`."""
    rows = list(_rows(kind, subject_id).order_by("created_at", "pk"))
    subject_keys.open_words(key_kind(kind), subject_id, rows, "text")
    return [NoteView(NoteKind(row.kind), row.text, row.by_name, row.created_at) for row in rows if row.text]


def disclosable(actor: Actor, kind: str, subject_id: UUID) -> list[NoteView]:
    """Every note of a case for a disclosure; recorded. Raises `NotFound`, also without the permission."""
    with acting(actor):
        case_of(actor, kind, subject_id)
        subject = subject_of(actor, kind)
        if not actor.can(subject.disclose):
            raise NotFound
        found = of_case(kind, subject_id)
        record(actor, "notes.exported", subject.event_subject, subject_id, count=len(found))
        return found


def _rows(kind: str, subject_id: UUID) -> QuerySet[Note]:
    return Note.objects.filter(subject_kind=kind, subject_id=subject_id)
