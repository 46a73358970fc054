"""Bytes of one item, read again from its source into memory for a person who asked to see it."""

from __future__ import annotations

import sqlite3

from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import SourceUnreadableError
from tutela.forensics.sources.open_device import open_device
from tutela.media import digest_bytes
from tutela.scan.output_formats import shown
from tutela.scan.walk import FoundFile, WalkLimits, read_bytes

# A browser gets a file whole.
MOST_SHOWN = 1 << 29
_PLACES = """
SELECT item.name, file.path, file.locator, file.size, device.kind, device.path AS device_path
FROM item JOIN file ON file.id = item.file JOIN device ON device.id = file.device
WHERE item.sha256 = ? ORDER BY file.size, item.id LIMIT 5
"""


def item_bytes(case: Case, sha256: str) -> bytes:
    """The bytes of an item, from the smallest file that holds it. Raises SourceUnreadableError.

    Bytes that are not those that were examined are not returned.
    """
    for row in case.rows(_PLACES, (sha256,)):
        data = _read(row)
        if data is not None and digest_bytes(data).sha256 == sha256:
            return data
    raise SourceUnreadableError("The item is not where it was examined.")


def _read(row: sqlite3.Row) -> bytes | None:
    device = open_device(row["kind"], row["device_path"])
    try:
        data = device.read_file(row["locator"], MOST_SHOWN)
    finally:
        device.close()
    if row["name"] == row["path"]:
        return data
    # Only the member itself is unpacked, and the archives around it.
    limits = WalkLimits(leave=lambda name: "" if _leads_to(shown(name), row["name"]) else "other")
    for one in read_bytes(row["path"], data, limits):
        if isinstance(one, FoundFile) and shown(one.name) == row["name"]:
            return one.data
    return None


def _leads_to(name: str, wanted: str) -> bool:
    return name == wanted or wanted.startswith(f"{name}!")
