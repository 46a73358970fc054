"""Write STIX 2.1: a bundle of indicators whose patterns name digests of files; see `stix_reader`.

Ids are derived from their content, so that the same entry has the same id in every export.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TextIO
from uuid import NAMESPACE_URL, UUID, uuid5

from tutela.exchange.hash_lists.entry import Left, Listed

_OURS = uuid5(NAMESPACE_URL, "https://tutela.example/stix")
# What a pattern has no words for stands in an extension of ours, as the format provides (STIX 2.1, 7.3).
EXTENSION = f"extension-definition--{uuid5(_OURS, 'entry')}"
# The format's vocabulary for hashing algorithms is open: a PDQ hash has a name of its own in it.
PDQ = "PDQ"
_NAMES = {"md5": "MD5", "sha1": "'SHA-1'", "sha256": "'SHA-256'", "pdq": PDQ}


class StixWriter:
    """Writes one bundle; `left` counts what a pattern cannot say."""

    def __init__(self, author: str, at: datetime) -> None:
        """`author` made the list, `at` is when it was written."""
        self.left, self.written = Left(), 0
        self._author, self._at = author, at

    def write(self, file: TextIO, entries: Iterable[Listed]) -> None:
        """Every entry that has a digest or a PDQ hash. Each of them alone is enough for who matches: OR joins them."""
        now = _moment(self._at)
        identity = self._identity(now)
        extension = _extension(identity["id"], now)
        name = uuid5(_OURS, f"{self._author} {now}")
        file.write(f'{{"type": "bundle", "id": "bundle--{name}", "objects": [\n{json.dumps(identity)}')
        file.write(f",\n{json.dumps(extension)}")
        for one in entries:
            pattern = " OR ".join(
                f"[file:hashes.{spelt} = '{value}']"
                for kind, spelt in _NAMES.items()
                for value in one.hashes.get(kind, ())
            )
            for kind in one.hashes:
                if kind not in _NAMES:
                    self.left.note(kind)
            if not pattern:
                self.left.note("entries without a digest")
                continue
            file.write(",\n" + json.dumps(self._indicator(one, pattern, identity["id"]), ensure_ascii=False))
            self.written += 1
        file.write("\n]}\n")

    def _identity(self, now: str) -> dict[str, Any]:
        return {
            "type": "identity",
            "spec_version": "2.1",
            "id": f"identity--{uuid5(_OURS, self._author)}",
            "created": now,
            "modified": now,
            "name": self._author,
            "identity_class": "organization",
        }

    def _indicator(self, one: Listed, pattern: str, author: str) -> dict[str, Any]:
        at = _moment(one.at or self._at)
        row: dict[str, Any] = {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{_id(one.key)}",
            "created_by_ref": author,
            "created": at,
            "modified": _moment(self._at),
            "name": one.key,
            "pattern": pattern,
            "pattern_type": "stix",
            "valid_from": at,
            "labels": [one.media_type],
        }
        if one.classification:
            row["labels"].append(one.classification)
        if one.reason:
            row["description"] = one.reason
        facts = dict(one.facts)
        confidence = facts.get("confidence")
        if type(confidence) is int and 0 <= confidence <= 100:
            row["confidence"] = facts.pop("confidence")
        more: dict[str, Any] = {"series": one.series, "quality": one.quality, "facts": facts}
        more = {name: value for name, value in more.items() if value not in ("", None, {})}
        if pattern.count("file:hashes.") > 1:
            more["one_item"] = True
        if more:
            row["extensions"] = {EXTENSION: {"extension_type": "property-extension", **more}}
        return row


def _id(key: str) -> UUID:
    return uuid5(_OURS, key)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _extension(author: str, now: str) -> dict[str, Any]:
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION,
        "created": now,
        "modified": now,
        "created_by_ref": author,
        "name": "Tutela: an entry of a list",
        "version": "1.1.0",
        "description": "series, quality and facts of an entry; one_item: all digests are of copies of one item",
        "schema": "https://tutela.example/stix/entry",
        "extension_types": ["property-extension"],
    }
