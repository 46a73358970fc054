"""Rows of a case as exports write them: one for each place of an item, and one for each area that was not read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tutela.forensics.case_folder.case import Case
from tutela.forensics.grades.grade_book import Grade, GradeBook

_ITEMS = """
SELECT item.*, device.label AS device, file.modified, file.created, file.deleted,
  EXISTS (SELECT 1 FROM withdrawn WHERE withdrawn.sha256 = item.sha256) AS withdrawn
FROM item JOIN file ON file.id = item.file JOIN device ON device.id = file.device
"""
COLUMNS = (
    "device",
    "path",
    "size",
    "modified",
    "created",
    "deleted",
    "md5",
    "sha1",
    "sha256",
    "kind",
    "format",
    "width",
    "height",
    "frames",
    "pdq",
    "quality",
    "class",
    "category",
    "series",
    "conflict",
    "withdrawn",
    "not_examined",
    "score",
    "signs",
    "make",
    "model",
    "serial",
    "taken",
    "grade_state",
    "grade",
    "authenticity",
)


def item_rows(case: Case, classes: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Every item of some classes, or of all, in the order of the queue. `matches` is kept for JSON."""
    book = GradeBook(case)
    graded = bool(case.count("SELECT count(*) FROM grade"))
    where = f" WHERE item.class IN ({', '.join('?' * len(classes))})" if classes else ""
    for row in case.each(f"{_ITEMS}{where} ORDER BY item.id", classes):
        grade = book.find(row["sha256"]) if graded and row["sha256"] else None
        yield _item(dict(row), grade)


def area_rows(case: Case) -> Iterator[dict[str, Any]]:
    """Every folder, volume and member that was not read."""
    query = (
        "SELECT device.label AS device, area.path, area.code, area.size FROM area"
        " JOIN device ON device.id = area.device ORDER BY area.id"
    )
    yield from (dict(row) for row in case.each(query))


def moment(seconds: int | None) -> str:
    """A file's time as text; empty for none, or for one that no calendar has."""
    try:
        return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""


def _item(row: dict[str, Any], grade: Grade | None) -> dict[str, Any]:
    return row | {
        "path": row["name"],
        "modified": moment(row["modified"]),
        "created": moment(row["created"]),
        "deleted": bool(row["deleted"]),
        "conflict": bool(row["conflict"]),
        "withdrawn": bool(row["withdrawn"]),
        "pdq": row["pdq"].hex() if row["pdq"] else None,
        "signs": json.loads(row["signs"]),
        "matches": json.loads(row["matches"]),
        "grade_state": str(grade.state) if grade else "",
        "grade": grade.value if grade else "",
        "authenticity": grade.authenticity if grade else "",
    }
