"""Idempotent inbox: the same key always gets the same answer.

This also holds for concurrent duplicates and after a crash.

The key is locked by the transaction that does the work, which also stores its row. A concurrent duplicate
waits until the first transaction ends, and then finds its answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.sql import Statement
from tutela.events.transaction import acting_and_asking
from tutela.organisations.errors import KeyReused
from tutela.organisations.models import ReceivedMessage

type Found = list[list[tuple[Any, ...]]]
type Answer = tuple[int, str]

# Twins meet at the lock, and the later one finds the answer of the first.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))"
KNOWN = (
    "SELECT body_sha256, answer_status, answer FROM organisations_receivedmessage"
    " WHERE organisation_id = %s AND sender_id = %s AND key = %s"
)


def once(recipient: Actor, sender_id: UUID, key: str, body: bytes, work: Callable[[], Answer]) -> Answer:
    """Do `work` once per sender and key, in the recipient's transaction.

    Every duplicate gets the first answer. `work` returns status and body. Raises `KeyReused` for the same key with
    another body. Any exception of `work` also rolls the key back, so that a corrected message may use the same key.
    """
    return once_asking(recipient, sender_id, key, body, (), lambda _found: work())


def once_asking(
    recipient: Actor,
    sender_id: UUID,
    key: str,
    body: bytes,
    statements: Sequence[Statement],
    work: Callable[[Found], Answer],
) -> Answer:
    """Process a message as `once`; `work` gets the rows of `statements`, which are sent with the query for the key."""
    check_key(key)
    whose, digest = [recipient.organisation_id, sender_id], hashlib.sha256(body).hexdigest()
    asked: list[Statement] = [(LOCK, [f"{whose[0]} {sender_id} {key}"]), (KNOWN, [*whose, key]), *statements]
    with acting_and_asking(recipient, asked) as (_, known, *found):
        for before, status, answer in known:
            if before != digest:
                raise KeyReused
            return status or 500, answer
        status, answer = work(found)
        ReceivedMessage.objects.create(
            organisation_id=recipient.organisation_id,
            sender_id=sender_id,
            key=key,
            body_sha256=digest,
            answer_status=status,
            answer=answer,
        )
    return status, answer


def check_key(key: str) -> None:
    """Raise `Invalid` for what is no key of a message."""
    if not key or len(key) > 80:
        raise Invalid("The header Idempotency-Key must have 1 to 80 characters.", field="Idempotency-Key")


def erase_answers(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Retention: keys and answers of messages received before `before`."""
    for row in ReceivedMessage.objects.filter(created_at__lt=before).order_by("created_at"):
        name = str(row.pk)
        row.delete()
        yield "received_message", name
