"""Losses of a case: what of its sources could not be read. A case with a loss is incomplete.

- An area was lost: a folder, a volume, a segment of an image, the end of an image.
- A file was lost: it is listed, and could not be read or given to a decoder; or it is an archive, of which a part could
  not be read. Deleted files do not count, because other files may have taken their place.
"""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from tutela.forensics.case_folder.case import Case

_AREAS = "'unreadable', 'encrypted', 'unknown_volume', 'missing_segment', 'truncated'"
_LOST_ITEMS = "item.not_examined IN ('unreadable', 'damaged', 'unavailable') AND file.deleted = 0"
_LOSSES = f"""
SELECT device.label AS device, lost.path, lost.code, lost.size FROM (
  SELECT 0 AS kind, id, device, path, code, size FROM area WHERE code IN ({_AREAS})
  UNION ALL
  SELECT 1, item.id, file.device, item.name, item.not_examined, file.size
  FROM item JOIN file ON file.id = item.file WHERE {_LOST_ITEMS}
) AS lost JOIN device ON device.id = lost.device ORDER BY device.id, lost.kind, lost.id
"""  # noqa: S608 - names of this module


class CaseState(StrEnum):
    """How far the examination is. `INCOMPLETE`: the run ended, and a source could not be read whole."""

    UNFINISHED = "unfinished"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of a device that could not be read. `path` is empty where it is the device itself."""

    device: str
    path: str
    code: str
    size: int

    def as_json(self) -> dict[str, Any]:
        """A dictionary that `json` can write."""
        return asdict(self)


def losses_of(case: Case) -> list[Loss]:
    """Every loss, device by device."""
    return [Loss(*row) for row in case.each(_LOSSES)]


def loss_counts(case: Case) -> dict[str, dict[str, int]]:
    """The number of losses by device and reason."""
    found = dict[str, dict[str, int]]()
    query = f"SELECT device, code, count(*) FROM ({_LOSSES}) GROUP BY device, code ORDER BY device, code"  # noqa: S608
    for device, code, count in case.each(query):
        found.setdefault(str(device), {})[str(code)] = int(count)
    return found


def has_losses(case: Case) -> bool:
    """Whether anything was lost."""
    return bool(case.rows(f"{_LOSSES} LIMIT 1"))


def case_state(case: Case) -> CaseState:
    """The state of a case."""
    if not case.ended:
        return CaseState.UNFINISHED
    return CaseState.INCOMPLETE if has_losses(case) else CaseState.COMPLETE


def reopen_losses(case: Case) -> None:
    """Put everything that was lost back into the queue; what was read stays.

    Devices with a lost area are listed again. Files with a lost item are read again.
    """
    with case.transaction():
        for row in case.rows(
            f"SELECT DISTINCT file.id, file.device, file.path FROM item JOIN file ON file.id = item.file"  # noqa: S608
            f" WHERE {_LOST_ITEMS}"
        ):
            _reopen_file(case, row)
        for row in case.rows(f"SELECT DISTINCT device FROM area WHERE code IN ({_AREAS})"):  # noqa: S608
            case.connection.execute("DELETE FROM area WHERE device = ? AND code NOT LIKE 'outside:%'", tuple(row))
            case.connection.execute("UPDATE device SET listed = 0 WHERE id = ?", tuple(row))
        case.set_fact("complete", "")


def _reopen_file(case: Case, file: sqlite3.Row) -> None:
    case.connection.execute("DELETE FROM item WHERE file = ?", (file["id"],))
    case.connection.execute(
        "DELETE FROM area WHERE device = ? AND code LIKE 'outside:%' AND substr(path, 1, ?) = ?",
        (file["device"], len(file["path"]) + 1, f"{file['path']}!"),
    )
    case.connection.execute("UPDATE file SET done = 0 WHERE id = ?", (file["id"],))
