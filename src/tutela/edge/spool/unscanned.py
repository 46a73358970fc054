"""What went by unscanned and is still to be scanned: references and hashes, never media. Durable and sealed.

An item is known by its name and by one of two things: its hashes, when no list could be asked, or the place where its
bytes can be had again, when it was not even hashed. It leaves the queue once it was scanned, or once its bytes are
gone for good; both are counted. What was put at a place while that was being scanned is scanned again.

An item that no decoder could hash is set aside for a person, with its digests and the code of the refusal, until
somebody says that it was looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, NamedTuple

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tutela.edge.errors import QueueFullError, SpoolDamagedError
from tutela.edge.spool.candidates import NamedItem
from tutela.edge.spool.encryption import Sealer
from tutela.edge.spool.files import Spool
from tutela.exchange.message.timestamps import Moment
from tutela.media import Digests, FrameHash, Hashed, Refused
from tutela.media.results import Code, Window, WindowKind
from tutela.scan.outcome import code_of

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


class _Window(BaseModel):
    kind: WindowKind
    box: tuple[float, float, float, float]
    quality: int
    variants: tuple[str, ...]
    structures: tuple[str, ...]


class _Frame(BaseModel):
    index: int
    quality: int
    variants: tuple[str, ...]
    structures: tuple[str, ...] = ()
    windows: tuple[_Window, ...] = ()
    time_ms: int | None = None


class _Hashes(BaseModel):
    md5: str
    sha1: str
    sha256: str
    size: int
    format: str = ""
    width: int = 0
    height: int = 0
    frames: tuple[_Frame, ...] = ()
    refused: str = ""
    notes: tuple[str, ...] = ()


class Unscanned(BaseModel):
    """One item to scan later. `at` is when it went by, `tenant` the caller that named it."""

    model_config = ConfigDict(frozen=True)

    item: str
    account: str | None = None
    service: str | None = None
    channel: str | None = None
    at: Moment
    location: str | None = None
    hashes: _Hashes | None = None
    tenant: str = ""
    # Why it could not even be fetched.
    reason: str | None = None
    attempts: Annotated[int, Field(exclude=True)] = 0

    @property
    def named(self) -> NamedItem:
        return NamedItem(self.item, self.account, self.service, self.channel)

    def key(self) -> str:
        """What makes it another entry: the names of one caller say nothing about those of another."""
        known = self.hashes
        return json.dumps([self.tenant, self.item, self.location or "", known.sha256 if known else ""])

    @property
    def code(self) -> str:
        """Why a person is to look at it, in one word."""
        result = self.result()
        return self.reason or (code_of(result) if result else "no_frames")

    def result(self) -> Hashed | Refused | None:
        """What the hasher said when the item went by; None if it was not hashed."""
        known = self.hashes
        if known is None:
            return None
        digests = Digests(known.md5, known.sha1, known.sha256, known.size)
        if known.refused:
            return Refused(digests, Code(known.refused), "")
        frames = tuple(_frame(one) for one in known.frames)
        return Hashed(digests, known.format, known.width, known.height, frames, known.notes)


def unscanned(
    named: NamedItem, at: datetime, *, result: Hashed | Refused | None, location: str | None, tenant: str = ""
) -> Unscanned:
    """The entry for an item of which this much is known."""
    return Unscanned(
        item=named.item,
        account=named.account,
        service=named.service,
        channel=named.channel,
        at=at,
        location=location,
        hashes=_hashes_of(result),
        tenant=tenant,
    )


def _hashes_of(result: Hashed | Refused | None) -> _Hashes | None:
    """What the hasher found; None where it did not even read the file."""
    if result is None or result.digests is None:
        return None
    d, looks = result.digests, result.frames if isinstance(result, Hashed) else ()
    frames = tuple(
        _Frame(
            index=f.index,
            quality=f.quality,
            variants=_hex(f.variants),
            structures=_hex(f.structures),
            time_ms=f.time_ms,
            windows=tuple(
                _Window(
                    kind=w.kind,
                    box=w.box,
                    quality=w.quality,
                    variants=_hex(w.variants),
                    structures=_hex(w.structures),
                )
                for w in f.windows
            ),
        )
        for f in looks
    )
    hashes = _Hashes(md5=d.md5, sha1=d.sha1, sha256=d.sha256, size=d.size, frames=frames)
    if isinstance(result, Hashed):
        about = {"format": result.format, "width": result.width, "height": result.height, "notes": result.notes}
        return hashes.model_copy(update=about)
    return hashes.model_copy(update={"refused": str(result.code)})


class QueueEntry(NamedTuple):
    """Where an entry lies: its sealed name, and its sealed body, which is another each time that it is put."""

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
        """What may be tried now, oldest first, each with the place to settle it by. What does not open waits apart."""
        # What is due later than any retry was put off by a clock that ran ahead.
        query = "SELECT name, body, attempts FROM unscanned WHERE due_at <= ? OR due_at > ? ORDER BY due_at LIMIT ?"
        moments = (now.timestamp(), (now + LAST_RETRY).timestamp())
        while True:
            with self._db as db:
                rows = db.execute(query, (*moments, limit)).fetchall()
            found = [(place, one) for *at, tried in rows if (one := self._opened(place := QueueEntry(*at), tried, now))]
            # An empty answer says that nothing is due: behind a page of what does not open there may be more.
            if found or not rows:
                return found

    def _opened(self, place: QueueEntry, attempts: int, now: datetime) -> Unscanned | None:
        try:
            entry = Unscanned.model_validate_json(self._sealer.open(place.body, place.name))
        except (SpoolDamagedError, ValidationError) as error:
            _log.error("an unscanned entry does not open and waits apart", reason=type(error).__name__)
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
        """How many wait, and the POSIX time at which the oldest went by (0 if none)."""
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
        """What waits for a person, oldest first. Raises SpoolDamagedError for an entry that does not open."""
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
        """How many wait for a person."""
        with self._db as db:
            return int(db.execute("SELECT COUNT(*) FROM undecoded").fetchone()[0])

    def close(self) -> None:
        self._db.close()


def _frame(one: _Frame) -> FrameHash:
    variants = _bytes(one.variants)
    windows = tuple(Window(w.kind, w.box, w.quality, _bytes(w.variants), _bytes(w.structures)) for w in one.windows)
    pdq = variants[0] if variants else b""
    return FrameHash(one.index, pdq, one.quality, variants, _bytes(one.structures), windows, one.time_ms)


def _hex(hashes: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(one.hex() for one in hashes)


def _bytes(texts: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(text) for text in texts)
