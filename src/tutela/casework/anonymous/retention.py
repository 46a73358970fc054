"""Erase conversations in which nobody wrote for the period of `conversations.RULE`: texts, case number and verifier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tutela.casework.anonymous import kinds
from tutela.casework.anonymous.conversations import SUBJECT
from tutela.casework.models import Conversation
from tutela.events.actor import Actor

# A run erases at most this many, so that no run is longer than a transaction should be; the next run continues.
MOST_AT_ONCE = 2000


def erase_idle(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Erase conversations whose newest entry is older than `before`, unless their kind keeps them.

    Call inside `acting(actor)`.
    """
    due = Conversation.objects.filter(organisation_id=actor.organisation_id, newest_at__lte=before)
    for kind in kinds.registered():
        if kind.kept is not None:
            due = due.exclude(kind=kind.code, pk__in=kind.kept())
    ids = list(due.order_by("newest_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
    Conversation.objects.filter(pk__in=ids).delete()
    yield from ((SUBJECT, str(one)) for one in ids)
