"""Erase deconfliction data after its retention period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tutela.events.actor import Actor
from tutela.investigations.deconfliction.query import active, forget, one_at_a_time, publish
from tutela.investigations.models import (
    AskedQuestion,
)


def erase_identifiers(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Retention: identifiers entered before a moment; they are no longer published either."""
    one_at_a_time(actor)
    rows = list(active().select_for_update().filter(created_at__lte=before))
    for row in rows:
        forget(row)
        yield "identifier", str(row.pk)
    if rows:
        publish(actor)


def erase_questions(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Retention: the blindings of questions; an answer that comes later is refused."""
    for row in AskedQuestion.objects.filter(created_at__lte=before).exclude(sealed=b""):
        row.sealed = b""
        row.save(update_fields=["sealed"])
        yield "question", str(row.question_id)
