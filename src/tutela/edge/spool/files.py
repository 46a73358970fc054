"""SQLite file under every queue of an Edge: durable on commit, shared by threads and processes."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from types import TracebackType

from tutela.edge.errors import SettingsError, SpoolDamagedError
from tutela.edge.spool.encryption import Sealer

# Another process holds the file only for the moment of its commit.
_PATIENCE_SECONDS = 30
_MARK = b"tutela"


class Spool:
    """One connection behind a lock; `with spool as db` is one turn on it, each statement its own transaction."""

    def __init__(self, path: Path, schema: str, sealer: Sealer) -> None:
        """Open or create the file. Raises SettingsError if its contents were sealed with another key."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, check_same_thread=False, isolation_level=None)
        path.chmod(0o600)
        # FULL: a commit that was answered is on the disk, also after a power cut.
        self._db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; {schema}")
        self._db.execute("CREATE TABLE IF NOT EXISTS seal (id INTEGER PRIMARY KEY CHECK (id = 1), mark BLOB) STRICT")
        self._db.execute("INSERT INTO seal VALUES (1, ?) ON CONFLICT DO NOTHING", (sealer.seal(_MARK, _MARK),))
        (mark,) = self._db.execute("SELECT mark FROM seal").fetchone()
        try:
            sealer.open(mark, _MARK)
        except SpoolDamagedError:
            self._db.close()
            raise SettingsError(f"{path} was sealed with another key (TUTELA_EDGE_KEY_FILE).") from None

    def __enter__(self) -> sqlite3.Connection:
        self._lock.acquire()
        return self._db

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lock.release()

    def together(self, statement: str, rows: list[tuple[object, ...]]) -> int:
        """The statement for every row, all or none, durable on return; answers how many rows it changed."""
        with self as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                done = db.executemany(statement, rows)
                db.execute("COMMIT")
            except BaseException:
                # A full disk may already have ended the transaction; after a failed commit it is still open. Rolling
                # back lets the next call start cleanly.
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            return done.rowcount

    def close(self) -> None:
        """Give the file up."""
        with self._lock:
            self._db.close()
