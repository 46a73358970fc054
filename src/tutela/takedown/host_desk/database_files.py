"""Files of statements for the DSA Transparency Database, and what it answered.

1. A file has at most 100 statements, the oldest first. A statement is in one file at a time.
2. An operator sends the file, and enters the answer with its status. Until then nothing counts as sent.
3. 201: all are stored, each with its identifier. The answer must name exactly the statements of the file.
4. 422 with `existing`: the database has one of these identifiers already. It stores none of the file; the conflict is
   named, and all others wait again.
5. 422 with errors: the named statements are refused, and all others wait again. Without names all are refused.
6. Any other status stores nothing, here as there: the file is sent again.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.takedown import transparency_database as database
from tutela.exchange.takedown.transparency_database import MOST_IN_A_BATCH, AnswerUnreadableError, Result
from tutela.takedown.errors import (
    AnswerOfAnother,
    BatchAnswered,
    NothingToSend,
    NotStored,
    StatementRefused,
    UnknownBatch,
)
from tutela.takedown.host_desk.notice_rows import DECIDE, READ
from tutela.takedown.models import BatchAnswer, DatabaseBatch, DatabaseEntry, EntryState

PREFIX, SUBJECT = "D", "database_batch"
MOST_SHOWN = 50
_PLACE = re.compile(r"^statements?[._]?(?:statement_)?(\d+)\b")


@dataclass(frozen=True)
class BatchView:
    """A file with its newest answer."""

    row: DatabaseBatch
    answer: BatchAnswer | None
    refused: int

    @property
    def count(self) -> int:
        """Number of statements in the file."""
        return len(self.row.puids)


def overview(actor: Actor) -> tuple[list[tuple[str, str, int]], int, list[BatchView]]:
    """(state, label, number) of the statements, how many must be sent, and the newest files."""
    actor.require(READ)
    with acting(actor):
        counted = dict(DatabaseEntry.objects.values_list("state").annotate(Count("pk")).order_by())
        newest = list(DatabaseBatch.objects.order_by("-created_at", "-pk")[:MOST_SHOWN])
        answers = {one.batch_id: one for one in BatchAnswer.objects.filter(batch__in=newest).order_by("created_at")}
        refused = DatabaseEntry.objects.filter(batch__in=newest, state=EntryState.REFUSED)
        by_batch = dict(refused.values_list("batch").annotate(Count("pk")).order_by())
        states = [(one.value, str(one.label), counted.get(one.value, 0)) for one in EntryState]
        return states, unsent(), [BatchView(row, answers.get(row.pk), by_batch.get(row.pk, 0)) for row in newest]


def unsent() -> int:
    """Statements that wait, and those that were refused and must be sent again. Call inside `acting(actor)`."""
    return DatabaseEntry.objects.filter(state__in=(EntryState.WAITING, EntryState.REFUSED)).count()


def make(actor: Actor) -> UUID:
    """Put the oldest statements that wait into a new file; returns its ID. Raises `NothingToSend`."""
    actor.require(DECIDE)

    def work() -> UUID:
        with acting(actor):
            waiting = DatabaseEntry.objects.select_for_update().filter(state=EntryState.WAITING)
            entries = list(waiting.order_by("created_at", "pk")[:MOST_IN_A_BATCH])
            if not entries:
                raise NothingToSend
            row = DatabaseBatch(
                organisation_id=actor.organisation_id,
                number=case_number(PREFIX),
                puids=[one.puid for one in entries],
                by=actor.reference,
                by_name=actor.name[:200],
            )
            if not insert_ignore(row):
                raise NumberTaken
            _move(entries, EntryState.BATCHED, row)
            record(actor, "hosting.batch", SUBJECT, row.pk, number=row.number, count=len(entries))
        return row.pk

    return redrawn(work)


def file_of(actor: Actor, batch_id: UUID) -> tuple[str, bytes]:
    """Number and bytes of a file. Raises `UnknownBatch`, `StatementRefused`."""
    actor.require(READ)
    with acting(actor):
        row = _find(batch_id)
        payloads = dict(DatabaseEntry.objects.filter(puid__in=row.puids).values_list("puid", "payload"))
        record(actor, "database_batch.downloaded", SUBJECT, row.pk)
    try:
        (body,) = database.batches(payloads[one] for one in row.puids)
    except database.StatementInvalidError as error:
        raise StatementRefused(reason=str(error)) from None
    return row.number, body


def answered(actor: Actor, batch_id: UUID, status: int, body: bytes) -> Result:
    """Record the answer to a file. Raises `BatchAnswered`, `AnswerOfAnother`, `NotStored`, `StatementRefused`."""
    actor.require(DECIDE)
    try:
        found = database.answer(status, body)
    except AnswerUnreadableError as error:
        raise StatementRefused(field="body", reason=str(error)) from None
    if found.result in (Result.TOKEN, Result.FAILED):
        raise NotStored
    with acting(actor):
        row = _find(batch_id)
        entries = list(DatabaseEntry.objects.select_for_update().filter(batch=row, state=EntryState.BATCHED))
        if not entries:
            raise BatchAnswered
        conflicts = _apply(row, entries, found)
        BatchAnswer.objects.create(
            organisation_id=actor.organisation_id,
            batch=row,
            result=found.result,
            conflicts=conflicts,
            findings=[[one.path, one.reason] for one in found.findings],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(actor, "hosting.batch_answered", SUBJECT, row.pk, result=str(found.result), conflicts=len(conflicts))
    return found.result


def requeue(actor: Actor, batch_id: UUID) -> int:
    """Let the refused statements of a file wait again; returns how many. Raises `UnknownBatch`, `NothingToSend`."""
    actor.require(DECIDE)
    with acting(actor):
        row = _find(batch_id)
        entries = list(DatabaseEntry.objects.select_for_update().filter(batch=row, state=EntryState.REFUSED))
        if not entries:
            raise NothingToSend
        _move(entries, EntryState.WAITING, None)
        record(actor, "hosting.requeued", SUBJECT, row.pk, count=len(entries))
    return len(entries)


def exists(actor: Actor, batch_id: UUID) -> bool:
    """Whether the actor's organisation made this file."""
    with acting(actor):
        return DatabaseBatch.objects.filter(pk=batch_id).exists()


