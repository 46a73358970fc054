"""Record examined items: what the lists say of them, their class, and one row for each place of an item."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from tutela.forensics.case_folder.case import Case
from tutela.forensics.items.classes import LISTED, ItemClass, ItemKind, Judged, ListHit, judge_item
from tutela.forensics.items.exif import CameraFacts
from tutela.forensics.lists.photodna import PhotoDnaLists
from tutela.forensics.lists.reference_list import ListRole, ReferenceList
from tutela.forensics.pipeline.examine_file import SHARED, ExaminedItem
from tutela.matching import Match
from tutela.media import Hashed
from tutela.scan.output_formats import shown

_COLUMNS = f"file, name, size, md5, sha1, sha256, {SHARED}"
_PLACES = ", ".join("?" * len(_COLUMNS.split(",")))
_INSERT = f"INSERT INTO item ({_COLUMNS}) VALUES ({_PLACES})"  # noqa: S608 - names of this module


class ItemRecorder:
    """Writes items into a case, inside the caller's transaction."""

    def __init__(self, case: Case) -> None:
        self._case, self._photodna = case, PhotoDnaLists(case)
        self._roles = {row["id"]: ListRole(row["role"]) for row in case.rows("SELECT id, role FROM list")}

    def record(self, file: sqlite3.Row, items: Iterable[ExaminedItem]) -> None:
        """Record a file's items and that the file is done."""
        for one in items:
            name = shown(one.name)
            if one.outside:
                values = (file["device"], name, f"outside:{one.outside}", one.size)
                self._case.connection.execute("INSERT INTO area (device, path, code, size) VALUES (?, ?, ?, ?)", values)
                continue
            digests = one.digests
            hashes = (digests.md5, digests.sha1, digests.sha256) if digests else ("", "", self._quick_sha256(file, one))
            values = one.copy if one.copy is not None else self._shared(one, file)
            self._case.connection.execute(_INSERT, (file["id"], name, one.size, *hashes, *values))
        self._case.connection.execute("UPDATE file SET done = 1 WHERE id = ?", (file["id"],))

    def record_quick(self, file: sqlite3.Row, sha256: str, matches: Iterable[tuple[ReferenceList, Match]]) -> None:
        """Record what the digests alone of a file say."""
        judged = judge_item(ItemKind.OTHER, self.hits(matches), self._case.allowed.categories)
        values = (file["id"], sha256, str(judged.item_class), judged.category)
        self._case.connection.execute("INSERT OR REPLACE INTO quick VALUES (?, ?, ?, ?)", values)

    def hits(self, matches: Iterable[tuple[ReferenceList, Match]]) -> list[ListHit]:
        """Matches with what their lists say of the entries."""
        return [
            ListHit.from_match(one.role, one.number, match, self._facts(one.number, match.entry_id.bytes))
            for one, match in matches
        ]

    def _quick(self, file: sqlite3.Row, one: ExaminedItem) -> sqlite3.Row | None:
        """What the quick pass found of a file that could not be read again."""
        if one.digests is not None or one.name != file["path"]:
            return None
        query = f"SELECT * FROM quick WHERE file = ? AND class IN ({', '.join('?' * len(LISTED))})"  # noqa: S608
        return next(iter(self._case.rows(query, (file["id"], *LISTED))), None)

    def _quick_sha256(self, file: sqlite3.Row, one: ExaminedItem) -> str:
        found = self._quick(file, one)
        return str(found["sha256"]) if found else ""

    def _shared(self, one: ExaminedItem, file: sqlite3.Row) -> tuple[Any, ...]:
        hits = self.hits(one.matches) + self._photodna_hits(one)
        judged = judge_item(one.kind, hits, self._case.allowed.categories)
        if found := self._quick(file, one):
            judged = Judged(ItemClass(found["class"]), found["category"])
        result = one.result if isinstance(one.result, Hashed) else None
        best = max(result.frames, key=lambda frame: frame.quality, default=None) if result else None
        looks = (best.pdq, best.quality) if best else (None, None)
        size = (result.width, result.height) if result else (0, 0)
        camera = one.camera
        return (
            str(one.kind),
            result.format if result else "",
            *size,
            *looks,
            len(result.frames) if result else 0,
            *(camera.make, camera.model, camera.serial, camera.taken, _native(camera, *size)),
            str(judged.item_class),
            judged.category,
            judged.series,
            json.dumps([hit.as_json() for hit in hits]),
            int(judged.conflict),
            one.not_examined or ("" if one.kind is not ItemKind.UNDECODED else "undecoded"),
        )

    def _photodna_hits(self, one: ExaminedItem) -> list[ListHit]:
        if not self._photodna.listed or one.digests is None:
            return []
        query = "SELECT value FROM supplied_photodna WHERE sha256 = ?"
        rows = self._case.rows(query, (one.digests.sha256,))
        return [
            ListHit(self._roles[number], number, _uuid(entry), "photodna", False, *self._facts(number, entry), distance)
            for row in rows
            for number, entry, distance in self._photodna.near(row["value"])
        ]

    def _facts(self, number: int, entry: bytes) -> tuple[str, str]:
        query = "SELECT category, series FROM list_entry WHERE list = ? AND entry = ?"
        rows = self._case.rows(query, (number, entry))
        return (rows[0]["category"], rows[0]["series"]) if rows else ("", "")


def _native(camera: CameraFacts, width: int, height: int) -> int:
    """Whether the picture still has the size that its camera wrote, upright or not."""
    return int(bool(camera.width) and sorted((camera.width, camera.height)) == sorted((width, height)))


def _uuid(value: bytes) -> UUID:
    return UUID(bytes=value)
