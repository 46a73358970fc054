"""CSV of Interpol's ICSE database: twelve columns, separated by semicolons, in any order."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from tutela.exchange.hash_lists.entry import NUMBER, BrokenEntry, Left, Listed, Unreadable, digest, named
from tutela.exchange.message.line_ends import CutOffError, whole_lines
from tutela.exchange.message.spreadsheet_cells import cell

COLUMNS = (
    "MD5",
    "SHA1",
    "PhotoDNA",
    "Image ID",
    "Is distributed",
    "Victim identified",
    "Offender identified",
    "Series name",
    "Number of submissions",
    "File Available",
    "Media Type",
    "Baseline",
)
_FLAGS = {
    "is distributed": "distributed",
    "victim identified": "victim_identified",
    "offender identified": "offender_identified",
    "file available": "file_available",
    "baseline": "baseline",
}
_FALSE, _TRUE = ("n", "no", "f", "false"), ("y", "yes", "t", "true")


class IcseReader:
    """Reads one file; `left` are columns that nothing here understands, and flags in no known spelling."""

    def __init__(self) -> None:
        self.left = Left()

    def read(self, file: TextIO) -> Iterator[Listed | BrokenEntry]:
        """Every row. Raises `Unreadable` where a column is missing, or the file is cut off or no CSV from a row on."""
        rows, number = csv.reader(whole_lines(file), delimiter=";", strict=True), 0
        try:
            head = [name.strip().lstrip("\ufeff").lower() for name in next(rows, [])]
            if missing := [name for name in COLUMNS if name.lower() not in head]:
                raise Unreadable(f"columns are missing: {', '.join(missing)}")
            for place, name in enumerate(head):
                if name not in {one.lower() for one in COLUMNS}:
                    self.left.note(name)
                elif name in head[:place]:
                    self.left.note(f"{name}, given twice")
            for number, row in enumerate(rows, 1):
                if any(row):
                    if any(row[len(head) :]):
                        self.left.note("cells after the last column")
                    yield self._listed(number, dict(reversed(list(zip(head, row, strict=False)))))
        except (csv.Error, CutOffError) as error:
            raise Unreadable(f"row {number + 1}: {error}") from None

    def _listed(self, number: int, row: dict[str, str]) -> Listed | BrokenEntry:
        hashes: dict[str, tuple[str, ...]] = {}
        for kind in ("md5", "sha1", "photodna"):
            if text := row.get(kind, "").strip():
                try:
                    if value := digest(kind, text):
                        hashes[kind] = (value,)
                    else:
                        self.left.note(f"{kind} of an empty file")
                except ValueError as error:
                    if kind != "photodna":
                        return BrokenEntry(number, kind, str(error))
                    self.left.note("invalid photodna")
        if not hashes:
            return BrokenEntry(number, "MD5", "no usable hash")
        key = self.left.cut("image id", row.get("image id", "").strip(), 100) or named(hashes)
        series = self.left.cut("series name", row.get("series name", "").strip(), 200)
        return Listed(key, hashes, self._media(row), series=series, facts=self._facts(row))

    def _facts(self, row: dict[str, str]) -> dict[str, str | int | bool]:
        facts: dict[str, str | int | bool] = {}
        for name, ours in _FLAGS.items():
            said = row.get(name, "").strip().lower()
            if said in _TRUE or said in _FALSE:
                facts[ours] = said in _TRUE
            elif said:
                self.left.note(f"{name} that is not yes or no")
        count = row.get("number of submissions", "").strip()
        if count.isascii() and count.isdecimal() and len(count) < 10:
            facts["submissions"] = int(count)
        elif count:
            self.left.note("number of submissions that is not a number")
        return facts

    def _media(self, row: dict[str, str]) -> str:
        said = row.get("media type", "").strip().lower()
        if said and not said.startswith(("image", "video")):
            self.left.note("media type that is not image or video")
        return "video" if said.startswith("video") else "image"


class IcseWriter:
    """Writes one file; `left` counts what the format has no place for."""

    def __init__(self) -> None:
        self.left, self.written = Left(), 0

    def write(self, file: TextIO, entries: Iterable[Listed]) -> None:
        """Every entry that has a hash of the format."""
        rows = csv.writer(file, delimiter=";", lineterminator="\n")
        rows.writerow(COLUMNS)
        for one in entries:
            if not (one.first("md5") or one.first("sha1") or one.first("photodna")):
                self.left.note("entries without MD5, SHA-1 and PhotoDNA")
                continue
            for kind, values in one.hashes.items():
                if kind not in ("md5", "sha1", "photodna"):
                    self.left.note(kind)
                elif values[1:]:
                    self.left.note(f"further {kind} of an entry")
            if one.media_type not in ("image", "video"):
                self.left.note(f"media type {one.media_type[:40]}")
            written = [name for name, value in one.facts.items() if name in _FLAGS.values() and isinstance(value, bool)]
            count = one.facts.get("submissions", "")
            if type(count) is int:
                written.append("submissions")
            self.left.note_rest(one, *written, NUMBER, "series")
            flags = {name: self._flag(one, name) for name in _FLAGS.values()}
            rows.writerow(
                (
                    one.first("md5").upper(),
                    one.first("sha1").upper(),
                    one.first("photodna"),
                    cell(one.key, separator=";"),
                    flags["distributed"],
                    flags["victim_identified"],
                    flags["offender_identified"],
                    cell(one.series, separator=";"),
                    count if "submissions" in written else "",
                    flags["file_available"],
                    one.media_type.capitalize(),
                    flags["baseline"],
                )
            )
            self.written += 1

    @staticmethod
    def _flag(one: Listed, name: str) -> str:
        return {True: "Yes", False: "No"}.get(one.facts.get(name), "")  # type: ignore[call-overload,no-any-return]
