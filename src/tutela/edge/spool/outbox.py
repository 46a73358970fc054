"""Outbox of candidates: written durably before the caller is answered, retried until delivered.

A key is stored once. A kill between writing and delivering can cause a second delivery, but never loses one; the desk
recognises the duplicate by the key. A body that the desk refuses for good is kept separately and counted. Keys and
bodies are stored sealed. Several processes may share the file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import structlog

from tutela.edge.errors import SpoolDamagedError
from tutela.edge.spool.encryption import Sealer
from tutela.edge.spool.files import Spool

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sealed_outbox (
    sink TEXT NOT NULL,
    name BLOB NOT NULL,
    body BLOB NOT NULL,
    put_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL,
    refused INTEGER,
    PRIMARY KEY (sink, name)
) STRICT;
CREATE INDEX IF NOT EXISTS sealed_outbox_due ON sealed_outbox (due_at) WHERE refused IS NULL;
"""

_log = structlog.get_logger("tutela.edge")
# Doubling from two seconds to ten minutes: soon after a hiccup, gently after an outage.
FIRST_RETRY = timedelta(seconds=2)
LAST_RETRY = timedelta(minutes=10)


class CandidateSink(StrEnum):
    """Destination of candidates. Every destination has its own copy of each candidate and its own delivery."""

    DESK = "desk"
    WEBHOOK = "webhook"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """One body to deliver, and how often it was tried."""

    key: str
    body: bytes
    attempts: int


class Outbox:
    """A durable queue in one SQLite file. Safe to share between threads and processes."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self._sealer = sealer
        self._db = Spool(path, _SCHEMA, sealer)

    def put(self, key: str, body: bytes, now: datetime, sinks: Sequence[CandidateSink] = (CandidateSink.DESK,)) -> bool:
        """Store a body once for each sink; False if its key is already waiting. Durable on return, all or none."""
        name = self._sealer.name(key)
        content = self._sealer.seal(json.dumps({"key": key}).encode() + b"\n" + body, name)
        rows: list[tuple[object, ...]] = [(sink, name, content, now.timestamp(), now.timestamp()) for sink in sinks]
        statement = (
            "INSERT INTO sealed_outbox (sink, name, body, put_at, due_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        )
        return self._db.together(statement, rows) > 0

    def due(self, now: datetime, limit: int = 100, sink: CandidateSink = CandidateSink.DESK) -> list[WaitingMessage]:
        """The bodies for a sink whose time has come, oldest first. One that does not open is counted and kept apart."""
        # No pause is longer than the longest: what lies further ahead was planned by a clock that stood wrong.
        query = (
            "SELECT name, body, attempts FROM sealed_outbox WHERE sink = ? AND refused IS NULL"
            " AND (due_at <= ? OR due_at > ?) ORDER BY put_at LIMIT ?"
        )
        moments = (now.timestamp(), (now + LAST_RETRY).timestamp())
        while True:
            with self._db as db:
                rows = db.execute(query, (sink, *moments, limit)).fetchall()
            # An empty answer means that nothing is due, so an unreadable page must not end the search: more rows may
            # follow.
            if (found := [one for row in rows if (one := self._opened(sink, *row))]) or not rows:
                return found

    def delivered(self, key: str, sink: CandidateSink = CandidateSink.DESK) -> None:
        """The sink has it: forget it."""
        self._change("DELETE FROM sealed_outbox WHERE sink = ? AND name = ?", sink, self._sealer.name(key))

    def failed(self, one: WaitingMessage, now: datetime, sink: CandidateSink = CandidateSink.DESK) -> None:
        """Try again later, with growing patience."""
        due = (now + min(FIRST_RETRY * 2 ** min(one.attempts, 20), LAST_RETRY)).timestamp()
        statement = "UPDATE sealed_outbox SET attempts = attempts + 1, due_at = ? WHERE sink = ? AND name = ?"
        self._change(statement, due, sink, self._sealer.name(one.key))

    def hasten(self, now: datetime, sink: CandidateSink = CandidateSink.DESK) -> None:
        """The sink is back: everything that waits for it is due."""
        statement = "UPDATE sealed_outbox SET due_at = ? WHERE sink = ? AND refused IS NULL AND due_at > ?"
        self._change(statement, now.timestamp(), sink, now.timestamp())

    def refused(self, key: str, status: int, sink: CandidateSink = CandidateSink.DESK) -> None:
        """The sink will never take it; keep it for a human being."""
        statement = "UPDATE sealed_outbox SET refused = ? WHERE sink = ? AND name = ?"
        self._change(statement, status, sink, self._sealer.name(key))

    def counts(self) -> tuple[int, int]:
        """(waiting, refused)."""
        with self._db as db:
            everything, refused = db.execute("SELECT COUNT(*), COUNT(refused) FROM sealed_outbox").fetchone()
            return int(everything) - int(refused), int(refused)

    def close(self) -> None:
        self._db.close()

    def _change(self, statement: str, *values: object) -> None:
        with self._db as db:
            db.execute(statement, values)

    def _opened(self, sink: CandidateSink, name: bytes, sealed: bytes, attempts: int) -> WaitingMessage | None:
        try:
            head, _, body = self._sealer.open(sealed, name).partition(b"\n")
        except SpoolDamagedError:
            _log.error("candidate not decryptable, set aside", sink=sink)
            self._change("UPDATE sealed_outbox SET refused = 0 WHERE sink = ? AND name = ?", sink, name)
            return None
        return WaitingMessage(json.loads(head)["key"], body, attempts)
