"""Labels of cases, for the own organisation. A label sorts cases; names and contents of a case belong in notes."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from tutela.casework.assignment.errors import BadLabel, TooManyLabels
from tutela.casework.assignment.subjects import decidable, require_writable, subject_of
from tutela.casework.models import Label
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import storable, typed

MOST_LABELS = 10
MOST_CHARACTERS = 40
# A form suggests so many labels, of so many that were given last.
MOST_SUGGESTED, MOST_READ = 50, 500


def add(actor: Actor, kind: str, subject_id: UUID, text: str) -> None:
    """Add a label; the same label twice is one. Raises `BadLabel`, `TooManyLabels`, `CaseErased`, `NotFound`."""
    said = clean(text)
    with acting(actor):
        require_writable(actor, kind, subject_id)
        lock(f"labels:{kind}:{subject_id}")
        has = of_case(kind, subject_id)
        if said in has:
            return
        if len(has) >= MOST_LABELS:
            raise TooManyLabels(most=MOST_LABELS)
        insert_ignore(Label(organisation_id=actor.organisation_id, subject_kind=kind, subject_id=subject_id, text=said))
        record(actor, "case.labelled", subject_of(actor, kind).event_subject, subject_id)


def remove(actor: Actor, kind: str, subject_id: UUID, text: str) -> None:
    """Remove a label; a label that is gone stays gone. Raises `NotFound`, `Forbidden`."""
    with acting(actor):
        decidable(actor, kind, subject_id)
        rows = Label.objects.filter(subject_kind=kind, subject_id=subject_id, text=text[:MOST_CHARACTERS])
        if storable(text) and rows.delete()[0]:
            record(actor, "case.unlabelled", subject_of(actor, kind).event_subject, subject_id)


def of_case(kind: str, subject_id: UUID) -> list[str]:
    """The labels of a case. Call inside `acting(actor)`, as for the others."""
    rows = Label.objects.filter(subject_kind=kind, subject_id=subject_id)
    return list(rows.order_by("text").values_list("text", flat=True))


def of_cases(kind: str, subject_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The labels of some cases."""
    found: dict[UUID, list[str]] = {}
    rows = Label.objects.filter(subject_kind=kind, subject_id__in=list(subject_ids)).order_by("text")
    for subject_id, text in rows.values_list("subject_id", "text"):
        found.setdefault(subject_id, []).append(text)
    return found


def with_label(kind: str, text: str) -> QuerySet[Label, UUID]:
    """The cases with a label."""
    return Label.objects.filter(subject_kind=kind, text=text.strip().lower()).values_list("subject_id", flat=True)


def suggested(kind: str) -> list[str]:
    """Labels that cases of this kind were given lately."""
    rows = Label.objects.filter(subject_kind=kind).order_by("-pk").values_list("text", flat=True)
    return sorted(set(rows[:MOST_READ]))[:MOST_SUGGESTED]


def clean(text: str) -> str:
    """A label as it is stored: one line, lower case. Raises `BadLabel`."""
    said = " ".join(typed(text).split()).lower()
    if not 1 <= len(said) <= MOST_CHARACTERS or not storable(said):
        raise BadLabel(most=MOST_CHARACTERS)
    return said
