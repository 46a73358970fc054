"""Requested hashes at a host: received sealed, looked for until they expire, and deleted.

1. The API key and the signature say who sent them. Only a victim support whose scheme the host accepted may.
2. A message with a higher sequence replaces what was there; the same again changes nothing.
3. Of what is sent, the host keeps the types that its terms name, for their longest time at most.
4. Withdrawn hashes are deleted in the transaction of their message; expired ones by a job. Both are answered.
5. The hashes are a list for the host's own Edge and nothing else: no entry of a register, and no part of a report.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import NumberTaken, redrawn, uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.removal.requested_hashes import (
    LIST_ID,
    CannotReadHashesError,
    HashMessage,
    HashType,
    RequestedHashes,
    opened_hashes,
)
from tutela.exchange.removal.scheme import KeptBecause, RemovalAnswer, RemovalOutcome
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import inbox, outbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.victims.errors import AnotherMessage, CannotOpenHashes, NotInScheme
from tutela.victims.host_desk import membership
from tutela.victims.models import FoundItem, FoundStage, RequestedItem, RequestedState, SchemeMembership

SUBJECT, ANSWER_KIND = "requested_item", "removal-answer"
# A job deletes at most this many at once; the next run continues.
MOST_AT_ONCE = 1000
# Below this a PDQ hash is flat; the page that made it sends none of these.
QUALITY = 100


def receive(sender: Actor, host: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Store, replace or delete requested hashes, once.

    Raises `NotInScheme`, `CannotOpenHashes`, `AnotherMessage`, or a ValidationError.
    """
    message = HashMessage.from_bytes(body)
    actor = directory.acting_for(host, sender.reference, sender.organisation_name)

    def work() -> tuple[int, str]:
        if not sender.verified or sender.organisation_kind != "victim_support":
            raise NotInScheme
        terms = membership.of_support(sender.organisation_id)
        try:
            found = opened_hashes(message, membership.identity_of(terms))
        except CannotReadHashesError:
            raise CannotOpenHashes from None
        _store(actor, terms, message, found)
        return 201, "{}"

    return redrawn(lambda: inbox.once(actor, sender.organisation_id, key, body, work))


def hashes_of(row: RequestedItem) -> list[tuple[str, str]]:
    """The hashes of an item as (type, digits); none once they are deleted. Call inside `acting(actor)`."""
    try:
        body = subject_keys.unseal(SUBJECT, row.pk, bytes(row.sealed), _purpose(row.pk))
    except Erased:
        return []
    return [(kind, digits) for kind, digits in json.loads(body)]


def list_lines(actor: Actor) -> Iterator[str]:
    """The hashes that are looked for, as JSON Lines for the host's Edge. The fetch is recorded."""
    with acting(actor):
        rows = RequestedItem.objects.filter(
            state=RequestedState.ACTIVE, expires_at__gt=clock.now(), membership__accepts=True
        )
        found = [(row.entry_ids, hashes_of(row)) for row in rows.order_by("pk")]
        record(actor, "requested_item.listed", SUBJECT, actor.organisation_id, count=len(found))
    for entry_ids, hashes in found:
        for entry, values in zip(entry_ids, _entries(hashes), strict=False):
            # The name of the list in each line: under another one an Edge refuses the file.
            yield json.dumps({"entry_id": str(entry), "list_id": LIST_ID, **values}) + "\n"


def end(actor: Actor, row: RequestedItem, state: RequestedState, *, answered: bool = True) -> None:
    """Delete the hashes of a locked item. Open items that matched them are gone. Call inside `acting(actor)`."""
    subject_keys.erase(SUBJECT, row.pk)
    row.sealed, row.entry_ids, row.state, row.ended_at = b"", [], state, clock.now()
    row.save()
    FoundItem.objects.filter(requested=row, stage=FoundStage.OPEN).update(stage=FoundStage.GONE, decided_at=clock.now())
    record(actor, "requested_item.ended", SUBJECT, row.pk, state=str(state))
    if answered:
        answer(actor, row, RemovalOutcome.DELETED)


