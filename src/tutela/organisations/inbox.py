"""Inbound messages: the same key is answered the same way, also to concurrent twins and after a crash.

The key's row is inserted in the transaction that does the work; a twin waits at the unique index until the first
transaction ends, and then finds its answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.inserting import insert_once, together
from tutela.organisations.errors import KeyReused
from tutela.organisations.models import ReceivedMessage

ANSWER = "UPDATE organisations_receivedmessage SET answer_status = %s, answer = %s WHERE id = %s"


def once(
    recipient: Actor, sender_id: UUID, key: str, body: bytes, work: Callable[[], tuple[int, str]]
) -> tuple[int, str]:
    """Do `work` once per sender and key, in the recipient's transaction; answer every repetition with the first answer.

    `work` returns status and body. Raises `KeyReused` for the same key with another body; whatever `work` raises rolls
    the key back too, so that a mended message may come under the same key.
    """
    if not key or len(key) > 80:
        raise Invalid("The header Idempotency-Key must hold 1 to 80 characters.", field="Idempotency-Key")
    digest = hashlib.sha256(body).hexdigest()
    with acting(recipient):
        made = ReceivedMessage(
            organisation_id=recipient.organisation_id, sender_id=sender_id, key=key, body_sha256=digest
        )
        if not insert_once(made):
            row = ReceivedMessage.objects.get(
                organisation_id=recipient.organisation_id, sender_id=sender_id, key=key
            )  # fmt: skip
            if row.body_sha256 != digest:
                raise KeyReused
            return row.answer_status or 500, row.answer
        status, answer = work()
        together([(ANSWER, [status, answer, made.pk])])
        return status, answer


def erase_answers(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Retention: keys and answers of messages received before `before`."""
    for row in ReceivedMessage.objects.filter(created_at__lt=before).order_by("created_at"):
        name = str(row.pk)
        row.delete()
        yield "received_message", name
