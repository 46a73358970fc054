"""Read Project VIC's data model ("VICS") as JSON: versions 1.2, 1.3 and 2.0, media lists and cases.

Made from independent readers and writers, because the specification is not public. A category means nothing without its
profile, so it becomes `vics-PROFILE:NUMBER`. Two editions of one profile use 0 and 5 with opposite meanings. Both
therefore count as not assessed, unless the caller knows the edition. Content without a member in the format is among
the tags, see `tagged`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO
from urllib.parse import quote, unquote

from tutela.exchange.hash_lists.entry import (
    NUMBER,
    BrokenEntry,
    Left,
    Listed,
    ListedFile,
    Unreadable,
    digest,
    named,
)
from tutela.exchange.hash_lists.json_stream import Stream
from tutela.exchange.message import timestamps

_OLD = re.compile(r"http://github\.com/ICMEC/ProjectVic/DataModels/(1\.[123])\.xml#(Media|Cases)", re.IGNORECASE)
_NEW = re.compile(
    r"http://github\.com/VICSDATAMODEL/ProjectVic/DataModels/(2\.0)\.xml/(\w{1,40})/\$metadata#(Media|Cases)",
    re.IGNORECASE,
)
FLAGS = {
    "victim_identified": "VictimIdentified",
    "offender_identified": "OffenderIdentified",
    "distributed": "IsDistributed",
    "precategorised": "IsPrecategorized",
    "suspected": "IsSuspected",
    "self_generated": "SelfGenerated",
}
TEXTS = {
    "category_source": "PrecategorizationSource",
    "comments": "Comments",
    "mime_type": "MimeType",
    "updated": "DateUpdated",
}
NUMBERS = {"media_id": "MediaID", "size": "MediaSize"}
_ALTERNATIVE = {"photodna": "photodna", "pdq": "pdq", "sha256": "sha256", "sha-256": "sha256"}
_KNOWN = frozenset(
    one.lower()
    for one in (
        "Category",
        "MD5",
        "SHA1",
        "PhotoDNA",
        "AlternativeHashes",
        "Series",
        "Tags",
        "MediaFiles",
        *FLAGS.values(),
        *TEXTS.values(),
        *NUMBERS.values(),
    )
)
NO_VERDICT = (0, 5)
# Content of one of our tags.
_TAG = re.compile(r"tutela-([a-z0-9_]{1,40})=(.*)", re.DOTALL)
_LONGEST, _LONGEST_PATH = 1000, 32_000
type Facts = dict[str, str | int | bool]


@dataclass(frozen=True)
class Model:
    """Data model that a file states."""

    version: str
    profile: str = ""


class VicsReader:
    """Reads one file. `model` is known once its line was passed; `left` are members that nothing here understands."""

    def __init__(self, *, judged: Iterable[int] = ()) -> None:
        """`judged` are categories out of 0 and 5 that mean a verdict in the profile at hand."""
        self.model: Model | None = None
        self.left = Left()
        self._judged = frozenset(judged)

    def read(self, file: TextIO) -> Iterator[Listed | BrokenEntry]:
        """Every medium, of a list or of its cases. Raises `Unreadable`; what came before stands."""
        stream, count, seen = Stream(file), 0, False
        for name in stream.members():
            if name.lower() in ("odata.metadata", "@odata.context"):
                self.model = _model(stream.value())
            elif name.lower() == "value":
                seen = True
                for _ in stream.elements():
                    for medium in self._media(stream):
                        count += 1
                        yield self._listed(count, medium)
            else:
                self.left.note(name)
                stream.value()
        stream.end()
        if not seen or self.model is None:
            raise Unreadable("not a VICS file: a model and a value are required")

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

    def _listed(self, count: int, raw: dict[str, Any]) -> Listed | BrokenEntry:
        said = self._said(raw)
        hashes: dict[str, tuple[str, ...]] = {}
        for kind, text in self._hashes(said):
            try:
                value = digest(kind, text)
            except ValueError as error:
                if kind in ("md5", "sha1"):
                    return BrokenEntry(count, kind, str(error))
                self.left.note(f"invalid {kind}")
                continue
            if value:
                hashes[kind] = tuple(dict.fromkeys((*hashes.get(kind, ()), value)))
            else:
                self.left.note(f"{kind} of an empty file")
        if not hashes:
            return BrokenEntry(count, "MD5", "no usable hash")
        facts = self._facts(said)
        name, quality = self._tags(said.get("tags"), facts)
        media = "video" if str(facts.get("mime_type", "")).lower().startswith("video") else "image"
        key = name or (str(facts["media_id"]) if "media_id" in facts else named(hashes))
        return Listed(
            key,
            hashes,
            media,
            quality,
            self._class(said.get("category")),
            self._series(said.get("series")),
            at=time_of(str(facts.get("updated", ""))),
            facts=facts,
            files=tuple(self._files(said.get("mediafiles", []))),
        )

    def _said(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Members by their plain names; unknown members and duplicates are noted."""
        said = dict[str, Any]()
        for name, value in raw.items():
            plain = name.lower()
            if value is None or value == "" or plain.startswith("odata.") or "@odata." in plain:
                continue
            if plain not in _KNOWN or plain in said:
                self.left.note(name if plain not in _KNOWN else f"{name}, given twice")
            else:
                said[plain] = value
        return said

    def _hashes(self, said: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for kind in ("md5", "sha1", "photodna"):
            if kind in said:
                yield kind, str(said[kind])
        others = said.get("alternativehashes", [])
        if not isinstance(others, list):
            self.left.note("AlternativeHashes that are not a list")
            return
        for one in others:
            plain = {member.lower(): value for member, value in one.items()} if isinstance(one, dict) else {}
            name, value = str(plain.get("hashname", ""))[:40], plain.get("hashvalue")
            known = _ALTERNATIVE.get(name.lower(), "")
            if known and value:
                yield known, str(value)
            else:
                self.left.note(f"AlternativeHashes: {name or 'without a name'}{'' if value else ', without a value'}")
            for more in plain.keys() - {"hashname", "hashvalue", "md5"}:
                self.left.note(f"AlternativeHashes: {more[:40]}")

    def _files(self, said: object) -> Iterator[ListedFile]:
        for one in said if isinstance(said, list) else [said]:
            plain = {member.lower(): value for member, value in one.items()} if isinstance(one, dict) else {}
            texts = {member: plain.pop(member, "") for member in ("filename", "filepath", "created", "written")}
            deleted = str(plain.pop("deleted", "")).strip().lower() == "true"
            plain.pop("md5", None)
            if not texts["filename"] or not all(isinstance(text, str | None) for text in texts.values()):
                self.left.note("MediaFiles without a name")
                continue
            for member in plain:
                self.left.note(f"MediaFiles: {member[:40]}")
            cut = [self.left.cut("MediaFiles", text or "", _LONGEST_PATH) for text in texts.values()]
            yield ListedFile(cut[0], cut[1], cut[2], cut[3], deleted)

    def _facts(self, said: dict[str, Any]) -> Facts:
        facts: Facts = {}
        for ours, name in FLAGS.items():
            flag = str(said.get(name.lower(), "")).strip().lower()
            if flag in ("true", "false"):
                facts[ours] = flag == "true"
            elif flag:
                self.left.note(f"{name} that is not true or false")
        for ours, name in TEXTS.items():
            text = said.get(name.lower(), "")
            if not isinstance(text, str):
                self.left.note(f"{name} that is not text")
            elif text:
                facts[ours] = self.left.cut(name, text, _LONGEST)
        for ours, name in NUMBERS.items():
            if (found := number(said.get(name.lower()))) is not None:
                facts[ours] = found
            elif name.lower() in said:
                self.left.note(f"{name} that is not a number")
        return facts

    def _tags(self, said: object, facts: Facts) -> tuple[str, int | None]:
        """Our number and the quality, if they are among the tags; further facts and other tags go to `facts`."""
        parts = said.split(";") if isinstance(said, str) else said if isinstance(said, list) else []
        texts = [one.strip() for one in parts if isinstance(one, str)]
        if len(texts) < len(parts) or not isinstance(said, str | list | None):
            self.left.note("Tags that are not text")
        name, quality, others = "", None, list[str]()
        for one in filter(None, texts):
            ours, value = _untagged(one)
            if ours == NUMBER and isinstance(value, str) and value:
                name = value[:200]
            elif ours == "quality" and isinstance(value, int) and 0 <= value <= 100:
                quality = value
            elif ours and value is not None and ours not in facts and ours not in (NUMBER, "quality", "tags"):
                facts[ours] = value
            else:
                others.append(one)
        if others:
            facts["tags"] = self.left.cut("Tags", "; ".join(others), _LONGEST)
        return name, quality

    def _class(self, category: object) -> str:
        found = number(category)
        if category is not None and found is None:
            self.left.note("Category that is not a number")
        if found in NO_VERDICT and found not in self._judged:
            self.left.note(f"Category {found}, which states no verdict")
            return ""
        profile = (self.model.profile if self.model else "").lower() or "default"
        return "" if found is None else f"vics-{profile}:{found}"

    def _series(self, said: object) -> str:
        text: Any = "" if said is None else said
        if isinstance(said, dict):
            plain = {name.lower(): value for name, value in said.items()}
            text = plain.pop("name", "")
            for name in plain:
                self.left.note(f"Series: {name[:40]}")
        if not isinstance(text, str):
            self.left.note("Series that is not text")
            return ""
        return self.left.cut("Series", text.strip(), 200)


def tagged(name: str, value: str | int | bool) -> str:
    """A fact that the format has no member for, as one of its tags. Raises ValueError for a name that no tag has."""
    text = f"tutela-{name}={quote(json.dumps(value, ensure_ascii=False), safe=' ,.:/+')}"
    if not _TAG.fullmatch(text):
        raise ValueError(name)
    return text


def _untagged(text: str) -> tuple[str, str | int | bool | None]:
    """Content of one of our tags; empty for other tags."""
    if (found := _TAG.fullmatch(text)) is None:
        return "", None
    try:
        value = json.loads(unquote(found[2], errors="strict"))
    except (ValueError, RecursionError):
        return "", None
    return (
        (found[1], value[:_LONGEST] if isinstance(value, str) else value)
        if isinstance(value, str | int)
        else ("", None)
    )


def _model(said: object) -> Model:
    text = said if isinstance(said, str) else ""
    if found := _NEW.fullmatch(text.strip()):
        return Model(found[1], found[2])
    if found := _OLD.fullmatch(text.strip()):
        return Model(found[1])
    raise Unreadable("the model is not one of VICS 1.1 to 2.0")


def number(value: object) -> int | None:
    """A number that is written as one, in digits or in a text; nothing for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def time_of(text: str) -> datetime | None:
    """A date that can be read; the text itself stays among the facts."""
    at = timestamps.read(text)
    return at.astimezone(UTC) if at else None