def expire(actor: Actor) -> int:
    """Delete the hashes whose time is over; returns how many. For a job."""
    with acting(actor):
        due = RequestedItem.objects.filter(
            state__in=(RequestedState.ACTIVE, RequestedState.LAWFUL), expires_at__lte=clock.now()
        )
        rows = list(due.select_for_update().order_by("expires_at")[:MOST_AT_ONCE])
        for row in rows:
            end(actor, row, RequestedState.EXPIRED)
    return len(rows)


def leave(actor: Actor, membership_id: UUID) -> int:
    """Leave the scheme and delete everything that came by it; returns how many items. Raises `UnknownHost`."""
    with acting(actor):
        terms = membership.leave(actor, membership_id)
        rows = list(RequestedItem.objects.select_for_update().filter(membership=terms, ended_at=None))
        for row in rows:
            end(actor, row, RequestedState.EXPIRED)
    return len(rows)


def answer(actor: Actor, row: RequestedItem, outcome: RemovalOutcome, because: str = "") -> None:
    """Tell victim support what was done. Call inside `acting(actor)`."""
    message = RemovalAnswer(
        answer_id=uuid7(),
        message_id=row.message_id,
        sequence=row.sequence,
        outcome=outcome,
        because=KeptBecause(because) if because else None,
        at=clock.now(),
    )
    support = row.membership.support_id
    path, key = f"/api/v1/organisations/{support}/removal/answers", f"removal-answer:{message.answer_id}"
    body = message.to_bytes().decode()
    outbox.send(actor, support, ANSWER_KIND, path, body, key=key, subject_id=row.pk, urgent=True)


def counts(actor: Actor) -> dict[str, int]:
    """How many requests are looked for. Call inside `acting(actor)`."""
    return {"active": RequestedItem.objects.filter(state=RequestedState.ACTIVE).count()}


def _store(actor: Actor, terms: SchemeMembership, message: HashMessage, found: RequestedHashes) -> None:
    withdrawn = all(one.withdrawn for one in found.hashes)
    row = RequestedItem.objects.select_for_update().filter(message_id=message.message_id).first()
    if row is not None and row.membership_id != terms.pk:
        raise AnotherMessage(field="message_id")
    if row is not None and message.sequence <= row.sequence:
        return
    if row is None:
        row = RequestedItem(
            organisation_id=actor.organisation_id, membership=terms, message_id=message.message_id, sequence=0
        )
    # Rule 3.
    longest = clock.now() + timedelta(days=terms.most_days)
    row.sequence, row.expires_at = message.sequence, min(longest, max(one.expires for one in found.hashes))
    hashes = [(one.type.value, one.hash) for one in found.hashes if not one.withdrawn and one.type in terms.types]
    over = not hashes or not terms.accepts or row.expires_at <= clock.now()
    if not over:
        body = json.dumps(hashes).encode()
        row.sealed = subject_keys.seal(actor, SUBJECT, row.pk, body, _purpose(row.pk))
        row.entry_ids = [row.pk, *(uuid7() for _more in _entries(hashes)[1:])]
        row.state, row.ended_at = RequestedState.ACTIVE, None
    if row._state.adding:
        if not insert_ignore(row):
            raise NumberTaken
    else:
        row.save()
    record(actor, "requested_item.received", SUBJECT, row.pk, withdrawn=withdrawn)
    if over:
        end(actor, row, RequestedState.WITHDRAWN if withdrawn else RequestedState.EXPIRED)


def _entries(hashes: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Entries of one item in a list: its digests with the first PDQ hash, and each further PDQ hash by itself."""
    looks = [{"pdq": digits, "quality": QUALITY} for kind, digits in hashes if kind == HashType.PDQ]
    digests = {kind: digits for kind, digits in hashes if kind != HashType.PDQ}
    return [{**digests, **(looks[0] if looks else {})}, *looks[1:]]


def _purpose(item_id: UUID) -> str:
    return f"requested:{item_id}"
