"""Decisions of the provider's own people: negatives, confirmed items, entries hidden for a time.

A decision is a row with an author, a time and a reason, and is never changed; undoing adds a row. Rows are stored
sealed. Every process reads all rows and derives the same state from them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

from tutela.edge.spool.encryption import Sealer
from tutela.edge.spool.files import Spool
from tutela.exchange.message.timestamps import Moment

_SCHEMA = """
CREATE TABLE IF NOT EXISTS decisions (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL) STRICT;
"""
# Ids of items that people added, derived from their row.
_SPACE = UUID("5b0c4ad1-7f5e-4c39-8d5e-0f6a3f5c9b11")

type Hex = Annotated[str, Field(pattern=r"^[0-9a-f]+$")]


class DecisionKind(StrEnum):
    """A negative is no known item, whatever lists say; a confirmed item is one, if unlisted too."""

    NEGATIVE = "negative"
    CONFIRMED = "confirmed"
    HIDDEN = "hidden"
    SHOWN = "shown"
    WITHDRAWN = "withdrawn"


class StoredDecision(BaseModel):
    """One row. `client` is the number of the caller's token; `target` names the row that is withdrawn."""

    model_config = ConfigDict(frozen=True)

    kind: DecisionKind
    at: Moment
    client: int
    reason: Annotated[str, Field(min_length=1, max_length=255)]
    signals: dict[str, Hex] = {}
    metadata: dict[str, Any] = {}
    list_id: str = ""
    entry_id: UUID | None = None
    until: Moment | None = None
    target: int = 0


@dataclass(frozen=True, slots=True)
class DecidedItem:
    """An item that people added, with the number of its row."""

    number: int
    decision: StoredDecision

    @property
    def entry_id(self) -> UUID:
        return uuid5(_SPACE, str(self.number))


@dataclass(frozen=True, slots=True)
class Curated:
    """Decisions in force. `hidden` is by list; a decision without an end has None."""

    negatives: tuple[DecidedItem, ...] = ()
    confirmed: tuple[DecidedItem, ...] = ()
    hidden: dict[tuple[str, UUID], StoredDecision] = field(default_factory=dict)
    rows: int = 0

    def hidden_now(self, now: datetime) -> dict[str, frozenset[UUID]]:
        """The entries of each list that may not be answered at this moment."""
        found: dict[str, set[UUID]] = {}
        for (list_id, entry), decision in self.hidden.items():
            if decision.until is None or now < decision.until:
                found.setdefault(list_id, set()).add(entry)
        return {list_id: frozenset(entries) for list_id, entries in found.items()}

    def item(self, number: int) -> DecidedItem | None:
        """The item of a row, while it stands."""
        return next((one for one in (*self.negatives, *self.confirmed) if one.number == number), None)


class Curation:
    """The rows, in one file shared by all processes of an Edge."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self._sealer, self._db = sealer, Spool(path, _SCHEMA, sealer)
        self._lock = threading.Lock()
        self._state = Curated()

    def decide(self, decision: StoredDecision) -> int:
        """Store a decision, durably; answers the number of its row."""
        with self._db as db:
            body = self._sealer.seal(decision.model_dump_json().encode(), b"decision")
            return int(db.execute("INSERT INTO decisions (body) VALUES (?)", (body,)).lastrowid or 0)

    def state(self) -> Curated:
        """Result of all rows. Reads only new rows. Raises SpoolDamagedError."""
        with self._lock:
            with self._db as db:
                rows = db.execute("SELECT id, body FROM decisions WHERE id > ? ORDER BY id", (self._state.rows,))
                fresh = rows.fetchall()
            if fresh:
                opened = [(number, self._sealer.open(body, b"decision")) for number, body in fresh]
                read = [(number, StoredDecision.model_validate_json(body)) for number, body in opened]
                self._state = folded(self._state, read)
            return self._state

    def close(self) -> None:
        self._db.close()


def folded(state: Curated, rows: Iterable[tuple[int, StoredDecision]]) -> Curated:
    """The state after more rows, in their order."""
    items = {one.number: one for one in (*state.negatives, *state.confirmed)}
    hidden, last = dict(state.hidden), state.rows
    for number, decision in rows:
        last = number
        match decision.kind:
            case DecisionKind.NEGATIVE | DecisionKind.CONFIRMED:
                items[number] = DecidedItem(number, decision)
            case DecisionKind.WITHDRAWN:
                items.pop(decision.target, None)
            case DecisionKind.HIDDEN if decision.entry_id is not None:
                hidden[decision.list_id, decision.entry_id] = decision
            case DecisionKind.SHOWN if decision.entry_id is not None:
                hidden.pop((decision.list_id, decision.entry_id), None)
    standing = sorted(items.values(), key=lambda one: one.number)
    negatives = tuple(one for one in standing if one.decision.kind is DecisionKind.NEGATIVE)
    confirmed = tuple(one for one in standing if one.decision.kind is DecisionKind.CONFIRMED)
    return Curated(negatives, confirmed, hidden, last)
