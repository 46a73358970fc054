"""STIX 2.1, read: the digests of files in indicators' patterns and in file objects; everything else is named.

An indicator that is no longer valid, or not yet, or that says that the file is benign, is refused with that reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

from tutela import clock
from tutela.exchange.lists.listed import Broken, Left, Listed, Unreadable, digest
from tutela.exchange.lists.stix import EXTENSION
from tutela.exchange.lists.stix_patterns import NotUnderstood, read_pattern
from tutela.exchange.lists.streams import Stream

# As the format's vocabulary has them, and as they are found.
_KINDS = {"MD5": "md5", "SHA-1": "sha1", "SHA1": "sha1", "SHA-256": "sha256", "SHA256": "sha256"}
MEDIA = ("image", "video")
# Members that are read, or that say of the object itself what nothing here needs.
_OF_ALL = ("type", "id", "spec_version", "labels", "description", "created", "modified", "extensions", "name",
           "confidence", "object_marking_refs")  # fmt: skip
_OF_INDICATORS = (
    *_OF_ALL, "pattern", "pattern_type", "pattern_version", "revoked", "valid_from", "valid_until", "indicator_types",
)  # fmt: skip
_OF_FILES = (*_OF_ALL, "hashes", "mime_type")
type Facts = dict[str, str | int | bool]


class Reader:
    """Reads one bundle; `left` counts what else stood in it."""

    def __init__(self) -> None:
        self.left = Left()

    def read(self, file: TextIO) -> Iterator[Listed | Broken]:
        """Every file that is named by a digest. Raises `Unreadable` where it is no bundle."""
        stream, seen = Stream(file), False
        for name in stream.members():
            if name != "objects":
                value = stream.value()
                if name == "type" and value != "bundle":
                    raise Unreadable("type: it is no bundle")
                if name not in ("type", "id", "spec_version"):
                    self.left.note(f"bundle: {name[:40]}")
                continue
            seen = True
            for number, _ in enumerate(stream.elements(), 1):
                found = self._entry(number, stream.value())
                if found is not None:
                    yield found
        if not seen:
            raise Unreadable("objects: they are missing")

    def _entry(self, number: int, row: Any) -> Listed | Broken | None:
        if not isinstance(row, dict):
            return Broken(number, "objects", "not an object")
        kind = row.get("type")
        if kind == "file":
            hashes = row.get("hashes")
            return self._file(number, row, hashes if isinstance(hashes, dict) else {})
        if kind == "indicator":
            return self._indicator(number, row)
        if row.get("id") != EXTENSION:
            self.left.note(f"objects of type {str(kind)[:40]}")
        return None

    def _indicator(self, number: int, row: dict[str, Any]) -> Listed | Broken | None:
        pattern = row.get("pattern")
        if row.get("revoked") not in (None, False):
            self.left.note("revoked indicators")
            return None
        if row.get("pattern_type", "stix") != "stix" or not isinstance(pattern, str):
            self.left.note(f"patterns of type {str(row.get('pattern_type'))[:40]}")
            return None
        try:
            said, besides = read_pattern(pattern)
        except NotUnderstood as error:
            self.left.note(f"patterns with {error}")
            return None
        for name in besides:
            self.left.note(f"pattern: {name}")
        if not said:
            self.left.note("patterns without the digest of a file")
            return None
        if wrong := _invalid(row, clock.now()):
            return Broken(number, *wrong)
        self._others(row, _OF_INDICATORS, "indicator")
        if _set(row, "valid_until", "") != "":
            self.left.note("valid_until, which ends nothing here")
        return self._listed(number, row, said)

    def _file(self, number: int, row: dict[str, Any], said: dict[str, Any]) -> Listed | Broken | None:
        self._others(row, _OF_FILES, "file")
        if not said:
            self.left.note("files without a digest")
            return None
        return self._listed(number, row, [(name, str(value)) for name, value in said.items()])

    def _listed(self, number: int, row: dict[str, Any], said: list[tuple[str, str]]) -> Listed | Broken:
        hashes: dict[str, tuple[str, ...]] = {}
        for name, text in said:
            kind = _KINDS.get(name.upper())
            if kind is None:
                self.left.note(f"hashes: {name[:40]}")
                continue
            try:
                if (value := digest(kind, text)) and value not in hashes.get(kind, ()):
                    hashes[kind] = (*hashes.get(kind, ()), value)
            except ValueError as error:
                return Broken(number, name[:40], str(error))
        if not hashes:
            return Broken(number, "hashes", "no digest that can be used")
        labels = _set(row, "labels", [])
        if not isinstance(labels, list):
            return Broken(number, "labels", "no list of texts")
        media, classification = self._labels(labels, row.get("mime_type"))
        facts = self._facts(row)
        series, quality = self._extension(row, facts)
        return Listed(
            self.left.cut("id", str(row.get("id") or ""), 250) or next(iter(hashes.values()))[0], hashes, media,
            quality, classification, series, self._text(row, "description", 300),
            self._changed(row), facts,
        )  # fmt: skip

    def _changed(self, row: dict[str, Any]) -> datetime | None:
        for name in ("modified", "created"):
            if _set(row, name, "") != "" and _moment(row[name]) is None:
                self.left.note(f"{name} that is no moment with its zone")
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
                self.left.note("confidence that is no number of at most 100")
        for name, ours in (("object_marking_refs", "markings"), ("indicator_types", "indicator_types")):
            said = _set(row, name, [])
            if isinstance(said, list) and all(isinstance(one, str) for one in said):
                if text := self.left.cut(name, " ".join(said), 1000):
                    facts[ours] = text
            else:
                self.left.note(f"{name} that is no list of texts")
        for name in ("name", "valid_until"):
            if text := self._text(row, name, 1000):
                facts[name] = text
        return facts

    def _text(self, row: dict[str, Any], name: str, most: int) -> str:
        said = _set(row, name, "")
        if not isinstance(said, str):
            self.left.note(f"{name} that is no text")
            return ""
        return self.left.cut(name, said, most)

    def _extension(self, row: dict[str, Any], facts: Facts) -> tuple[str, int | None]:
        """What our own writer says besides: series and quality; its facts go to `facts`. Other extensions are noted."""
        said = _set(row, "extensions", {})
        if not isinstance(said, dict):
            self.left.note("extensions that are no object")
            return "", None
        for name in said:
            if name != EXTENSION:
                self.left.note(f"extension {name[:80]}")
        ours = said.get(EXTENSION)
        ours = dict(ours) if isinstance(ours, dict) else {}
        ours.pop("extension_type", None)
        series, quality, more = ours.pop("series", ""), ours.pop("quality", None), ours.pop("facts", {})
        for name, value in more.items() if isinstance(more, dict) else ():
            if name not in facts and re.fullmatch("[a-z0-9_]{1,40}", name) and isinstance(value, str | int):
                facts[name] = self.left.cut(name, value, 1000) if isinstance(value, str) else value
            else:
                self.left.note(f"extension: {name[:40]}")
        right = isinstance(series, str) and (quality is None or (type(quality) is int and 0 <= quality <= 100))
        if ours or not right or not isinstance(more, dict):
            self.left.note("extension of ours in no form that it has")
        return (series[:200], quality) if right else ("", None)


def _set(row: dict[str, Any], name: str, nothing: Any) -> Any:
    """A member's value; null is as good as none."""
    value = row.get(name)
    return nothing if value is None else value


def _invalid(row: dict[str, Any], now: datetime) -> tuple[str, str] | None:
    """The member that says that this indicator does not count, and why."""
    for name in ("valid_from", "valid_until"):
        said = _set(row, name, "")
        if said == "":
            continue
        if (at := _moment(said)) is None:
            return name, "no moment with its zone"
        if name == "valid_until" and at <= now:
            return name, f"expired on {at:%Y-%m-%d}"
        if name == "valid_from" and at > now:
            return name, f"not valid before {at:%Y-%m-%d}"
    types = row.get("indicator_types")
    if isinstance(types, list) and "benign" in types:
        return "indicator_types", "it says that the file is benign"
    return None


def _media(mime: object) -> str:
    return "video" if isinstance(mime, str) and mime.startswith("video/") else "image"


def _moment(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) and len(text) < 40 else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
