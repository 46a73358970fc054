"""Read STIX 2.1: digests of files in indicators' patterns and in file objects; all else is noted.

A pattern that names several files becomes as many entries, unless our own writer states that they are copies of one
item. An indicator is refused with the reason in these cases: it has expired, it is not yet valid, it states that the
file is benign, or its pattern is not understood. PDQ is our own name among the hashes; the format allows additional
names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TextIO

from tutela import clock
from tutela.exchange.hash_lists.entry import BrokenEntry, Left, Listed, Unreadable, digest
from tutela.exchange.hash_lists.json_stream import Stream
from tutela.exchange.hash_lists.stix_patterns import NotUnderstood, Pair, read_pattern
from tutela.exchange.hash_lists.stix_writer import EXTENSION, PDQ
from tutela.exchange.message import timestamps

# As the format's vocabulary has them, and as they are found.
_KINDS = {"MD5": "md5", "SHA-1": "sha1", "SHA1": "sha1", "SHA-256": "sha256", "SHA256": "sha256", PDQ: "pdq"}
MEDIA = ("image", "video")
# Members that are read, or that say of the object itself what nothing here needs.
_OF_ALL = (
    "type",
    "id",
    "spec_version",
    "labels",
    "description",
    "created",
    "modified",
    "extensions",
    "name",
    "confidence",
    "object_marking_refs",
)
_OF_INDICATORS = (
    *_OF_ALL,
    "pattern",
    "pattern_type",
    "pattern_version",
    "revoked",
    "valid_from",
    "valid_until",
    "indicator_types",
)
_OF_FILES = (*_OF_ALL, "hashes", "mime_type")
type Facts = dict[str, str | int | bool]


class StixReader:
    """Reads one bundle; `left` counts what else stood in it."""

    def __init__(self) -> None:
        self.left = Left()

    def read(self, file: TextIO) -> Iterator[Listed | BrokenEntry]:
        """Read every file that is named by a digest. Raises `Unreadable` if the input is no bundle."""
        stream, seen = Stream(file), False
        for name in stream.members():
            if name != "objects":
                value = stream.value()
                if name == "type" and value != "bundle":
                    raise Unreadable("type: must be bundle")
                if name not in ("type", "id", "spec_version"):
                    self.left.note(f"bundle: {name[:40]}")
                continue
            seen = True
            for number, _ in enumerate(stream.elements(), 1):
                yield from self._entries(number, stream.value())
        stream.end()
        if not seen:
            raise Unreadable("objects: missing")

    def _entries(self, number: int, row: Any) -> Iterator[Listed | BrokenEntry]:
        if not isinstance(row, dict):
            yield BrokenEntry(number, "objects", "not an object")
            return
        kind = row.get("type")
        if kind == "file":
            hashes = row.get("hashes")
            yield from self._file(number, row, hashes if isinstance(hashes, dict) else {})
        elif kind == "indicator":
            yield from self._indicator(number, row)
        elif row.get("id") != EXTENSION:
            self.left.note(f"objects of type {str(kind)[:40]}")

    def _indicator(self, number: int, row: dict[str, Any]) -> Iterator[Listed | BrokenEntry]:
        pattern = row.get("pattern")
        if row.get("revoked") not in (None, False):
            self.left.note("revoked indicators")
            return
        if row.get("pattern_type", "stix") != "stix" or not isinstance(pattern, str):
            yield BrokenEntry(
                number, "pattern_type", f"patterns of type {str(row.get('pattern_type'))[:40]} are not understood"
            )
            return
        try:
            said, others = read_pattern(pattern)
        except NotUnderstood as error:
            yield BrokenEntry(number, "pattern", f"not understood: {error}")
            return
        for name in others:
            self.left.note(f"pattern: {name}")
        if not said:
            self.left.note("patterns without the digest of a file")
            return
        if wrong := _invalid(row, clock.now()):
            yield BrokenEntry(number, *wrong)
            return
        self._others(row, _OF_INDICATORS, "indicator")
        if _set(row, "valid_until", "") != "":
            self.left.note("valid_until, which has no effect here")
        yield from self._listed(number, row, said)

    def _file(self, number: int, row: dict[str, Any], said: dict[str, Any]) -> Iterator[Listed | BrokenEntry]:
        self._others(row, _OF_FILES, "file")
        if not said:
            self.left.note("files without a digest")
            return
        yield from self._listed(number, row, [tuple((name, str(value)) for name, value in said.items())])

    def _listed(self, number: int, row: dict[str, Any], said: list[tuple[Pair, ...]]) -> Iterator[Listed | BrokenEntry]:
        """One entry for each file; one for all where our own writer says so."""
        labels = _set(row, "labels", [])
        if not isinstance(labels, list):
            yield BrokenEntry(number, "labels", "not a list of texts")
            return
        media, classification = self._labels(labels, row.get("mime_type"))
        facts = self._facts(row)
        series, quality, copies = self._extension(row, facts)
        name = self.left.cut("id", str(row.get("id") or ""), 180)
        reason, at = self._text(row, "description", 300), self._changed(row)
        files = [tuple(pair for one in said for pair in one)] if copies else said
        for pairs in files:
            hashes = self._hashes(number, pairs, copies=copies)
            if isinstance(hashes, BrokenEntry):
                yield hashes
                continue
            first = next(iter(hashes.values()))[0]
            key = (f"{name}#{first}" if len(files) > 1 else name) if name else first
            yield Listed(
                key,
                hashes,
                media,
                quality if "pdq" in hashes or len(files) == 1 else None,
                classification,
                series,
                reason,
                at,
                dict(facts),
            )

    def _hashes(self, number: int, pairs: Iterable[Pair], *, copies: bool) -> dict[str, tuple[str, ...]] | BrokenEntry:
        """Digests of a file, at most one of a kind; copies of an item may have several."""
        hashes: dict[str, tuple[str, ...]] = {}
        for name, text in pairs:
            kind = _KINDS.get(name.upper())
            if kind is None:
                self.left.note(f"hashes: {name[:40]}")
                continue
            try:
                value = digest(kind, text)
            except ValueError as error:
                return BrokenEntry(number, name[:40], str(error))
            if not value or value in hashes.get(kind, ()):
                continue
            if kind in hashes and not copies:
                return BrokenEntry(number, name[:40], "two of one file, which must have one")
            hashes[kind] = (*hashes.get(kind, ()), value)
        return hashes or BrokenEntry(number, "hashes", "no usable digest")

    def _changed(self, row: dict[str, Any]) -> datetime | None:
        for name in ("modified", "created"):
            if _set(row, name, "") != "" and _moment(row[name]) is None:
                self.left.note(f"{name} that is not a time with a time zone")
        return _moment(row.get("modified")) or _moment(row.get("created"))

    def _others(self, row: dict[str, Any], known: tuple[str, ...], of: str) -> None:
        for name, value in row.items():
            if name not in known and value not in (None, "", [], {}):
                self.left.note(f"{of}: {name[:40]}")

    def _labels(self, labels: list[Any], mime: object) -> tuple[str, str]:
        """The type of medium and the class among them; the others are noted."""
        texts = [one for one in labels if isinstance(one, str)]
        media = next((one for one in texts if one in MEDIA), _media(mime))
        classes = [one for one in texts if re.fullmatch(r"[\w.-]+:[\w.-]+", one) and len(one) <= 80]
        for one in labels:
            if one not in (media, *classes[:1]):
                self.left.note(f"label {str(one)[:40]}")
        return media, classes[0] if classes else ""

    def _facts(self, row: dict[str, Any]) -> Facts:
        facts: Facts = {}
        if (confidence := row.get("confidence")) is not None:
            if type(confidence) is int and 0 <= confidence <= 100:
                facts["confidence"] = confidence
            else:
                self.left.note("confidence that is not a number up to 100")
        for name, ours in (("object_marking_refs", "markings"), ("indicator_types", "indicator_types")):
            said = _set(row, name, [])
            if isinstance(said, list) and all(isinstance(one, str) for one in said):
                if text := self.left.cut(name, " ".join(said), 1000):
                    facts[ours] = text
            else:
                self.left.note(f"{name} that is not a list of texts")
        for name in ("name", "valid_until"):
            if text := self._text(row, name, 1000):
                facts[name] = text
        return facts

    def _text(self, row: dict[str, Any], name: str, most: int) -> str:
        said = _set(row, name, "")
        if not isinstance(said, str):
            self.left.note(f"{name} that is not text")
            return ""
        return self.left.cut(name, said, most)

    def _extension(self, row: dict[str, Any], facts: Facts) -> tuple[str, int | None, bool]:
        """Our own writer's extension: series, quality, and whether all digests are of one item.

        Its facts go to `facts`. Other extensions are noted. Digests of one item are those of its copies.
        """
        said = _set(row, "extensions", {})
        if not isinstance(said, dict):
            self.left.note("extensions that are not an object")
            return "", None, False
        for name in said:
            if name != EXTENSION:
                self.left.note(f"extension {name[:80]}")
        ours = said.get(EXTENSION)
        ours = dict(ours) if isinstance(ours, dict) else {}
        ours.pop("extension_type", None)
        series, quality, more = ours.pop("series", ""), ours.pop("quality", None), ours.pop("facts", {})
        copies = ours.pop("one_item", False)
        for name, value in more.items() if isinstance(more, dict) else ():
            if name not in facts and re.fullmatch("[a-z0-9_]{1,40}", name) and isinstance(value, str | int):
                facts[name] = self.left.cut(name, value, 1000) if isinstance(value, str) else value
            else:
                self.left.note(f"extension: {name[:40]}")
        right = isinstance(series, str) and (quality is None or (type(quality) is int and 0 <= quality <= 100))
        if ours or not right or not isinstance(more, dict) or type(copies) is not bool:
            self.left.note("Tutela extension in an unknown form")
        return (series[:200], quality, copies is True) if right else ("", None, copies is True)


def _set(row: dict[str, Any], name: str, nothing: Any) -> Any:
    """A member's value; null is as good as none."""
    value = row.get(name)
    return nothing if value is None else value


def _invalid(row: dict[str, Any], now: datetime) -> tuple[str, str] | None:
    """The member that makes this indicator invalid, and the reason."""
    for name in ("valid_from", "valid_until"):
        said = _set(row, name, "")
        if said == "":
            continue
        if (at := _moment(said)) is None:
            return name, "not a time with a time zone"
        if name == "valid_until" and at <= now:
            return name, f"expired on {at:%Y-%m-%d}"
        if name == "valid_from" and at > now:
            return name, f"not valid before {at:%Y-%m-%d}"
    types = row.get("indicator_types")
    if isinstance(types, list) and "benign" in types:
        return "indicator_types", "declares that the file is benign"
    return None


def _media(mime: object) -> str:
    return "video" if isinstance(mime, str) and mime.startswith("video/") else "image"


def _moment(text: object) -> datetime | None:
    return timestamps.read(text) if isinstance(text, str) and len(text) < 40 else None
