"""The queue of files: every file of every device, with the reason if the authorisation leaves it out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import SourceUnreadableError
from tutela.forensics.items.signs import rank_of_path
from tutela.forensics.sources.open_device import DeviceOpener, open_device
from tutela.forensics.sources.source_file import SourceFile, UnreadArea
from tutela.scan.output_formats import shown

_AT_ONCE = 1000


def list_devices(case: Case, opener: DeviceOpener = open_device) -> None:
    """Put the files of every device that was not listed into the queue; one transaction for each device.

    A device that cannot be read at all is an area that was lost. Files of a device that were done stay; the others
    are listed again.
    """
    for row in case.rows("SELECT * FROM device WHERE listed = 0 ORDER BY id"):
        with case.transaction():
            _insert(case, row["id"], _listed(row, opener))
            case.connection.execute("UPDATE device SET listed = 1 WHERE id = ?", (row["id"],))


def _listed(row: sqlite3.Row, opener: DeviceOpener) -> Iterator[SourceFile | UnreadArea]:
    try:
        with closing(opener(row["kind"], row["path"])) as device:
            yield from device.list_files()
    except SourceUnreadableError as error:
        yield UnreadArea(error.detail, "unreadable")


def _insert(case: Case, device: int, found: Iterator[SourceFile | UnreadArea]) -> None:
    waiting = "SELECT id FROM file WHERE device = ? AND done = 0"
    case.connection.execute(f"DELETE FROM quick WHERE file IN ({waiting})", (device,))  # noqa: S608
    case.connection.execute("DELETE FROM file WHERE device = ? AND done = 0", (device,))
    done = {row["locator"] for row in case.each("SELECT locator FROM file WHERE device = ?", (device,))}
    for one in found:
        if isinstance(one, UnreadArea):
            values = (device, shown(one.path), one.code, one.size)
            case.connection.execute("INSERT INTO area (device, path, code, size) VALUES (?, ?, ?, ?)", values)
            continue
        if one.locator in done:
            continue
        outside = case.allowed.outside(one.path, one.modified)
        times = (None if moment is None else int(moment) for moment in (one.modified, one.created))
        rest = (one.deleted, outside or "", rank_of_path(one.path))
        case.connection.execute(
            "INSERT INTO file (device, path, locator, size, modified, created, deleted, outside, rank)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (device, shown(one.path), one.locator, one.size, *times, *rest),
        )


def pending_files(case: Case) -> Iterator[sqlite3.Row]:
    """Files of the complete pass that are not done, in the order of the queue. Portions are read as they are needed."""
    query = (
        "SELECT file.*, device.kind, device.path AS device_path FROM file JOIN device ON device.id = file.device"
        " WHERE done = 0 AND outside = '' AND file.id > ? ORDER BY file.id LIMIT ?"
    )
    last = 0
    while portion := case.rows(query, (last, _AT_ONCE)):
        yield from portion
        last = portion[-1]["id"]


def quick_files(case: Case) -> Iterator[sqlite3.Row]:
    """Files of the quick pass that no quick pass has read: cheap places first, small files first."""
    query = (
        "SELECT file.*, device.kind, device.path AS device_path FROM file JOIN device ON device.id = file.device"
        " WHERE done = 0 AND outside = '' AND (rank, size, file.id) > (?, ?, ?)"
        " AND NOT EXISTS (SELECT 1 FROM quick WHERE quick.file = file.id) ORDER BY rank, size, file.id LIMIT ?"
    )
    last = (-1, -1, -1)
    while portion := case.rows(query, (*last, _AT_ONCE)):
        yield from portion
        last = (portion[-1]["rank"], portion[-1]["size"], portion[-1]["id"])
