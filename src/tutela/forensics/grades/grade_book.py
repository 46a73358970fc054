"""The grade book of a case: each grade belongs to the bytes of an item, so it counts for every exact copy.

- Rows are only added. An undo takes back the person's own last grade.
- `graded`: one person. `confirmed`: two people agree in value and authenticity. `disputed`: they do not.
- `decided`: a person who graded neither way decided a dispute. A later grade that differs opens it again.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import DisputedError, GradeError

_VALUE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}:[\w.-]{1,60}")
_LONGEST_NAME = 200


class Authenticity(StrEnum):
    """What a person says of how an item came about, as in takedown."""

    REAL = "real"
    ALTERED = "altered"
    SYNTHETIC = "synthetic"
    UNCLEAR = "unclear"


class GradeState(StrEnum):
    """State of an item's grade."""

    GRADED = "graded"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Grade:
    """The grade of an item. `value` is `scheme:value`; of a disputed item it is empty."""

    sha256: str
    state: GradeState
    value: str = ""
    authenticity: str = ""
    people: tuple[str, ...] = ()


class GradeBook:
    """Grades of one case. The person and the time are given by the caller."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def grade(self, sha256: str, value: str, authenticity: str, *, person: str, at: datetime, origin: str = "") -> int:
        """Grade an item; returns the number of copies that the grade counts for. Raises GradeError."""
        _check(value, authenticity, person)
        with self._case.transaction():
            copies = self._copies(sha256)
            self._add(sha256, person, "grade", (value, authenticity, origin), at)
        return copies

    def undo(self, sha256: str, *, person: str, at: datetime) -> None:
        """Take back the person's own grade of an item. Raises GradeError where there is none."""
        with self._case.transaction():
            if person not in _standing(self._rows(sha256)):
                raise GradeError("There is no grade of this person to undo.")
            self._add(sha256, person, "undo", ("", "", ""), at)

    def decide(self, sha256: str, value: str, authenticity: str, *, person: str, at: datetime) -> None:
        """Decide a dispute, as a person who did not grade the item. Raises GradeError."""
        _check(value, authenticity, person)
        with self._case.transaction():
            found = self.find(sha256)
            if found is None or found.state is not GradeState.DISPUTED:
                raise GradeError("The item is not disputed.")
            if person in found.people:
                raise GradeError("A person who graded the item cannot decide the dispute.")
            self._add(sha256, person, "decide", (value, authenticity, ""), at)

    def find(self, sha256: str) -> Grade | None:
        """The grade of an item; None without."""
        return _settled(sha256, self._rows(sha256))

    def all_grades(self) -> Iterator[Grade]:
        """The grade of every graded item, by its digest."""
        rows = self._case.each("SELECT * FROM grade ORDER BY sha256, id")
        for sha256, group in groupby(rows, key=lambda row: str(row["sha256"])):
            if found := _settled(sha256, list(group)):
                yield found

    def disputes(self) -> list[Grade]:
        """Items that wait for a decision."""
        return [one for one in self.all_grades() if one.state is GradeState.DISPUTED]

    def require_no_dispute(self) -> None:
        """Raises DisputedError that names how many items are disputed."""
        if disputed := self.disputes():
            raise DisputedError(f"Disputed items: {len(disputed)}. The first: {disputed[0].sha256}.")

    def _rows(self, sha256: str) -> list[sqlite3.Row]:
        return self._case.rows("SELECT * FROM grade WHERE sha256 = ? ORDER BY id", (sha256,))

    def _copies(self, sha256: str) -> int:
        copies = self._case.count("SELECT count(*) FROM item WHERE sha256 = ?", (sha256,))
        if not copies:
            raise GradeError("The case has no such item.")
        return copies

    def _add(self, sha256: str, person: str, step: str, said: tuple[str, str, str], at: datetime) -> None:
        self._case.connection.execute(
            "INSERT INTO grade (sha256, person, step, value, authenticity, origin, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (sha256, person, step, *said, at.isoformat()),
        )


def _check(value: str, authenticity: str, person: str) -> None:
    if not _VALUE.fullmatch(value):
        raise GradeError("Write the value as scheme:value, such as be:1.")
    if authenticity not in {str(one) for one in Authenticity}:
        raise GradeError(f"Authenticity: choose from {', '.join(Authenticity)}.")
    if not person.strip() or len(person) > _LONGEST_NAME or not person.isprintable():
        raise GradeError("A person is required.")


def _standing(rows: Iterable[sqlite3.Row]) -> dict[str, tuple[str, str]]:
    """Value and authenticity of each person's grade that was not undone."""
    standing = dict[str, tuple[str, str]]()
    for row in rows:
        if row["step"] == "undo":
            standing.pop(row["person"], None)
        elif row["step"] == "grade":
            standing[row["person"]] = (row["value"], row["authenticity"])
    return standing


def _settled(sha256: str, rows: list[sqlite3.Row]) -> Grade | None:
    decided = max((at for at, row in enumerate(rows) if row["step"] == "decide"), default=-1)
    later = {(row["value"], row["authenticity"]) for row in rows[decided + 1 :] if row["step"] == "grade"}
    if decided >= 0 and later <= {(rows[decided]["value"], rows[decided]["authenticity"])}:
        row = rows[decided]
        return Grade(sha256, GradeState.DECIDED, row["value"], row["authenticity"], (row["person"],))
    standing = _standing(rows)
    people = tuple(sorted(standing))
    values = set(standing.values())
    if not values:
        return None
    if len(values) > 1:
        return Grade(sha256, GradeState.DISPUTED, people=people)
    state = GradeState.CONFIRMED if len(people) > 1 else GradeState.GRADED
    return Grade(sha256, state, *values.pop(), people)
