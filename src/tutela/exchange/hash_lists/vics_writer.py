"""Write Project VIC's data model ("VICS") as JSON; see `vics_reader`.

Versions 1.2, 1.3 and 2.0, media lists and cases.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from tutela.exchange.hash_lists.entry import NUMBER, Left, Listed, ListedFile
from tutela.exchange.hash_lists.vics_reader import FLAGS, NUMBERS, TEXTS, number, tagged, time_of

VERSIONS = ("1.2", "1.3", "2.0")
_NAMED = {"photodna": "PhotoDNA", "pdq": "PDQ", "sha256": "SHA256"}
_SPELT = {**FLAGS, **TEXTS, "size": NUMBERS["size"]}


class TextSink(Protocol):
    """Where the text of a file goes."""

    def write(self, text: str, /) -> int: ...


@dataclass
class VicsWriter:
    """Writes one file. `categories` say which of our classes is which number of the profile."""

    version: str
    categories: dict[str, int]
    profile: str = "Default"
    case: dict[str, str] | None = None

    def __post_init__(self) -> None:
        self.left, self.written = Left(), 0
        if self.version not in VERSIONS or not re.fullmatch(r"\w{1,40}", self.profile):
            raise ValueError(f"choose one of {', '.join(VERSIONS)}, and a profile in letters")

    def write(self, file: TextSink, entries: Iterable[Listed]) -> None:
        """Every entry that has an MD5, which the format asks for; the others are counted in `left`."""
        kind = "Cases" if self.case is not None else "Media"
        if self.version == "2.0":
            model = f"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{self.profile}/$metadata#{kind}"
            head = {"@odata.context": model}
        else:
            head = {"odata.metadata": f"http://github.com/ICMEC/ProjectVic/DataModels/{self.version}.xml#{kind}"}
        file.write(json.dumps(head)[:-1] + ', "value": [')
        if self.case is not None:
            # The length comes last: it is known when everything was written.
            file.write(json.dumps(self.case, ensure_ascii=False)[:-1] + (", " if self.case else "") + '"Media": [')
        for one in entries:
            if row := self._row(one):
                file.write(("," if self.written else "") + "\n" + json.dumps(row, ensure_ascii=False))
                self.written += 1
        if self.case is not None:
            file.write(f'], "TotalMediaFiles": {self.written}}}')
        file.write("]}\n")

    def _row(self, one: Listed) -> dict[str, Any] | None:
        if not one.first("md5"):
            self.left.note("entries without an MD5")
            return None
        md5, known = one.first("md5").upper(), number(one.facts.get("media_id"))
        row: dict[str, Any] = {
            "MediaID": self.written + 1 if known is None else known,
            "Category": self._category(one.classification),
            "MD5": md5,
        }
        if one.first("sha1"):
            row["SHA1"] = one.first("sha1").upper()
        if self.version == "2.0" and one.first("photodna"):
            row["PhotoDNA"] = one.first("photodna")
        others = [
            {"HashName": name, "HashValue": value, "MD5": md5}
            for kind, name in _NAMED.items()
            for value in one.hashes.get(kind, ())[1 if kind == "photodna" and self.version == "2.0" else 0 :]
        ]
        if others:
            row["AlternativeHashes"] = others
        if one.files:
            row["MediaFiles"] = [_file(md5, each) for each in one.files]
        self._unwritten(one)
        if one.series:
            row["Series"] = one.series
        return row | self._members(one)

    def _unwritten(self, one: Listed) -> None:
        for kind, values in one.hashes.items():
            if kind in ("md5", "sha1"):
                for _ in values[1:]:
                    self.left.note(f"further {kind} of an entry")
            elif kind not in _NAMED:
                self.left.note(kind)

    def _members(self, one: Listed) -> dict[str, Any]:
        """Members of an entry: own members if they exist, the rest as tags."""
        facts = dict(one.facts)
        if one.at and "updated" not in facts:
            facts["updated"] = _written(one.at)
        elif one.at and one.at != time_of(str(facts["updated"])):
            self.left.note("time")
        if one.media_type == "video" and "mime_type" not in facts:
            facts["mime_type"] = "video"
        said = "video" if str(facts.get("mime_type", "")).lower().startswith("video") else "image"
        if one.media_type != said:
            self.left.note(f"media type {one.media_type[:40]}")
        comments = [str(text) for text in (facts.pop("comments", ""), one.reason) if text]
        row: dict[str, Any] = {spelt: facts[name] for name, spelt in _SPELT.items() if name in facts}
        if comments:
            row["Comments"] = "\n".join(comments)
        tags = [str(facts["tags"])] if facts.get("tags") else []
        if "media_id" in facts and number(facts["media_id"]) is None:
            self.left.note("media_id")
        extra: dict[str, str | int | bool] = {}
        if NUMBER in one.said() and one.key != str(facts.get("media_id")):
            extra[NUMBER] = one.key
        if one.quality is not None:
            extra["quality"] = one.quality
        extra |= {name: value for name, value in facts.items() if name not in (*_SPELT, "media_id", "tags")}
        for name, value in extra.items():
            try:
                tags.append(tagged(name, value))
            except ValueError:
                self.left.note(name)
        return row | ({"Tags": "; ".join(tags)} if tags else {})

    def _category(self, classification: str) -> int | None:
        if classification in self.categories:
            return self.categories[classification]
        scheme, _, value = classification.partition(":")
        if scheme == f"vics-{self.profile.lower()}" and value.isascii() and value.isdecimal():
            return int(value)
        if classification:
            self.left.note(f"class {classification} without a number")
        return None


def _file(md5: str, one: ListedFile) -> dict[str, Any]:
    times = {name: text for name, text in (("Created", one.created), ("Written", one.written)) if text}
    return {"MD5": md5, "FileName": one.name, "FilePath": one.folder, **times, "Deleted": one.deleted}


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
