"""Verifier: recompute the whole chain from the events and report each mismatch.

1. Walk the entries by position, expecting 1, 2, 3, …: a gap is a deleted entry.
2. Recompute each leaf from its event's columns: a difference is an edited event, a missing event a deleted one.
3. Recompute each head from the previous head: a difference is a reordered or replaced entry.
4. Recompute each commitment from its facts where the facts are kept: a difference is an edited fact. Erased facts are
   valid.
5. Compare every signed checkpoint, in the database and in the file outside it, with the chain at its position.
6. Find events that have no position and are not pending, and facts that are gone without a record of their erasure.

The caller must also compare the chain with a checkpoint kept where the operator could not reach it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from tutela.accountability.chain.leaves import EMPTY, leaf, next_head
from tutela.accountability.chain.sequencer import checkpoint_file, signature_valid
from tutela.accountability.models import Checkpoint
from tutela.events.actor import Actor
from tutela.events.canonical_facts import commitment
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.organisations.keys import signing


@dataclass
class ChainReport:
    """Result of a verification of the chain.

    `problems` is empty for a sound chain; `waiting` counts events without a place in it.

    `checkpoints` counts the node's own checkpoints, `compared` those of the given file.
    """

    entries: int = 0
    # Entries of other organisations, whose contents the caller may not read: only their place in the chain is verified.
    hidden: int = 0
    erased: int = 0
    waiting: int = 0
    checkpoints: int = 0
    compared: int = 0
    head: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.problems


class NoCheckpoints(Invalid):
    """The given file contains no checkpoint of this node."""

    field = "checkpoints"


def verify(actor: Actor | None = None, kept: Path | None = None) -> ChainReport:
    """Verify the log of this node, against its own checkpoints and those of `kept`, a file from elsewhere.

    Contents are compared where `actor` may read them: an auditor every organisation's, others their own. Without an
    actor the process is the database's owner (`tutela verify`), who reads all.

    Raises `NoCheckpoints` where `kept` is missing or holds none: it was given to be compared with.
    """
    report = ChainReport()
    own = _file(checkpoint_file(), report) if checkpoint_file().exists() else []
    foreign = _file(kept, report) if kept else []
    if kept and not foreign:
        raise NoCheckpoints("{file} contains no checkpoint.", file=kept)
    report.compared = len(foreign)
    wanted = _signed([*own, *foreign], report)
    with acting(actor) if actor else transaction.atomic(), connection.cursor() as cursor:
        heads = {position: head for position, head in _walk(cursor, report) if position in wanted}
        cursor.execute("SELECT accountability_waiting()")
        row = cursor.fetchone()
        report.waiting = int(row[0]) if row else 0
        cursor.execute("SELECT accountability_lost()")
        report.problems += [f"event {event}: is missing from the chain and not pending" for (event,) in cursor]
    for position, head in wanted.items():
        report.checkpoints += 1
        if heads.get(position) != head:
            report.problems.append(f"checkpoint {position}: the chain differs from the signed checkpoint")
    return report


def _walk(cursor: object, report: ChainReport) -> Iterator[tuple[int, bytes]]:
    head, expected, first = EMPTY, 1, 0
    while True:
        cursor.execute("SELECT * FROM accountability_read(%s, %s)", [first, 2000])  # type: ignore[attr-defined]
        rows = cursor.fetchall()  # type: ignore[attr-defined]
        if not rows:
            break
        for position, stored_leaf, stored_head, shown, *contents in rows:
            while expected < position:
                report.problems.append(f"entry {expected}: missing")
                expected += 1
            expected += 1
            if shown:
                report.problems += [f"entry {position}: {one}" for one in _wrong(bytes(stored_leaf), contents, report)]
            else:
                report.hidden += 1
            if next_head(head, bytes(stored_leaf)) != bytes(stored_head):
                report.problems.append(f"entry {position}: the chain is broken (entries reordered or replaced)")
            head = bytes(stored_head)
            report.entries += 1
            yield position, head
        first = rows[-1][0]
    report.head = head.hex()


def _wrong(stored: bytes, contents: list[Any], report: ChainReport) -> Iterator[str]:
    """Every mismatch between an entry's leaf and its event."""
    event, at, *texts, committed, salt, facts, erased = contents
    if at is None:
        yield "its event was deleted"
        return
    if leaf(event, at, tuple(texts), bytes(committed)) != stored:
        yield f"event {event} was edited"
    if salt is None:
        report.erased += 1
        if not erased:
            yield f"the facts of event {event} were removed without a record"
    elif commitment(bytes(salt), facts) != bytes(committed):
        yield f"the facts of event {event} were edited"


type _Note = tuple[int, bytes, str, bytes]


def _file(path: Path, report: ChainReport) -> list[_Note]:
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NoCheckpoints("{file} cannot be read ({reason}).", file=path, reason=type(error).__name__) from None
    notes = list[_Note]()
    for number, line in enumerate(lines, 1):
        try:
            note = json.loads(line)
            notes.append((note["position"], bytes.fromhex(note["head"]), note["key"], bytes.fromhex(note["signature"])))
        except (ValueError, KeyError, TypeError):
            report.problems.append(f"{path.name}, line {number}: cannot be read")
    return notes


def _signed(files: list[_Note], report: ChainReport) -> dict[int, bytes]:
    """Checkpoints of the database and of the files whose signature holds; the others are problems."""
    # Only this node's own keys count: an attacker who edits the past could also add a key of their own.
    keys = {one.key_id: one.public for one in signing.own_keys("checkpoint")}
    rows = Checkpoint.objects.order_by("position")
    notes = [*((c.position, bytes(c.head), c.key_id, bytes(c.signature)) for c in rows), *files]
    wanted: dict[int, bytes] = {}
    for position, head, key, signature in notes:
        if key not in keys or not signature_valid(position, head, signature, keys[key]):
            report.problems.append(f"checkpoint {position}: not signed by a known key")
        elif wanted.setdefault(position, head) != head:
            report.problems.append(f"checkpoint {position}: two different heads are signed")
    return wanted
