"""Erase what people wrote about a case, together with its contents. Every domain's retention calls this."""

from __future__ import annotations

from uuid import UUID

from tutela.casework.assignment.notes import key_kind
from tutela.casework.models import Claim, Follow, Label, Notification, PassedCase, PendingAction, Viewer
from tutela.organisations.keys import subject_keys


def erase(kind: str, subject_id: UUID) -> None:
    """Erase notes, labels and everything else of a case. Call inside `acting(actor)`, with its contents.

    Rows of notes stay without their text.
    """
    subject_keys.erase(key_kind(kind), subject_id)
    for table in (Claim, Follow, Label, Notification, PassedCase, PendingAction, Viewer):
        table.objects.filter(subject_kind=kind, subject_id=subject_id).delete()
