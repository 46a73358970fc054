"""Candidates on their way: written durably before the caller hears of them, retried until the desk has them.

A key is stored once. A kill between writing and delivering repeats a delivery, never loses one; the desk recognises the
repetition by the key. A body that the desk refuses for good is kept apart and counted.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    key TEXT PRIMARY KEY,
    body BLOB NOT NULL,
    put_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL,
    refused INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due_at) WHERE refused IS NULL;
"""

# Doubling from two seconds to ten minutes: soon after a hiccup, gently after an outage.
FIRST_RETRY = timedelta(seconds=2)
LAST_RETRY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One body to deliver, and how often it was tried."""

    key: str
    body: bytes
    attempts: int


class Outbox:
    """A durable queue in one SQLite file. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        path.chmod(0o600)
        # FULL: a commit that was answered is on the disk, also after a power cut.
        self._db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; {_SCHEMA}")

    def put(self, key: str, body: bytes, now: datetime) -> bool:
        """Store a body once; False if its key is already waiting. Durable on return."""
        with self._transaction() as db:
            row = (key, body, now.timestamp(), now.timestamp())
            done = db.execute(
                "INSERT INTO outbox (key, body, put_at, due_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", row
            )
            return done.rowcount == 1

    def due(self, now: datetime, limit: int = 100) -> list[Waiting]:
        """The bodies whose time has come, oldest first."""
        query = "SELECT key, body, attempts FROM outbox WHERE refused IS NULL AND due_at <= ? ORDER BY put_at LIMIT ?"
        with self._transaction() as db:
            return [Waiting(*row) for row in db.execute(query, (now.timestamp(), limit))]

    def delivered(self, key: str) -> None:
        """The desk has it: forget it."""
        with self._transaction() as db:
            db.execute("DELETE FROM outbox WHERE key = ?", (key,))

    def failed(self, one: Waiting, now: datetime) -> None:
        """Try again later, with growing patience."""
        wait = min(FIRST_RETRY * 2 ** min(one.attempts, 20), LAST_RETRY)
        with self._transaction() as db:
            due = (now + wait).timestamp()
            db.execute("UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE key = ?", (due, one.key))

    def refused(self, key: str, status: int) -> None:
        """The desk will never take it; keep it for a human being."""
        with self._transaction() as db:
            db.execute("UPDATE outbox SET refused = ? WHERE key = ?", (status, key))

    def counts(self) -> tuple[int, int]:
        """(waiting, refused)."""
        with self._transaction() as db:
            everything, refused = db.execute("SELECT COUNT(*), COUNT(refused) FROM outbox").fetchone()
            return int(everything) - int(refused), int(refused)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._db
