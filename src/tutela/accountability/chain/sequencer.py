"""Sequencer: append committed events to the chain in an order that cannot be disputed later.

1. Take the sequencer's lock. One sequencer runs at a time; others return at once.
2. Read events without a position whose transaction is older than every open transaction (`pg_snapshot_xmin`). Later
   commits cannot precede them, so the order by transaction and id is final.
3. Append the events. Each head is computed over the previous head.
4. Sign the new length and head, in the database and in a separate file. An edit of the database alone is then detected.
"""

from __future__ import annotations

import fcntl
import json
import os
from io import FileIO
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import connection, transaction

from tutela import clock
from tutela.accountability.models import Checkpoint, Entry
from tutela.organisations.errors import NoSigningKey
from tutela.organisations.keys import signing
from tutela.organisations.people import directory

BATCH = 5000
LONGEST_LINE = 1000


def sequence(limit: int = BATCH) -> int:
    """Append what can be appended, at most `limit` events; returns how many. Signs a checkpoint if any were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT accountability_sequence(%s)", [limit])
        row = cursor.fetchone()
    count = int(row[0]) if row else 0
    if count:
        sign_checkpoint()
    return count


def sequence_all() -> int:
    """Append until nothing is left; returns how many events."""
    total = 0
    while count := sequence():
        total += count
    return total


def checkpoint_file() -> Path:
    """The checkpoints' copy outside the database, one JSON line each. Copy it where the operator cannot reach it."""
    return Path(settings.DATA_DIR) / "checkpoints.jsonl"


def message(position: int, head: bytes) -> bytes:
    """The bytes that a checkpoint signs."""
    return f"tutela-audit-checkpoint/1\n{position}\n{head.hex()}\n".encode()


def sign_checkpoint() -> Checkpoint | None:
    """Sign the chain's current length and head; None if nothing is new or there is no key."""
    newest = Entry.objects.order_by("-position").first()
    centre = directory.the_centre() or next(iter(directory.list_organisations()), None)
    if newest is None or centre is None or Checkpoint.objects.filter(position=newest.position).exists():
        return None
    try:
        private = signing.current_private(centre.id, "checkpoint")
    except NoSigningKey:
        return None
    head = bytes(newest.head)
    row, _made = Checkpoint.objects.get_or_create(
        position=newest.position,
        defaults={
            "head": head,
            "at": clock.now(),
            "signature": private.sign(message(newest.position, head)),
            "key_id": signing.key_id_of(private.public_key().public_bytes_raw()),
        },
    )
    _copy_out()
    return row


def signature_valid(position: int, head: bytes, signature: bytes, public: bytes) -> bool:
    """Whether an Ed25519 key signed this length and head; every failure is the same `False`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message(position, head))
    except Exception:  # noqa: BLE001 - any failure of a verification is one answer: no
        return False
    return True


def _copy_out() -> None:
    """Append missing checkpoints to the checkpoint file outside the database.

    A full disk may have lost a line or left half of one. One writer runs at a time. Existing lines are never changed.
    Raises `OSError` if the disk is full.
    """
    # Without a buffer: what a full disk did not take would be written once more when the file is closed.
    with open(checkpoint_file(), "ab+", buffering=0, opener=_private) as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        known = _whole(out)
        rows = Checkpoint.objects.order_by("position")
        rows = rows.filter(position__gt=known) if known is not None else rows.order_by("-position")[:1]
        before, left = out.tell(), memoryview(b"".join(map(_line, rows)))
        try:
            while left:
                left = left[out.write(left) :]
            os.fsync(out.fileno())
        except OSError:
            os.truncate(out.fileno(), before)
            raise


def _whole(out: FileIO) -> int | None:
    """Position of the last checkpoint in the copy, or None; cut off an incomplete last line."""
    size = out.seek(0, os.SEEK_END)
    start = max(0, size - LONGEST_LINE * 2)
    out.seek(start)
    tail = out.read()
    end = tail.rfind(b"\n") + 1
    if end < len(tail):
        out.truncate(start + end)
    out.seek(0, os.SEEK_END)
    for line in reversed(tail[:end].splitlines()):
        try:
            return int(json.loads(line)["position"])
        except (ValueError, KeyError, TypeError):  # somebody's own; the verifier names it
            continue
    return None


def _line(row: Checkpoint) -> bytes:
    line = {
        "position": row.position,
        "head": bytes(row.head).hex(),
        "at": row.at.isoformat(),
        "key": row.key_id,
        "signature": bytes(row.signature).hex(),
    }
    return (json.dumps(line) + "\n").encode()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
