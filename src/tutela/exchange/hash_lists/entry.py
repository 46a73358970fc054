"""Entry of a list in any format, and the check that every hash passes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tutela.exchange.register.video_frames import FilmUnreadableError, as_vpdq, of_vpdq

HEX = {"md5": 32, "sha1": 40, "sha256": 64, "pdq": 64}
# Only the register's own entries have these hashes: the PDQ hash of a part of the picture, and a PDQ hash followed by
# the second hash of the same pixels. No other format has a place for them.
LOOKS = {"window": 64, "structure": 128}
# All frames of a video, as one text.
VPDQ = "vpdq"
EMPTY = {hashlib.new(name, b"", usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256")}
# 144 bytes; computed by those who hold its licence, here carried and compared alone.
PHOTODNA_BYTES = 144
# What an entry's key is called where people read it.
NUMBER = "number"


@dataclass(frozen=True)
class ListedFile:
    """A place where an item was found: name, folder, times as text, and whether the file had been deleted."""

    name: str
    folder: str
    created: str = ""
    written: str = ""
    deleted: bool = False


@dataclass(frozen=True)
class Listed:
    """`hashes` by kind: lower-case hex, PhotoDNA base64, vPDQ JSON; an item may have several.

    `classification` is `scheme:value`; `facts` are further values that the formats have, under our own names.
    """

    key: str
    hashes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    media_type: str = "image"
    quality: int | None = None
    classification: str = ""
    series: str = ""
    reason: str = ""
    at: datetime | None = None
    facts: dict[str, str | int | bool] = field(default_factory=dict)
    files: tuple[ListedFile, ...] = ()

    def first(self, kind: str) -> str:
        """The first hash of a kind, or nothing."""
        return next(iter(self.hashes.get(kind, ())), "")

    def said(self) -> Iterator[str]:
        """Names of all further content except hashes and type: each set field, and each fact."""
        if self.key and not self.key.startswith(tuple(f"{kind}:" for kind in (*HEX, "photodna", VPDQ, *LOOKS))):
            yield NUMBER
        if self.quality is not None:
            yield "quality"
        for name in ("classification", "series", "reason"):
            if getattr(self, name):
                yield name
        if self.at is not None:
            yield "time"
        if self.files:
            yield "files"
        # By which a format counts its entries; mostly the key itself.
        yield from (name for name, value in self.facts.items() if name != "media_id" or str(value) != self.key)


@dataclass(frozen=True)
class BrokenEntry:
    """An entry that cannot be used: which (from 1), which field, and why. Never the value."""

    number: int
    field: str
    reason: str


@dataclass
class Left:
    """Contents omitted in reading or writing, to be reported to people: names with counts."""

    names: dict[str, int] = field(default_factory=dict)

    def note(self, name: str) -> None:
        """Once more; names beyond a hundred are counted together."""
        known = name if name in self.names or len(self.names) < 100 else "further names"
        self.names[known] = self.names.get(known, 0) + 1

    def note_rest(self, one: Listed, *written: str) -> None:
        """Note all further content of an entry that was not written or read."""
        for name in one.said():
            if name not in written:
                self.note(name)

    def cut(self, name: str, text: str, most: int) -> str:
        """At most so many characters of a text; that there were more is noted."""
        if len(text) > most:
            self.note(f"{name}, longer than {most} characters")
        return text[:most]


class Unreadable(ValueError):
    """The file is not of this format from this place on; states the place and the reason."""


def digest(kind: str, text: str) -> str:
    """A hash in its one form; nothing for one of nothing. Raises ValueError with the reason."""
    value = text.strip().lower()
    if kind == VPDQ:
        return vpdq(text)
    if kind == "photodna":
        return photodna(text)
    digits = HEX.get(kind) or LOOKS[kind]
    if not re.fullmatch(f"[0-9a-f]{{{digits}}}", value):
        raise ValueError(f"must be {digits} hexadecimal digits")
    return "" if value in EMPTY else value


def photodna(text: str) -> str:
    """PhotoDNA as base64, from base64 or hex. Raises ValueError."""
    value = text.strip()
    try:
        raw = bytes.fromhex(value) if len(value) == PHOTODNA_BYTES * 2 else base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != PHOTODNA_BYTES:
        raise ValueError(f"must be {PHOTODNA_BYTES} bytes in base64 or hex")
    return base64.b64encode(raw).decode()


def vpdq(text: str) -> str:
    """A video's frames in their one form, vPDQ's JSON. Raises ValueError with the reason."""
    try:
        return as_vpdq(of_vpdq(text))
    except FilmUnreadableError as error:
        raise ValueError(error.detail) from None


def named(hashes: dict[str, tuple[str, ...]]) -> str:
    """A name for an entry that has none: its strongest hash."""
    kind = next(one for one in ("sha256", "sha1", "md5", "pdq", "photodna", VPDQ, *LOOKS) if hashes.get(one))
    value = hashes[kind][0]
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest() if kind == VPDQ else value}"[:250]
