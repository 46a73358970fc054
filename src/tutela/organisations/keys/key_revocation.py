"""Revoke a data key: reseal everything that it sealed, then delete the key.

1. The key is marked in the keyset: nothing more is sealed by it, and a new key replaces it if it was current.
2. Every column and file that a domain registered here is read; values sealed by the key are resealed by the current
   one.
3. When each transaction has ended that may have begun before step 1, step 2 is repeated.
4. The key is deleted. After an interruption at any point, the whole procedure is restarted and finds the rest.

The caller must then make a new backup and destroy the old ones, which hold the key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from tutela.events.errors import Invalid
from tutela.organisations.keys.envelope_encryption import ID, keyset, unwrap, wrap

ROWS_AT_ONCE = 1000
# A transaction that is open for longer than this is somebody's mistake.
PATIENCE_SECONDS = 120
_UPDATES = 16  # of pg_trigger.tgtype


class StillOpen(Invalid):
    """A transaction that began before the key was revoked is still open. End it and revoke the key again."""


@dataclass(frozen=True)
class Column:
    """A sealed column of a table. `purpose` is made from the row's other columns, which `reads` names."""

    model: str
    field: str
    purpose: Callable[..., str]
    reads: tuple[str, ...] = ()


COLUMNS: list[Column] = []
FILES: list[Callable[[bytes], int]] = []


def column(model: str, field: str, purpose: str | Callable[..., str], *reads: str) -> None:
    """Name a sealed column and the purpose it is sealed for. For `app/wiring.py`."""
    COLUMNS.append(Column(model, field, purpose if callable(purpose) else lambda: purpose, reads))


def files(reseal: Callable[[bytes], int]) -> None:
    """Register a store other than a column, for `app/wiring.py`.

    Its function reseals everything that a key sealed and returns how many values.
    """
    FILES.append(reseal)


def everything(key_id: str) -> int:
    """Run steps 2 and 3, as the role that owns the tables.

    Returns how many values were resealed. Raises `StillOpen`.
    """
    old = bytes.fromhex(key_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        mark = cursor.fetchone()[0]
    done = _pass(old)
    _wait_for(mark)
    return done + _pass(old)


def renewed(value: bytes, old: bytes, purpose: str) -> bytes | None:
    """Reseal a value; None if another key sealed it."""
    return wrap(unwrap(value, purpose), purpose) if value[:ID] == old else None


def renew_file(path: Path, old: bytes, purpose: str, write: Callable[[Path, bytes], None]) -> int:
    """Reseal a whole file: 1 if it was resealed, 0 if another key sealed it."""
    with path.open("rb") as file:
        if file.read(ID) != old:
            return 0
    write(path, renewed(path.read_bytes(), old, purpose) or b"")
    return 1


def _pass(old: bytes) -> int:
    return sum(_column(one, old) for one in COLUMNS) + sum(reseal(old) for reseal in FILES)


def _column(one: Column, old: bytes) -> int:
    return sum(_batches(one, old))


def _batches(one: Column, old: bytes) -> Iterator[int]:
    """Batch by batch, each a transaction of its own: a node that is at work waits for one of them at most."""
    meta = apps.get_model(one.model)._meta
    names = {"table": sql.Identifier(meta.db_table), "field": sql.Identifier(one.field)}
    reads = sql.SQL("").join(sql.SQL(", {}").format(sql.Identifier(name)) for name in one.reads)
    find = sql.SQL(
        "SELECT id, {field}{reads} FROM {table} WHERE substring({field} FROM 1 FOR %s) = %s LIMIT %s FOR UPDATE"
    ).format(**names, reads=reads)
    change = sql.SQL("UPDATE {table} SET {field} = %s WHERE id = %s").format(**names)
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            guarded = _refuses_updates(cursor, meta.db_table)
            if guarded:
                cursor.execute(sql.SQL("ALTER TABLE {table} DISABLE TRIGGER USER").format(**names))
            cursor.execute(find, [ID, old, ROWS_AT_ONCE])
            rows = cursor.fetchall()
            cursor.executemany(
                change, [(renewed(bytes(value), old, one.purpose(*rest)), key) for key, value, *rest in rows]
            )
            if guarded:
                cursor.execute(sql.SQL("ALTER TABLE {table} ENABLE TRIGGER USER").format(**names))
        if not rows:
            return
        yield len(rows)


def _refuses_updates(cursor: Any, table: str) -> bool:
    cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgtype & %s > 0)",
        [f'"{table}"', _UPDATES],
    )
    return bool(cursor.fetchone()[0])


def _wait_for(mark: int) -> None:
    """Wait until every transaction that began before `mark` is over."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if cursor.fetchone()[0] > mark:
                return
        time.sleep(0.1)
    raise StillOpen


def revoke(key_id: str, reseal: Callable[[], int], note: Callable[[int], None]) -> int:
    """All four steps. `reseal` runs `everything` as the owner, `note` records before the key goes.

    Raises `Invalid` where this node has no such key.
    """
    keys = keyset()
    if key_id not in [one for one, _made, _state in keys.ids()]:
        raise Invalid("This data key does not exist on this node.", field="key_id")
    keys.retire(key_id)
    count = reseal()
    note(count)
    keys.drop(key_id)
    return count
