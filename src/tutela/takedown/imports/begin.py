"""Begin an import: read a file to its end, and store its addresses sealed until they are cases.

1. The file is read once, as it comes. Its addresses are sealed in parts of 1,000 by a key of the import.
2. If it cannot be read, is too large or has no address, nothing is stored.
3. The import, its key and its parts are stored in one transaction. A file that was imported before stores nothing.
4. A job turns one part after another into cases (`imports.store_parts`), and deletes the key at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, insert_ignore
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.takedown.errors import NoAddressFound, TooManyAddresses
from tutela.takedown.imports.backlog_file import BacklogFile
from tutela.takedown.models import Import, ImportPart

SUBJECT = "takedown_import"
# One part is one transaction.
PART = 1_000
# The sealed addresses of one file are in memory until they are stored.
MOST_ADDRESSES = 100_000


@dataclass(frozen=True)
class Begun:
    """The import of a file; `again`: the file was imported before, and nothing was stored."""

    id: UUID
    again: bool = False


def begin(actor: Actor, file: BacklogFile) -> Begun:
    """Read a file and store its import.

    Raises `BacklogTooLarge`, `BacklogUnreadable`, `TooManyAddresses`, `NoAddressFound`; nothing is stored then.
    """
    actor.require("takedown.assess")
    run = Import(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        name=file.shown_name,
        kind=file.kind,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    key, box = subject_keys.begin(actor, SUBJECT, run.pk)
    parts, run.addresses = _parts(actor, run, box, file)
    run.file_key, run.refused, run.skipped = file.key, file.refused, file.skipped
    with acting(actor):
        before = Import.objects.filter(file_key=run.file_key).values_list("pk", flat=True).first()
        if before is None and not parts:
            raise NoAddressFound
        if before is None and insert_ignore(run):
            insert_all([key, *parts])
            record(actor, "takedown_import.begun", SUBJECT, run.pk, addresses=run.addresses, kind=str(run.kind))
            return Begun(run.pk)
        return Begun(before or Import.objects.get(file_key=run.file_key).pk, again=True)


def purpose(part_id: UUID) -> str:
    """The purpose for which a part is sealed."""
    return f"takedown:import:{part_id}"


def _parts(actor: Actor, run: Import, box: subject_keys.Box, file: BacklogFile) -> tuple[list[ImportPart], int]:
    parts, count = list[ImportPart](), 0
    for place, some in enumerate(batched(_addresses(file), PART)):
        part = ImportPart(id=uuid7(), organisation_id=actor.organisation_id, run=run, place=place)
        part.sealed = box.seal(json.dumps(some).encode(), purpose(part.pk))
        parts.append(part)
        count += len(some)
    return parts, count


def _addresses(file: BacklogFile) -> Iterator[tuple[int, str]]:
    for count, one in enumerate(file.entries(), 1):
        if count > MOST_ADDRESSES:
            raise TooManyAddresses(most=MOST_ADDRESSES)
        yield one.place, one.address.original
