"""Queue of unscanned items to scan later: references and hashes, never media. Durable and sealed.

An item is identified by its name and one of two things. The first is its hashes, if no list was available. The second
is the place where its bytes can be fetched again, if the item was not hashed. The item leaves the queue once it was
scanned, or once its bytes are gone for good; both are counted. If new bytes are put at a place during the scan, that
place is scanned again.

An item that no decoder could hash is set aside for a person, with its digests and the code of the refusal, until
somebody confirms the review.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import structlog
from pydantic import ValidationError

from tutela.edge.errors import QueueFullError, SpoolDamagedError
from tutela.edge.spool.encryption import Sealer
from tutela.edge.spool.files import Spool
from tutela.edge.spool.unscanned_entry import Unscanned

_SCHEMA = """
CREATE TABLE IF NOT EXISTS unscanned (
    name BLOB PRIMARY KEY,
    body BLOB NOT NULL,
    put_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS unscanned_due ON unscanned (due_at);
CREATE INDEX IF NOT EXISTS unscanned_put ON unscanned (put_at);
-- How many there are, kept as they come and go: counting a million rows for each upload would be felt.
CREATE TABLE IF NOT EXISTS unscanned_count (id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL) STRICT;
INSERT INTO unscanned_count SELECT 1, COUNT(*) FROM unscanned WHERE true ON CONFLICT DO NOTHING;
CREATE TRIGGER IF NOT EXISTS unscanned_more AFTER INSERT ON unscanned
BEGIN UPDATE unscanned_count SET n = n + 1; END;
CREATE TRIGGER IF NOT EXISTS unscanned_less AFTER DELETE ON unscanned
BEGIN UPDATE unscanned_count SET n = n - 1; END;
-- What no decoder could hash and no later scan could either: a person looks at it.
CREATE TABLE IF NOT EXISTS undecoded (name BLOB PRIMARY KEY, body BLOB NOT NULL, put_at REAL NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS undecoded_put ON undecoded (put_at);
"""
_log = structlog.get_logger("tutela.edge")
FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(hours=1)
# After so many attempts a retry is the last that there is: an hour later, then each hour.
_PATIENT = 20


class QueueEntry(NamedTuple):
    """Place of an entry: its sealed name, and its sealed body, which differs each time that it is put."""

    name: bytes
    body: bytes

    @property
    def id(self) -> str:
        """A name for people."""
        return self.name.hex()[:16]


class UnscannedQueue:
    """The queue, in one file shared by all processes of an Edge."""

    def __init__(self, path: Path, sealer: Sealer, most: int) -> None:
        self._sealer, self._most, self._db = sealer, most, Spool(path, _SCHEMA, sealer)

    def put(self, entries: list[Unscanned]) -> int:
        """Store entries, each item and place once; answers how many are new. Durable on return, all or none.

        A place that waits already is due again, as it is now. Raises QueueFullError if they do not fit any more: then
        nothing may pass unscanned.
        """
        rows: list[tuple[object, ...]] = []
        again: list[tuple[object, ...]] = []
        for one in entries:
            name = self._sealer.name(one.key())
            body = self._sealer.seal(one.model_dump_json(exclude_none=True).encode(), name)
            rows.append((name, body, one.at.timestamp(), one.at.timestamp()))
            if one.hashes is None:
                again.append((body, one.at.timestamp(), name))
        if self.waiting()[0] + len(rows) > self._most:
            raise QueueFullError
        if again:
            self._db.together("UPDATE unscanned SET body = ?, due_at = ?, attempts = 0 WHERE name = ?", again)
        statement = "INSERT INTO unscanned (name, body, put_at, due_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        return self._db.together(statement, rows)

    def due(self, now: datetime, limit: int = 64) -> list[tuple[QueueEntry, Unscanned]]:
        """Entries to try now, oldest first, each with the place to settle it by.

        An entry that does not open is postponed.
        """
        # What is due later than any retry was put off by a clock that ran ahead.
        query = "SELECT name, body, attempts FROM unscanned WHERE due_at <= ? OR due_at > ? ORDER BY due_at LIMIT ?"
        moments = (now.timestamp(), (now + LAST_RETRY).timestamp())
        while True:
            with self._db as db:
                rows = db.execute(query, (*moments, limit)).fetchall()
            found = [(place, one) for *at, tried in rows if (one := self._opened(place := QueueEntry(*at), tried, now))]
            # An empty answer means that nothing is due, so an unreadable page must not end the search: more rows may
            # follow.
            if found or not rows:
                return found

    def _opened(self, place: QueueEntry, attempts: int, now: datetime) -> Unscanned | None:
        try:
            entry = Unscanned.model_validate_json(self._sealer.open(place.body, place.name))
        except (SpoolDamagedError, ValidationError) as error:
            _log.error("unscanned entry not decryptable, set aside", reason=type(error).__name__)
            self.failed(place, _PATIENT, now)
            return None
        return entry.model_copy(update={"attempts": attempts})

    def settled(self, place: QueueEntry) -> None:
        """The item was scanned, or never can be. What was put there since stays."""
        with self._db as db:
            db.execute("DELETE FROM unscanned WHERE name = ? AND body = ?", place)

    def failed(self, place: QueueEntry, attempts: int, now: datetime) -> None:
        """Try again later, with growing patience. What was put there since is due as it was."""
        due = (now + min(FIRST_RETRY * 2 ** min(attempts, _PATIENT), LAST_RETRY)).timestamp()
        statement = "UPDATE unscanned SET attempts = attempts + 1, due_at = ? WHERE name = ? AND body = ?"
        with self._db as db:
            db.execute(statement, (due, *place))

    def waiting(self) -> tuple[int, float]:
        """The number of pending items, and the POSIX time at which the oldest passed (0 if none)."""
        with self._db as db:
            (count,) = db.execute("SELECT n FROM unscanned_count").fetchone()
            (oldest,) = db.execute("SELECT MIN(put_at) FROM unscanned").fetchone()
            return int(count), float(oldest or 0)

    def set_aside(self, entry: Unscanned) -> None:
        """Keep an item for a person, once. Durable on return. Raises QueueFullError."""
        if self.count_aside() >= self._most:
            raise QueueFullError
        name = self._sealer.name(f"undecoded\n{entry.key()}")
        body = self._sealer.seal(entry.model_dump_json(exclude_none=True).encode(), name)
        statement = "INSERT INTO undecoded VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body"
        self._db.together(statement, [(name, body, entry.at.timestamp())])

    def aside(self) -> Iterator[tuple[QueueEntry, Unscanned]]:
        """Items that wait for a person, oldest first. Raises SpoolDamagedError for an entry that does not open."""
        last: tuple[float, bytes] = (-1.0, b"")
        query = "SELECT put_at, name, body FROM undecoded WHERE (put_at, name) > (?, ?) ORDER BY put_at, name LIMIT 500"
        while True:
            with self._db as db:
                rows = db.execute(query, last).fetchall()
            for put_at, name, body in rows:
                last = put_at, name
                yield QueueEntry(name, body), Unscanned.model_validate_json(self._sealer.open(body, name))
            if not rows:
                return

    def looked_at(self, place: QueueEntry) -> None:
        """A person has looked at the item, or it is scanned again; what was set aside there since stays."""
        with self._db as db:
            db.execute("DELETE FROM undecoded WHERE name = ? AND body = ?", place)

    def count_aside(self) -> int:
        """The number of items that wait for a person."""
        with self._db as db:
            return int(db.execute("SELECT COUNT(*) FROM undecoded").fetchone()[0])

    def close(self) -> None:
        self._db.close()
