"""A case: its database, its authorisation, its devices, and facts about it.

A transaction of SQLite is whole on the disk or not there: a kill at any moment costs at most the files in work. The
folder belongs to the person alone (mode 700).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import NAMESPACE_OID, UUID, uuid5

from tutela.forensics.authorisation import Authorisation, parse_authorisation
from tutela.forensics.errors import CaseExistsError, NoCaseError

DATABASE, LISTS = "case.db", "lists"
_VERSION = 1


class Case:
    """An open case. Safe for one thread; of several, the caller holds a lock."""

    def __init__(self, folder: Path) -> None:
        """Open a case. Raises NoCaseError."""
        path = folder / DATABASE
        if not path.is_file():
            raise NoCaseError(f"{folder}.")
        self.folder = folder
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)
        self.connection.row_factory = sqlite3.Row
        try:
            self.connection.execute("PRAGMA synchronous = FULL")
            known = self.connection.execute("PRAGMA user_version").fetchone()[0] == _VERSION
            self.authorisation = parse_authorisation(self.fact("authorisation").encode()) if known else None
        except sqlite3.DatabaseError:
            known = False
        if not known:
            self.connection.close()
            raise NoCaseError(f"{folder}.")

    @classmethod
    def create(cls, folder: Path, authorisation: Authorisation, *, now: datetime, support: str = "") -> Self:
        """Make the folder and its database. Raises CaseExistsError."""
        if folder.exists() and any(folder.iterdir()):
            raise CaseExistsError(f"{folder}.")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        (folder / LISTS).mkdir(mode=0o700)
        connection = sqlite3.connect(folder / DATABASE, isolation_level=None)
        connection.executescript(
            f"BEGIN;{(Path(__file__).parent / 'schema.sql').read_text()};PRAGMA user_version = {_VERSION};COMMIT;"
        )
        facts = {"authorisation": authorisation.text, "started_at": now.isoformat(), "support": support}
        connection.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
        connection.close()
        return cls(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    @property
    def allowed(self) -> Authorisation:
        """The authorisation of the case."""
        assert self.authorisation is not None
        return self.authorisation

    @property
    def case_id(self) -> UUID:
        """ID of the case, the same for the same authorisation: exports of a repeated run are the same bytes."""
        return uuid5(NAMESPACE_OID, f"tutela-triage:{self.allowed.sha256}")

    def fact(self, name: str) -> str:
        """A fact about the case; empty if it was not recorded."""
        row = self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_fact(self, name: str, value: str) -> None:
        """Record a fact about the case."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes in the block, or none."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query that has few."""
        return self.connection.execute(query, values).fetchall()

    def each(self, query: str, values: Sequence[Any] = ()) -> Iterator[sqlite3.Row]:
        """The rows of a query one by one, however many there are."""
        yield from self.connection.execute(query, values)

    def count(self, query: str, values: Sequence[Any] = ()) -> int:
        """The one number that a query gives; 0 for none."""
        return int(self.connection.execute(query, values).fetchone()[0] or 0)

    @property
    def ended(self) -> bool:
        """Whether every file of every device was read or counted as unread. Something may be lost (`losses`)."""
        return self.fact("complete") == "yes"