def _find(batch_id: UUID) -> DatabaseBatch:
    row = DatabaseBatch.objects.filter(pk=batch_id).first()
    if row is None:
        raise UnknownBatch
    return row


def _apply(row: DatabaseBatch, entries: list[DatabaseEntry], found: database.Answer) -> list[str]:
    """Rules 3 to 5; returns the identifiers in conflict."""
    known = {one.puid for one in entries}
    if found.result is Result.STORED:
        if set(found.uuids) != known:
            raise AnswerOfAnother(field="body")
        _move(entries, EntryState.STORED, row, found.uuids)
        return []
    if found.result is Result.EXISTING:
        if not found.uuids or not set(found.uuids) <= known:
            raise AnswerOfAnother(field="body")
        wrong, state = set(found.uuids), EntryState.EXISTING
    else:
        places = {int(hit[1]) for one in found.findings if (hit := _PLACE.match(one.path))}
        if places - set(range(len(row.puids))):
            raise AnswerOfAnother(field="body")
        wrong, state = {row.puids[one] for one in places} or known, EntryState.REFUSED
    _move([one for one in entries if one.puid in wrong], state, row, found.uuids)
    _move([one for one in entries if one.puid not in wrong], EntryState.WAITING, None)
    return sorted(found.uuids)


def _move(
    entries: Collection[DatabaseEntry], state: EntryState, batch: DatabaseBatch | None, uuids: object = None
) -> None:
    given = uuids if isinstance(uuids, dict) else {}
    for one in entries:
        one.state, one.batch, one.uuid = state, batch, str(given.get(one.puid, ""))[:60]
    DatabaseEntry.objects.bulk_update(entries, ["state", "batch", "uuid"])
