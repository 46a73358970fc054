"""Idempotent inbox: the same key always gets the same answer.

This also holds for concurrent duplicates and after a crash.

The key is locked by the transaction that does the work, which also stores its row. A concurrent duplicate
waits until the first transaction ends, and then finds its answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import Invalid, TutelaError
from tutela.events.sql import Statement
from tutela.events.transaction import acting_and_asking
from tutela.organisations.errors import KeyReused
from tutela.organisations.models import ReceivedMessage

type Found = list[list[tuple[Any, ...]]]
type Answer = tuple[int, str]
# Of several messages: those that are new, by their places, and what was asked.
type WorkOfSeveral = Callable[[Sequence[int], Found], Iterable[Answer | TutelaError]]

# Twins meet at the lock, and the later one finds the answer of the first.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(one, 2)) FROM unnest(%s::text[]) AS named (one)"
KNOWN = (
    "SELECT key, body_sha256, answer_status, answer FROM organisations_receivedmessage"
    " WHERE organisation_id = %s AND sender_id = %s AND key = ANY(%s::text[])"
)


def once(
    recipient: Actor, sender_id: UUID, key: str, body: bytes, work: Callable[[], tuple[int, str]]
) -> tuple[int, str]:
    """Do `work` once per sender and key, in the recipient's transaction.

    Every duplicate gets the first answer. `work` returns status and body. Raises `KeyReused` for the same key with
    another body. Any exception of `work` also rolls the key back, so that a corrected message may use the same key.
    """
    (answer,) = each_once(recipient, sender_id, [(key, body)], (), lambda _new, _found: [work()])
    if isinstance(answer, TutelaError):
        raise answer
    return answer


def each_once(
    recipient: Actor,
    sender_id: UUID,
    messages: Sequence[tuple[str, bytes]],
    questions: Sequence[Statement],
    work: WorkOfSeveral,
) -> list[Answer | TutelaError]:
    """Process several messages of one sender in one transaction, as `once` does.

    No two messages share a key. Returns for each message its answer, or the error by which it is refused: `KeyReused`,
    or an error that `work` returns, and then its key is free. `questions` are sent with the queries for the keys.
    `work` gets the positions of the new messages, if there are any, and the results. Any exception of `work` rolls
    everything back.
    """
    for key, _body in messages:
        check_key(key)
    whose, keys = [recipient.organisation_id, sender_id], [key for key, _body in messages]
    digests = [hashlib.sha256(body).hexdigest() for _key, body in messages]
    locks = sorted(" ".join(map(str, [*whose, key])) for key in keys)
    asked: list[Statement] = [(LOCK, [locks]), (KNOWN, [*whose, keys]), *questions]
    with acting_and_asking(recipient, asked) as (_, rows, *found):
        known = {key: said for key, *said in rows}
        answers = {place: _again(known[key], digests[place]) for place, key in enumerate(keys) if key in known}
        new, kept = [place for place in range(len(keys)) if place not in answers], list[ReceivedMessage]()
        for place, answer in zip(new, work(new, found) if new else (), strict=True):
            answers[place] = answer
            if not isinstance(answer, TutelaError):
                status, text = answer
                kept.append(
                    ReceivedMessage(
                        organisation_id=recipient.organisation_id,
                        sender_id=sender_id,
                        key=keys[place],
                        body_sha256=digests[place],
                        answer_status=status,
                        answer=text,
                    )
                )
        ReceivedMessage.objects.bulk_create(kept)
    return [answers[place] for place in range(len(keys))]


def check_key(key: str) -> None:
    """Raise `Invalid` for what is no key of a message."""
    if not key or len(key) > 80:
        raise Invalid("The header Idempotency-Key must have 1 to 80 characters.", field="Idempotency-Key")


def _again(known: Sequence[Any], digest: str) -> Answer | TutelaError:
    """What answers a message whose key is known."""
    before, status, answer = known
    return (status or 500, answer) if before == digest else KeyReused()


def erase_answers(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Retention: keys and answers of messages received before `before`."""
    for row in ReceivedMessage.objects.filter(created_at__lt=before).order_by("created_at"):
        name = str(row.pk)
        row.delete()
        yield "received_message", name
