"""What a person views next: items that nobody graded, or that wait for a second view, those with most signs first."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from tutela.forensics.case_folder.case import Case
from tutela.forensics.grades.grade_book import GradeBook
from tutela.forensics.grades.near_copies import NearCopies
from tutela.forensics.items.classes import ItemClass, ItemKind

_WAITING = """
FROM item JOIN file ON file.id = item.file JOIN device ON device.id = file.device
WHERE item.class IN (SELECT value FROM json_each(?)) AND item.kind IN (?, ?)
  AND item.sha256 NOT IN (SELECT value FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM standing WHERE standing.sha256 = item.sha256 AND (? = '' OR standing.person = ?))
  AND (? = '' OR EXISTS (SELECT 1 FROM standing WHERE standing.sha256 = item.sha256))
"""
_NEXT = f"SELECT item.*, device.label AS device {_WAITING} ORDER BY item.score DESC, item.id LIMIT 1"
_LEFT = f"SELECT count(DISTINCT item.sha256) {_WAITING}"
VIEWED = (ItemClass.UNKNOWN, ItemClass.SAME_SERIES, ItemClass.NEAR_KNOWN)


@dataclass(frozen=True, slots=True)
class QueuedItem:
    """An item to view. `near_to` is the item that the person graded before, if this one was proposed as its copy."""

    sha256: str
    name: str
    device: str
    format: str
    item_class: str
    category: str
    signs: tuple[str, ...]
    violent: bool
    copies: int
    near_to: str = ""


class ViewQueue:
    """The queue of one person. `second`: items that another person graded."""

    def __init__(self, case: Case, person: str, *, second: bool = False) -> None:
        self._case, self._person, self._second = case, person, second
        self._near, self._proposed, self._skipped = NearCopies(case), list[tuple[str, str]](), set[str]()

    def next_item(self) -> QueuedItem | None:
        """The next item; None when there is no more."""
        while self._proposed:
            sha256, near_to = self._proposed.pop(0)
            if sha256 not in self._skipped and self._waits(sha256):
                return self.item(sha256, near_to)
        rows = self._case.rows(_NEXT, self._wanted())
        return self._queued(rows[0]) if rows else None

    def left(self) -> int:
        """Different items that wait for this person."""
        return self._case.count(_LEFT, self._wanted())

    def _wanted(self) -> tuple[str, ...]:
        # A first view passes over whatever was graded; a second view over what this person graded.
        other = self._person if self._second else ""
        classes, skipped = json.dumps(VIEWED), json.dumps(sorted(self._skipped))
        return (classes, ItemKind.PICTURE, ItemKind.VIDEO, skipped, other, self._person, other)

    def item(self, sha256: str, near_to: str = "") -> QueuedItem | None:
        """One item by its digest."""
        query = (
            "SELECT item.*, device.label AS device FROM item JOIN file ON file.id = item.file"
            " JOIN device ON device.id = file.device WHERE item.sha256 = ? ORDER BY item.id LIMIT 1"
        )
        rows = self._case.rows(query, (sha256,))
        return self._queued(rows[0], near_to) if rows else None

    def skip(self, sha256: str) -> None:
        """Leave an item for another session."""
        self._skipped.add(sha256)

    def propose_near(self, sha256: str) -> int:
        """Put the near copies of a graded item first; returns their number."""
        found = [(name, sha256) for name, _ in self._near.find(sha256) if self._waits(name)]
        self._proposed = found + self._proposed
        return len(found)

    def record_view(self, sha256: str, seconds: float, at: datetime) -> None:
        """Count a view, for the person alone."""
        values = (sha256, self._person, seconds, at.isoformat())
        self._case.connection.execute("INSERT INTO viewing (sha256, person, seconds, at) VALUES (?, ?, ?, ?)", values)

    def mark_violent(self, sha256: str, at: datetime) -> None:
        """Warn whoever views the item next."""
        values = (sha256, self._person, at.isoformat())
        self._case.connection.execute("INSERT OR IGNORE INTO violence VALUES (?, ?, ?)", values)

    def views(self) -> tuple[int, int]:
        """(views, different items) of this person."""
        query = "SELECT count(*), count(DISTINCT sha256) FROM viewing WHERE person = ?"
        row = self._case.rows(query, (self._person,))[0]
        return int(row[0]), int(row[1])

    def _waits(self, sha256: str) -> bool:
        """Whether this view is still to be had: the first of all, or the second by another person."""
        grade = GradeBook(self._case).find(sha256)
        if self._second:
            return grade is not None and self._person not in grade.people
        return grade is None

    def _queued(self, row: sqlite3.Row, near_to: str = "") -> QueuedItem:
        sha256 = str(row["sha256"])
        return QueuedItem(
            sha256,
            str(row["name"]),
            str(row["device"]),
            str(row["format"]).lower(),
            str(row["class"]),
            str(row["category"]),
            tuple(json.loads(row["signs"])),
            bool(self._case.count("SELECT count(*) FROM violence WHERE sha256 = ?", (sha256,))),
            self._case.count("SELECT count(*) FROM item WHERE sha256 = ?", (sha256,)),
            near_to,
        )
