"""CSV and JSON Lines of any layout, with a mapping file from their columns to ours.

A mapping is JSON: `{"columns": {"Hash (MD5)": "md5", "Kategorie": "classification"}, "values": {"classification": {"A":
"uk-1978:A"}}, "separator": ";"}`. A column that it does not name is reported to the user. An empty target means that
the column is known and ignored. A file in our own columns needs no mapping, and `is_ours` recognises one.

Consecutive rows with the same key and otherwise equal content are one entry with several hashes of a kind, as
`MappedWriter` writes it.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, TextIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tutela.exchange.hash_lists.entry import HEX, LOOKS, VPDQ, BrokenEntry, Left, Listed, Unreadable, digest, named
from tutela.exchange.message import timestamps
from tutela.exchange.message.line_ends import CutOffError, whole_lines
from tutela.exchange.register.video_frames import MAX_CHARACTERS

_KINDS = (*HEX, "photodna", *LOOKS)
# `at` is a time with its zone, `facts` a JSON object with further values of the formats.
_SAID = ("quality", "media_type", "classification", "series", "reason", "at", "facts")
FIELDS = (*_KINDS, VPDQ, *_SAID, "key")
MOST_CELL_CHARACTERS = 20_000
# Of a line with the frames of a video.
LONGEST_VIDEO = MAX_CHARACTERS
_SHORT = Annotated[str, Field(max_length=200)]


class Mapping(BaseModel):
    """Mapping of a list's columns to ours, and of its values to ours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: Annotated[dict[_SHORT, str], Field(max_length=200)] = {}
    values: Annotated[dict[str, dict[_SHORT, _SHORT]], Field(max_length=20)] = {}
    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","

    @field_validator("columns")
    @classmethod
    def _ours(cls, value: dict[str, str]) -> dict[str, str]:
        if wrong := [ours for ours in value.values() if ours and ours not in FIELDS]:
            raise ValueError(f"{wrong[0]} is not one of {', '.join(FIELDS)}")
        return value

    @field_validator("values")
    @classmethod
    def _words(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        if wrong := [ours for ours in value if ours not in FIELDS]:
            raise ValueError(f"{wrong[0]} is not one of {', '.join(FIELDS)}")
        return value


def read_mapping(text: str) -> Mapping:
    """A mapping file. Raises `Unreadable` naming the member."""
    try:
        return Mapping.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Unreadable(f"{'.'.join(map(str, first['loc'])) or 'mapping'}: {first['msg']}") from None


def is_ours(line: str, *, lines_of_json: bool) -> bool:
    """Whether a file with this first line is in our own columns: it names a key, and nothing that is none of them."""
    try:
        if not lines_of_json:
            names = set(next(csv.reader([line.lstrip("\ufeff")], strict=True), ()))
        elif isinstance(found := json.loads(line), dict):
            names = set(found)
        else:
            return False
    except (ValueError, csv.Error, RecursionError):
        return False
    return "key" in names and names <= set(FIELDS)


class MappedReader:
    """Reads one file; `left` are columns that the mapping does not name and that are none of ours."""

    def __init__(self, mapping: Mapping, *, lines_of_json: bool) -> None:
        self.left = Left()
        self._mapping, self._json = mapping, lines_of_json

    def read(self, file: TextIO) -> Iterator[Listed | BrokenEntry]:
        """Every entry. Raises `Unreadable` where the file is no CSV from some row on, or ends in half a line."""
        held: Listed | None = None
        try:
            for number, row in self._rows(file):
                one = row if isinstance(row, BrokenEntry) else self._listed(number, row)
                if held is not None and isinstance(one, Listed) and _of_one(held, one):
                    held = _joined(held, one)
                    continue
                if held is not None:
                    yield held
                held = one if isinstance(one, Listed) else None
                if isinstance(one, BrokenEntry):
                    yield one
        except Unreadable:
            if held is not None:
                yield held
            raise
        if held is not None:
            yield held

    def _rows(self, file: TextIO) -> Iterator[tuple[int, dict[str, Any] | BrokenEntry]]:
        number = 0
        try:
            if self._json:
                for number, line in enumerate(whole_lines(file), 1):
                    if line.strip():
                        yield number, _object(number, line)
                return
            rows = csv.DictReader(whole_lines(file), delimiter=self._mapping.separator, strict=True)
            names = list(rows.fieldnames or ())
            for name in {one for one in names if names.count(one) > 1}:
                self.left.note(f"{name}, given twice")
            for number, row in enumerate(rows, 1):
                if None in row or any(value is None for value in row.values()):
                    yield number, BrokenEntry(number, "line", "has a different number of columns than the first line")
                else:
                    yield number, {str(name).lstrip("\ufeff"): str(value) for name, value in row.items()}
        except (csv.Error, CutOffError) as error:
            raise Unreadable(f"row {number + 1}: {error}") from None

    def _said(self, row: dict[str, Any]) -> dict[str, str]:
        """Our columns as text. Other columns of the row are noted, except those that the mapping ignores."""
        said: dict[str, str] = {}
        for theirs, value in row.items():
            ours = self._mapping.columns.get(theirs)
            if ours is None and theirs.strip().lower() in FIELDS:
                ours = theirs.strip().lower()
            text = _text(ours or "", value)
            if ours is None:
                self.left.note(theirs)
            elif ours and text is None:
                self.left.note(f"{theirs} that is not text")
            elif ours and text and ours in said:
                self.left.note(f"{theirs}, in addition to another {ours}")
            elif ours and text:
                said[ours] = self._mapping.values.get(ours, {}).get(text, text)
        return said

    def _listed(self, number: int, row: dict[str, Any]) -> Listed | BrokenEntry:
        said = self._said(row)
        hashes: dict[str, tuple[str, ...]] = {}
        for kind in (*_KINDS, VPDQ):
            try:
                if kind in said and (value := digest(kind, said[kind])):
                    hashes[kind] = (value,)
                elif kind in said:
                    self.left.note(f"{kind} of an empty file")
            except ValueError as error:
                return BrokenEntry(number, kind, str(error))
        quality = said.get("quality", "")
        if quality and not (quality.isascii() and quality.isdecimal() and len(quality) < 4):
            return BrokenEntry(number, "quality", "must be a number")
        if not hashes:
            return BrokenEntry(number, "md5", "no usable hash")
        usual = "video" if VPDQ in hashes else "image"
        return Listed(
            self.left.cut("key", said.get("key", ""), 200) or named(hashes),
            hashes,
            said.get("media_type", "").lower() or usual,
            int(quality) if quality else None,
            said.get("classification", ""),
            said.get("series", ""),
            said.get("reason", ""),
            self._at(said.get("at", "")),
            self._facts(said.get("facts", "")),
        )

    def _at(self, text: str) -> datetime | None:
        at = timestamps.read(text)
        if text and at is None:
            self.left.note("at that is not a time with a time zone")
        return at

    def _facts(self, text: str) -> dict[str, str | int | bool]:
        try:
            found = json.loads(text) if text else {}
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            self.left.note("facts that are not a JSON object")
            return {}
        kept: dict[str, str | int | bool] = {}
        for name, value in found.items():
            if re.fullmatch("[a-z0-9_]{1,40}", name) and isinstance(value, str | int):
                kept[name] = self.left.cut(f"facts: {name}", value, 1000) if isinstance(value, str) else value
            elif value is not None:
                self.left.note(f"facts: {name[:40]}")
        return kept


class MappedWriter:
    """Writes CSV or JSON Lines in our own columns, which `tutela import` and an Edge read."""

    def __init__(self, *, lines_of_json: bool) -> None:
        self.left, self.written = Left(), 0
        self._json = lines_of_json

    def write(self, file: TextIO, entries: Iterable[Listed]) -> None:
        """Every entry; CSV has one hash of a kind in a row, and further rows for the others."""
        names = ("key", *_KINDS, *_SAID)
        rows = csv.writer(file, lineterminator="\n")
        if not self._json:
            rows.writerow(names)
        for one in entries:
            for kind in one.hashes:
                if kind not in _KINDS and (kind != VPDQ or not self._json):
                    self.left.note(kind)
            if one.quality is not None and not any(one.hashes.get(kind) for kind in ("pdq", "window")):
                self.left.note("quality")
            written = 0
            for written, row in enumerate(_variants(one, frames=self._json), 1):
                if self._json:
                    # The frames belong to the item, not to a variant of its digests.
                    row[VPDQ] = one.first(VPDQ) if written == 1 else ""
                    file.write(json.dumps({n: v for n, v in row.items() if v != ""}, ensure_ascii=False) + "\n")
                else:
                    rows.writerow([_cell(row[name]) for name in names])
            if not written:
                self.left.note("entries without a supported hash")
            self.written += written > 0


def _variants(one: Listed, *, frames: bool) -> Iterator[dict[str, Any]]:
    most = max((len(values) for kind, values in one.hashes.items() if kind in _KINDS), default=0)
    most = most or (frames and VPDQ in one.hashes)
    for place in range(most):
        values = {kind: (one.hashes.get(kind, ()) + ("",) * most)[place] for kind in _KINDS}
        quality: Any = one.quality if one.quality is not None and (values["pdq"] or values["window"]) else ""
        yield {
            "key": one.key,
            **values,
            "quality": quality,
            "media_type": one.media_type,
            "classification": one.classification,
            "series": one.series,
            "reason": one.reason,
            "at": one.at.isoformat() if one.at else "",
            "facts": one.facts or "",
        }


def _of_one(first: Listed, then: Listed) -> bool:
    """True if two rows are of one entry: equal except for hashes, and the key is no hash.

    The key must be the entry's own, not one derived from a hash.
    """
    alone, other = (replace(one, hashes={}, quality=None) for one in (first, then))
    return first.key != named(first.hashes) and alone == other


def _joined(first: Listed, then: Listed) -> Listed:
    hashes = dict(first.hashes)
    for kind, values in then.hashes.items():
        hashes[kind] = (*hashes.get(kind, ()), *(one for one in values if one not in hashes.get(kind, ())))
    qualities = [one.quality for one in (first, then) if one.quality is not None]
    return replace(first, hashes=hashes, quality=min(qualities, default=None))


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _text(ours: str, value: Any) -> str | None:
    """A value as the text of a column; None for what no column can be."""
    if value is None:
        return ""
    if isinstance(value, list | dict):
        fits = ours == "facts" if isinstance(value, dict) else ours == VPDQ
        return json.dumps(value) if fits else None
    return str(value).strip() if isinstance(value, str | int | float) else None


def _object(number: int, line: str) -> dict[str, Any] | BrokenEntry:
    most = LONGEST_VIDEO if f'"{VPDQ}"' in line else MOST_CELL_CHARACTERS
    if len(line) > most:
        return BrokenEntry(number, "line", f"longer than {most} characters")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return BrokenEntry(number, "line", "not JSON")
    return found if isinstance(found, dict) else BrokenEntry(number, "line", "not an object")
