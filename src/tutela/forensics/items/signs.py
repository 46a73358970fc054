"""Signs that an unknown item may be new and first-hand. They order the items, are shown, and never close one.

| sign | points |
|---|---|
| `camera`: make and model in EXIF | 3 |
| `serial`: the camera's serial number | 1 |
| `native_size`: the size that the camera wrote, at least 2 megapixels | 3 |
| `camera_folder`: the path of a device's own camera | 3 |
| `camera_of_others`: at least two further unknown items by the same camera | 1 |
| `recent`: taken within a year before the authorisation | 2 |
| `single`: one copy in the case | 1 |
| `received`: the path of a download or a messenger's cache | -2 |
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

from tutela.forensics.case_folder.case import Case
from tutela.forensics.items.classes import LISTED, ItemClass

POINTS = {
    "camera": 3,
    "serial": 1,
    "native_size": 3,
    "camera_folder": 3,
    "camera_of_others": 1,
    "recent": 2,
    "single": 1,
    "received": -2,
}
# In the words of the summary and of the viewer.
MEANINGS = {
    "camera": "has a camera's make and model",
    "serial": "has the camera's serial number",
    "native_size": "in the camera's own size",
    "camera_folder": "in a camera folder",
    "camera_of_others": "other unknown items are by this camera",
    "recent": "taken in the year before the authorisation",
    "single": "one copy in the case",
    "received": "in a download or messenger folder",
}
_CAMERA_FOLDER = re.compile(r"(?:^|[/\\!])(?:dcim|camera|camera roll|100\w{5})[/\\]", re.IGNORECASE)
_RECEIVED = re.compile(
    r"(?:^|[/\\!.])(?:downloads?|whatsapp[\w .]*|telegram[\w .]*|signal|viber|snapchat|discord|cache\w*"
    r"|received[\w .]*|sent)[/\\]",
    re.IGNORECASE,
)
_RECENT = timedelta(days=366)
# Smaller pictures are what messengers and pages make of them.
_NATIVE_PIXELS = 2_000_000


def rank_of_path(path: str) -> int:
    """How early the quick pass reads a path: 0 camera folders, 1 downloads and messengers, 2 all others."""
    if _CAMERA_FOLDER.search(path):
        return 0
    return 1 if _RECEIVED.search(path) else 2


def order_items(case: Case) -> None:
    """Mark items of the same series, and give every unknown item its signs and points. Safe to repeat."""
    with case.transaction():
        _mark_series(case)
        case.connection.execute("CREATE TEMP TABLE IF NOT EXISTS found (item INTEGER, signs TEXT, score INTEGER)")
        case.connection.execute("DELETE FROM found")
        issued = case.allowed.issued
        rows = case.each(_UNKNOWN, (ItemClass.UNKNOWN, ItemClass.SAME_SERIES))
        signs = ((row["id"], list(_signs(row, issued))) for row in rows)
        scored = ((item, json.dumps(names), sum(POINTS[name] for name in names)) for item, names in signs)
        case.connection.executemany("INSERT INTO found VALUES (?, ?, ?)", scored)
        case.connection.execute(
            "UPDATE item SET signs = found.signs, score = found.score FROM found WHERE found.item = item.id"
        )


_UNKNOWN = """
SELECT id, name, width, height, make, model, serial, taken, native,
  (SELECT count(*) FROM item AS other WHERE other.sha256 = item.sha256) AS copies,
  CASE WHEN serial = '' THEN 0 ELSE
    (SELECT count(*) FROM item AS other WHERE other.serial = item.serial AND other.class IN ('unknown', 'same_series'))
  END AS siblings
FROM item WHERE class IN (?, ?) ORDER BY id
"""


def _signs(row: object, issued: date) -> Iterator[str]:
    one = dict(row)  # type: ignore[call-overload]
    if one["make"] and one["model"]:
        yield "camera"
    if one["native"] and one["width"] * one["height"] >= _NATIVE_PIXELS:
        yield "native_size"
    if one["serial"]:
        yield "serial"
    if _CAMERA_FOLDER.search(one["name"]):
        yield "camera_folder"
    if one["siblings"] > 2:
        yield "camera_of_others"
    if one["taken"] and issued - _RECENT <= _day(one["taken"]) <= issued:
        yield "recent"
    if one["copies"] == 1:
        yield "single"
    if _RECEIVED.search(one["name"]):
        yield "received"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return date.min


def _mark_series(case: Case) -> None:
    """An unknown item by the camera of a listed one, taken within an hour of it, is of the same series."""
    marks = ", ".join("?" * len(LISTED))
    case.connection.execute("UPDATE item SET class = 'unknown' WHERE class = 'same_series'")
    case.connection.execute(
        f"""UPDATE item SET class = 'same_series' WHERE class = 'unknown' AND serial <> '' AND taken <> '' AND EXISTS (
        SELECT 1 FROM item AS listed WHERE listed.serial = item.serial AND listed.make = item.make
        AND listed.model = item.model AND listed.class IN ({marks}) AND listed.taken <> ''
        AND abs(unixepoch(listed.taken) - unixepoch(item.taken)) <= 3600)""",  # noqa: S608 - only places for values
        LISTED,
    )
