"""Exchanged entries with their fingerprints and the members' opinions of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from tutela.exchange.message.timestamps import datable

NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"
# The kinds of fingerprint: the element's name, and the word in addresses.
KINDS = {
    "md5": "MD5",
    "sha1": "SHA1",
    "pdna": "PDNA",
    "pdq": "PDQ",
    "netclean": "NETCLEAN",
    "videntifier": "VIDENTIFIER",
    "tmk-pdqf": "TMK_PDQF",
    "ssvh-pdna": "SSVH_PDNA",
    "ssvh-safer-hash": "SSVH_SAFER_HASH",
}
_PLAIN = {name.replace("-", ""): name for name in KINDS}


class Media(StrEnum):
    """The two collections of an answer."""

    IMAGE = "image"
    VIDEO = "video"


class SharingMember(NamedTuple):
    """Member that entered or judged something; the number is the format's own."""

    id: int
    name: str


class SharedReason(NamedTuple):
    """Reason of a member's negative opinion."""

    guid: str
    name: str


class SharedOpinion(NamedTuple):
    """Opinion of members about one fingerprint of an entry; without a reason they agree."""

    kind: str
    members: tuple[SharingMember, ...]
    at: datetime
    reason: SharedReason | None = None


@dataclass(frozen=True)
class SharedEntry:
    """Live entry, or tombstone. `fingerprints` are by element name.

    `elsewhere` are fingerprints behind an address, with it; the address is empty if it is not below the base.
    """

    member: SharingMember
    id: str
    media: Media
    at: datetime
    deleted: bool = False
    classification: str = ""
    fingerprints: dict[str, str] = field(default_factory=dict)
    opinions: tuple[SharedOpinion, ...] = ()
    elsewhere: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Permanent name of the entry."""
        return f"{self.member.id}-{self.id}"


@dataclass(frozen=True)
class Page:
    """One answer: its entries, where the next one is, and what could not be used, with the reason."""

    entries: list[SharedEntry]
    next: str = ""
    broken: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def element_of(word: str) -> str | None:
    """The element's name of a kind in whatever spelling: `Md5`, `TMK_PDQF`, `tmk-pdqf`; None for no kind."""
    return _PLAIN.get(word.lower().replace("-", "").replace("_", ""))


def moment(at: datetime) -> str:
    """A time as the format writes it: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> datetime:
    """A time of the format, with a fraction or without; a zone is needed. Raises ValueError."""
    if not text.isascii() or not 20 <= len(text) <= 35:
        raise ValueError("write the time as 2026-02-10T14:05:00Z")
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("the time must have a time zone")
    return datable(at).astimezone(UTC)
