"""Inbound messages: the same key is answered the same way, also to concurrent twins and after a crash.

The key is locked by the transaction that does the work, and its row stored with the commit; a twin waits until the
first transaction ends, and then finds its answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.events.acting import acting_and_asking
from tutela.events.actor import Actor
from tutela.events.asking import Question, at_the_end
from tutela.events.errors import Invalid
from tutela.events.ids import uuid7
from tutela.organisations.errors import KeyReused
from tutela.organisations.models import ReceivedMessage

type Work = Callable[[list[list[tuple[Any, ...]]]], tuple[int, str]]

# Twins meet at the lock, and the later one finds the answer of the first.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))"
KNOWN = (
    "SELECT body_sha256, answer_status, answer FROM organisations_receivedmessage"
    " WHERE organisation_id = %s AND sender_id = %s AND key = %s"
)
ANSWERED = (
    "INSERT INTO organisations_receivedmessage"
    " (id, created_at, organisation_id, sender_id, key, body_sha256, answer_status, answer)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


def once(
    recipient: Actor, sender_id: UUID, key: str, body: bytes, work: Callable[[], tuple[int, str]]
) -> tuple[int, str]:
    """Do `work` once per sender and key, in the recipient's transaction; answer every repetition with the first answer.

    `work` returns status and body. Raises `KeyReused` for the same key with another body; whatever `work` raises rolls
    the key back too, so that a mended message may come under the same key.
    """
    return once_knowing(recipient, sender_id, key, body, (), lambda _: work())


def once_knowing(
    recipient: Actor, sender_id: UUID, key: str, body: bytes, questions: Sequence[Question], work: Work
) -> tuple[int, str]:
    """As `once`, for work that begins with questions: they are asked with the key's own in one round trip."""
    if not key or len(key) > 80:
        raise Invalid("The header Idempotency-Key must hold 1 to 80 characters.", field="Idempotency-Key")
    digest, named = hashlib.sha256(body).hexdigest(), [recipient.organisation_id, sender_id, key]
    asked: list[Question] = [(LOCK, [" ".join(map(str, named))]), (KNOWN, named), *questions]
    with acting_and_asking(recipient, asked) as (_, known, *rows):
        if known:
            ((before, status, answer),) = known
            if before != digest:
                raise KeyReused
            return status or 500, answer
        status, answer = work(rows)
        at_the_end((ANSWERED, [uuid7(), clock.now(), *named, digest, status, answer]))
        return status, answer


def erase_answers(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Retention: keys and answers of messages received before `before`."""
    for row in ReceivedMessage.objects.filter(created_at__lt=before).order_by("created_at"):
        name = str(row.pk)
        row.delete()
        yield "received_message", name
