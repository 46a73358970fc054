"""Project VIC's data model ("VICS") as JSON: versions 1.2, 1.3 and 2.0, media lists and cases.

Written from independent readers and writers, for the specification is not public. A category means nothing without its
profile: it becomes `vics-PROFILE:NUMBER`, and 0 and 5, which two editions of one profile use the other way round, mean
that nobody has judged, unless the caller knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

from tutela.exchange.lists.listed import VPDQ, Broken, Left, Listed, Unreadable, digest, named
from tutela.exchange.lists.streams import Stream

VERSIONS = ("1.2", "1.3", "2.0")
_OLD = re.compile(r"http://github\.com/ICMEC/ProjectVic/DataModels/(1\.[123])\.xml#(Media|Cases)", re.IGNORECASE)
_NEW = re.compile(
    r"http://github\.com/VICSDATAMODEL/ProjectVic/DataModels/(2\.0)\.xml/(\w{1,40})/\$metadata#(Media|Cases)",
    re.IGNORECASE,
)  # fmt: skip
_FLAGS = {
    "victimidentified": "victim_identified", "offenderidentified": "offender_identified",
    "isdistributed": "distributed", "isprecategorized": "precategorised", "issuspected": "suspected",
    "selfgenerated": "self_generated",
}  # fmt: skip
_TEXTS = {
    "precategorizationsource": "category_source", "comments": "comments", "mimetype": "mime_type",
    "dateupdated": "updated",
}  # fmt: skip
_NUMBERS = {"mediaid": "media_id", "mediasize": "size"}
_SPELT = {
    "victim_identified": "VictimIdentified", "offender_identified": "OffenderIdentified",
    "distributed": "IsDistributed", "precategorised": "IsPrecategorized", "suspected": "IsSuspected",
    "self_generated": "SelfGenerated", "category_source": "PrecategorizationSource", "comments": "Comments",
    "mime_type": "MimeType", "updated": "DateUpdated", "size": "MediaSize",
}  # fmt: skip
_ALTERNATIVE = {"photodna": "photodna", "pdq": "pdq", "sha256": "sha256", "sha-256": "sha256"}
_NAMED = {"photodna": "PhotoDNA", "pdq": "PDQ", "sha256": "SHA256"}
_KNOWN = {"category", "md5", "sha1", "photodna", "alternativehashes", "series", "tags"}
NO_VERDICT = (0, 5)


@dataclass(frozen=True)
class Model:
    """What a file says it is."""

    version: str
    profile: str = ""


class Reader:
    """Reads one file. `model` is known once its line was passed; `left` are members that nothing here understands."""

    def __init__(self, *, judged: Iterable[int] = ()) -> None:
        """`judged` are categories out of 0 and 5 that mean a verdict in the profile at hand."""
        self.model: Model | None = None
        self.left = Left()
        self._judged = frozenset(judged)

    def read(self, file: TextIO) -> Iterator[Listed | Broken]:
        """Every medium, of a list or of its cases. Raises `Unreadable`; what came before stands."""
        stream, number, seen = Stream(file), 0, False
        for name in stream.members():
            if name.lower() in ("odata.metadata", "@odata.context"):
                self.model = _model(stream.value())
            elif name.lower() == "value":
                seen = True
                for _ in stream.elements():
                    for medium in self._media(stream):
                        number += 1
                        yield self._listed(number, medium)
            else:
                self.left.note(name)
                stream.value()
        if not seen or self.model is None:
            raise Unreadable("no VICS file: it needs a model and a value")

    def _media(self, stream: Stream) -> Iterator[dict[str, Any]]:
        """An element is a medium, or a case that has media; a case may be longer than memory."""
        found, case = dict[str, Any](), False
        for name in stream.members():
            if name.lower() == "media" and stream.peek() == "[":
                case = True
                for _ in stream.elements():
                    medium = stream.value()
                    yield medium if isinstance(medium, dict) else {}
            else:
                found[name] = stream.value()
        if case:
            for name in found:
                self.left.note(f"case: {name}")
        else:
            yield found

    def _listed(self, number: int, raw: dict[str, Any]) -> Listed | Broken:
        said = {name.lower(): value for name, value in raw.items() if value is not None and value != ""}
        hashes: dict[str, tuple[str, ...]] = {}
        for kind, text in _hashes(said):
            try:
                if value := digest(kind, text):
                    hashes[kind] = tuple(dict.fromkeys((*hashes.get(kind, ()), value)))
            except ValueError as error:
                if kind in ("md5", "sha1"):
                    return Broken(number, kind, str(error))
                self.left.note(f"{kind} that is not one")
        if not hashes:
            return Broken(number, "MD5", "no hash that can be used")
        for name in raw:
            plain = name.lower()
            understood = plain in _KNOWN or plain in _FLAGS or plain in _TEXTS or plain in _NUMBERS
            if plain in said and not understood and not plain.startswith("odata.") and "@odata." not in plain:
                self.left.note(name)
        facts = _facts(said)
        media = "video" if str(facts.get("mime_type", "")).lower().startswith("video") else "image"
        key = str(facts["media_id"]) if "media_id" in facts else named(hashes)
        return Listed(
            key, hashes, media, classification=self._class(said.get("category")),
            series=_series(said.get("series")), at=_time(str(facts.get("updated", ""))), facts=facts,
        )  # fmt: skip

    def _class(self, category: object) -> str:
        number = _number(category)
        if number is None or (number in NO_VERDICT and number not in self._judged):
            return ""
        profile = (self.model.profile if self.model else "").lower() or "default"
        return f"vics-{profile}:{number}"


@dataclass
class Writer:
    """Writes one file. `categories` say which of our classes is which number of the profile."""

    version: str
    categories: dict[str, int]
    profile: str = "Default"
    case: dict[str, str] | None = None

    def __post_init__(self) -> None:
        self.left, self.written = Left(), 0
        if self.version not in VERSIONS or not re.fullmatch(r"\w{1,40}", self.profile):
            raise ValueError(f"write one of {', '.join(VERSIONS)}, with a profile in letters")

    def write(self, file: TextIO, entries: Iterable[Listed]) -> None:
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
        md5 = one.first("md5").upper()
        row: dict[str, Any] = {
            "MediaID": int(one.facts.get("media_id", self.written + 1)), "Category": self._category(one.classification),
            "MD5": md5,
        }  # fmt: skip
        if one.first("sha1"):
            row["SHA1"] = one.first("sha1").upper()
        if self.version == "2.0" and one.first("photodna"):
            row["PhotoDNA"] = one.first("photodna")
        others = [
            {"HashName": name, "HashValue": value, "MD5": md5} for kind, name in _NAMED.items()
            for value in one.hashes.get(kind, ())[1 if kind == "photodna" and self.version == "2.0" else 0 :]
        ]  # fmt: skip
        if others:
            row["AlternativeHashes"] = others
        if VPDQ in one.hashes:
            self.left.note(VPDQ)
        for kind in ("md5", "sha1"):
            for _ in one.hashes.get(kind, ())[1:]:
                self.left.note(f"further {kind} of an entry")
        if one.series:
            row["Series"] = one.series
        facts = {**one.facts, **({"updated": _written(one.at)} if one.at and "updated" not in one.facts else {})}
        if one.media_type == "video" and "mime_type" not in facts:
            facts["mime_type"] = "video"
        row |= {spelt: facts[name] for name, spelt in _SPELT.items() if name in facts}
        return row

    def _category(self, classification: str) -> int | None:
        if classification in self.categories:
            return self.categories[classification]
        scheme, _, value = classification.partition(":")
        if scheme == f"vics-{self.profile.lower()}" and value.isdecimal():
            return int(value)
        if classification:
            self.left.note(f"class {classification} has no number here")
        return None


def _model(said: object) -> Model:
    text = said if isinstance(said, str) else ""
    if found := _NEW.fullmatch(text.strip()):
        return Model(found[1], found[2])
    if found := _OLD.fullmatch(text.strip()):
        return Model(found[1])
    raise Unreadable("the model is none of VICS 1.1 to 2.0")


def _hashes(said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for kind in ("md5", "sha1", "photodna"):
        if said.get(kind):
            yield kind, str(said[kind])
    others = said.get("alternativehashes")
    for one in others if isinstance(others, list) else ():
        if isinstance(one, dict):
            plain = {name.lower(): value for name, value in one.items()}
            kind = _ALTERNATIVE.get(str(plain.get("hashname", "")).lower(), "")
            if kind and plain.get("hashvalue"):
                yield kind, str(plain["hashvalue"])


def _facts(said: dict[str, Any]) -> dict[str, str | int | bool]:
    facts: dict[str, str | int | bool] = {}
    for name, ours in _FLAGS.items():
        flag = str(said.get(name, "")).strip().lower()
        if flag in ("true", "false"):
            facts[ours] = flag == "true"
    for name, ours in _TEXTS.items():
        if isinstance(said.get(name), str):
            facts[ours] = said[name][:1000]
    for name, ours in _NUMBERS.items():
        if (number := _number(said.get(name))) is not None:
            facts[ours] = number
    return facts


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _series(value: object) -> str:
    if isinstance(value, dict):
        value = next((inside for name, inside in value.items() if name.lower() == "name"), "")
    return value.strip()[:200] if isinstance(value, str) else ""


def _time(text: str) -> datetime | None:
    """A date that can be read; the text itself stays among the facts."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
