"""Publish sequenced events in the public log once enough witnesses have cosigned.

1. Ask the witnesses once per process which size of this log they have seen. A log restored from an older copy would
   fork, so it signs nothing new until it has caught up. Show the witnesses what is already signed, or an empty log. A
   witness whose statement cannot be proven counts as silent.
2. Read new entries and the chain's newest checkpoint in order. Entries without a matching signature become bare
   commitments (`signed_evidence`). A policy announcement is signed with its hour of publication, so it comes first in a
   batch and waits until a quorum answers.
3. Write the tiles and sign the new size (`tlog.log_folder`). From then on there is only one tree of that size.
4. Ask every witness of the policy to cosign, independently of the other answers.
5. Publish the checkpoint if the quorum is reached. Otherwise publish nothing new, show this on the desk, and continue
   on the next run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile

import structlog
from django.db import connection, transaction

from tutela import clock
from tutela.accountability import enqueue
from tutela.accountability.models import PublicLeaf
from tutela.accountability.public_log import entry_numbers, signed_evidence, witnesses
from tutela.accountability.public_log import log as public_log_log
from tutela.events.errors import Conflict
from tutela.tlog.log_folder import Log, LogError
from tutela.tlog.policy import Policy
from tutela.tlog.tiles import Fetch, Tiles
from tutela.tlog.verify import TILE, Checkpoint, Refused, open_note

BATCH = 20_000

log = structlog.get_logger(__name__)
_on_published: list[Callable[[], None]] = []
# Logs, by folder and name, whose witnesses have confirmed to this process that they have seen nothing newer.
_settled: set[tuple[str, str]] = set()


class CannotCatchUp(Conflict):
    """The log cannot continue from this copy."""


@dataclass(frozen=True)
class Published:
    """Result of a run.

    `waiting` counts entries that are signed or sequenced and lack witnesses; `lacking` names the cause.
    """

    size: int
    waiting: int = 0
    lacking: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def on_published(listener: Callable[[], None]) -> None:
    """Told after entries became public. For `app/wiring.py`."""
    _on_published.append(listener)


def enqueue_publication() -> None:
    """Have the log published as soon as this transaction is over. What is ordered already is not ordered twice."""
    enqueue.publish_log()


def urgent() -> bool:
    """Whether a release or a head is in order and not published."""
    written = public_log_log.open_log()
    if written is None:
        return False
    return any(b'"release.' in bytes(row.entry) for row in _from(written.published().size, 1000))


def publish() -> Published | None:
    """Publish until nothing is left or witnesses are missing.

    None without a log, or while another run is in progress.
    """
    written = public_log_log.open_log()
    if written is None:
        return None
    _log_checkpoint()
    try:
        with written.held():
            before = written.published().size
            chosen = public_log_log.policy()
            done = _unsettled(written, chosen) or _run(written, chosen)
            while not done.lacking and done.waiting:
                done = _run(written, chosen)
    except LogError as error:
        log.warning("public log", reason=str(error))
        return None
    except OSError as error:
        # If the disk is full, signed but unpublished entries stay in place, and the next run continues with them.
        log.error("public log", reason=f"{error.strerror}; nothing was published")
        return None
    if done.size > before:
        for listener in _on_published:
            listener()
    return done


def catch_up(fetch: Fetch) -> Published:
    """Take back, from a copy of the log's files, what a restored log lost. Raises `CannotCatchUp`, `OSError`.

    The copy is believed in nothing: its checkpoint is signed by the log and its quorum, and continues what is here.
    """
    written = public_log_log.open_log()
    if written is None:
        raise CannotCatchUp("This node keeps no public log.")
    chosen = public_log_log.policy()
    try:
        with written.held():
            before, note = written.published(), fetch("checkpoint")
            # It comes from elsewhere: a key that was revoked, and may be in wrong hands, counts for nothing here.
            quorum = [key for key, _ in chosen.witnesses.values()] if chosen else []
            opened = open_note(note, [*public_log_log.known_keys(), *quorum])
            if chosen and not chosen.satisfied(opened):
                raise Refused(f"the copy's checkpoint is not cosigned by the quorum {chosen.quorum}")
            checkpoint, files = Checkpoint.parse(opened.text), Tiles(fetch)
            entries = list[bytes]()
            for number in range(before.size // TILE, -(-checkpoint.size // TILE)):
                bundle = files.entries(number, min(TILE, checkpoint.size - number * TILE))
                entries += bundle[before.size - number * TILE :] if not entries else bundle
            taken = written.take(entries, note)
            _align(written)
    except (Refused, LogError) as error:
        raise CannotCatchUp("The copy cannot be used: {reason}.", reason=str(error)) from None
    return Published(taken.size, taken.size - before.size)


def _run(written: Log, chosen: Policy | None) -> Published:
    before, entries = written.published(), list[bytes]()
    if written.pending() is None:
        _align(written)
        rows = _from(before.size, BATCH)
        if rows and signed_evidence.announces(rows[0]) and not witnesses.answering(written, chosen):
            return Published(before.size, len(rows), chosen.quorum if chosen else "")
        entries = signed_evidence.entries(
            [*rows[:1], *takewhile(lambda row: not signed_evidence.announces(row), rows[1:])]
        )
        # A checkpoint signed by a key revoked since is signed again, so that clients that trust only the new key can
        # continue.
        if not entries and written.signed_now():
            return Published(before.size)
    waiting = written.sign(entries, clock.now())
    errors = witnesses.ask_all(written, chosen, waiting) if chosen else {}
    if chosen and not chosen.satisfied(open_note(written.fetch("pending"), public_log_log.all_keys(written, chosen))):
        return Published(before.size, waiting.size - before.size, chosen.quorum, errors)
    size = written.publish().size
    return Published(size, len(_from(size, 1)), errors=errors)


def _from(size: int, most: int) -> list[PublicLeaf]:
    start = entry_numbers.position_of(size)
    found = PublicLeaf.objects.filter(position__gte=start) if start is not None else PublicLeaf.objects.none()
    rows = list(found.order_by("position")[:most])
    if start is None or [row.position for row in rows] != list(range(start, start + len(rows))):
        raise LogError(f"entries are missing from position {size}")
    return rows


def _align(written: Log) -> None:
    """If the database is older than the log, continue numbering after the log's last entry."""
    size = written.published().size

    def known(index: int) -> bool:
        position = entry_numbers.position_of(index)
        row = PublicLeaf.objects.filter(position=position).first() if position is not None else None
        return position is None or (row is not None and signed_evidence.stands_for(written.entry(index, size), row))

    if size == 0 or known(size - 1):
        return
    low, high = 0, size - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if known(middle) else (low, middle)
    log.warning("public log", reason=f"entries {low} to {size - 1} are not in the database; the log keeps them")
    entry_numbers.adopt(low, size - low)


def _unsettled(written: Log, chosen: Policy | None) -> Published | None:
    """Step 1. What keeps the log from signing, if anything does."""
    name = str(written.folder), written.origin
    if chosen is None or name in _settled:
        return None
    answers, mine = witnesses.heard(written, chosen)
    silent, errors = set(chosen.witnesses), dict[str, str]()
    for witness, seen in answers.items():
        if isinstance(seen, str):
            errors[witness] = seen
            witnesses.remember(witness, error=seen)
            continue
        silent.discard(witness)
        if seen > mine.size:
            errors[witness] = (
                f"signed {seen} entries, but this log has {mine.size}: the log was restored from an older copy"
            )
            witnesses.remember(witness, size=seen, error=errors[witness])
    published = written.published().size
    if len(errors.keys() - silent):
        return Published(published, mine.size - published, "behind its witnesses", errors)
    # Those who are silent could alone have cosigned something newer.
    if silent and chosen.quorum != "none" and chosen.suffices(silent):
        return Published(published, mine.size - published, "its witnesses' last word", errors)
    _settled.add(name)
    return None


def _log_checkpoint() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT accountability_log_checkpoint()")
