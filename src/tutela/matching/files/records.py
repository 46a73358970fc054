"""Records from which a list is built, and the check that every value passes.

A value that fails is set aside with its reason; the rest of the record, and of the list, is built.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tutela.matching.index.structure_hash import NO_STRUCTURE

# PDQ's authors discard hashes of lower quality: pictures with little in them resemble one another.
MIN_QUALITY = 50
# At this distance PDQ's authors call two pictures the same; it is also the widest at which chunks find everything.
MAX_DISTANCE = 31
_MAX_QUALITY = 100

DIGEST_BYTES = {"md5": 16, "sha1": 20, "sha256": 32}
_PDQ_BYTES = 32

# Of an entry's flags: its PDQ hashes are of the frames of a video.
VIDEO = 1
# This record has no hashes and removes an entry of the previous list (`delta`).
REMOVED = 2

# The digests of nothing at all: every empty file has them.
EMPTY = frozenset(hashlib.new(kind, usedforsecurity=False).digest() for kind in DIGEST_BYTES)

# `fullmatch`, because `$` lets a final newline pass.
_HEX = re.compile(r"[0-9a-fA-F]*")


@dataclass(frozen=True, slots=True)
class Record:
    """One entry as it arrives: hex text in either case, several hashes of a kind allowed.

    `pdq` is (hash, quality), or (hash, quality, structure), or (hash, quality, structure, whether it is of a part).
    `flags`: `VIDEO`, `REMOVED`.
    """

    entry_id: str | UUID
    sha256: Sequence[str] = ()
    sha1: Sequence[str] = ()
    md5: Sequence[str] = ()
    pdq: Sequence[tuple[str, int] | tuple[str, int, str] | tuple[str, int, str, bool]] = ()
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A value left out of a build: which record (counted from 0), which field, and why. Never the value itself."""

    position: int
    entry_id: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class HashRecord:
    """A perceptual hash after the gate, 32 bytes, with the second hash of the same pixels (zeros: none)."""

    value: bytes
    quality: int
    structure: bytes = NO_STRUCTURE
    part: bool = False


@dataclass(slots=True)
class ListEntry:
    """A record after the gate."""

    id: UUID
    flags: int
    digests: dict[str, list[bytes]] = field(default_factory=dict)
    pdq: list[HashRecord] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not self.pdq and not any(self.digests.values())


class _UnfitError(ValueError):
    pass


def admit(records: Iterable[Record], quarantine: list[Quarantined]) -> Iterator[ListEntry]:
    """The entries that can be found by something; everything else goes to `quarantine`."""
    seen: set[UUID] = set()
    for position, record in enumerate(records):
        refuse = _Refusal(position, str(record.entry_id)[:64], quarantine)
        try:
            entry = ListEntry(_entry_id(record.entry_id), _flags(record.flags))
            if entry.id in seen:
                raise _UnfitError("the ID occurs twice")
        except _UnfitError as error:
            refuse("entry_id", str(error))
            continue
        _fill(entry, record, refuse)
        if entry.empty and not entry.flags & REMOVED:
            refuse("record", "no usable hash")
            continue
        seen.add(entry.id)
        yield entry


class _Refusal:
    def __init__(self, position: int, entry_id: str, into: list[Quarantined]) -> None:
        self._position, self._entry_id, self._into = position, entry_id, into

    def __call__(self, name: str, reason: str) -> None:
        self._into.append(Quarantined(self._position, self._entry_id, name, reason))


def _fill(entry: ListEntry, record: Record, refuse: _Refusal) -> None:
    for kind, size in DIGEST_BYTES.items():
        for text in getattr(record, kind):
            try:
                value = unhex(text, size)
                if value in EMPTY:
                    raise _UnfitError("the digest of an empty file identifies no item")
                entry.digests.setdefault(kind, []).append(value)
            except ValueError as error:
                refuse(kind, str(error))
    for pair in record.pdq:
        try:
            entry.pdq.append(_pdq(pair))
        except ValueError as error:
            refuse("pdq", str(error))


def _entry_id(value: object) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        raise _UnfitError("not a UUID") from None


def _flags(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 32:
        raise _UnfitError("flags are not an unsigned 32-bit number")
    return value


def unhex(text: object, size: int) -> bytes:
    """`size` bytes from exactly twice as many hex digits, in either case. Raises ValueError with the reason."""
    if not isinstance(text, str) or len(text) != 2 * size or not _HEX.fullmatch(text):
        raise ValueError(f"must be {2 * size} hex digits")
    return bytes.fromhex(text)


def _pdq(pair: object) -> HashRecord:
    if not isinstance(pair, tuple | list) or not 2 <= len(pair) <= 4:
        raise _UnfitError("must be a hash, its quality, and optionally a structure and whether it is of a part")
    value, quality = unhex(pair[0], _PDQ_BYTES), pair[1]
    if not isinstance(quality, int) or not 0 <= quality <= _MAX_QUALITY:
        raise _UnfitError("quality must be a whole number from 0 to 100")
    if quality < MIN_QUALITY:
        raise _UnfitError(f"quality {quality} is below {MIN_QUALITY}")
    if not any(value):
        raise _UnfitError("the all-zero hash describes no picture")
    structure = unhex(pair[2], _PDQ_BYTES) if len(pair) > 2 and pair[2] else NO_STRUCTURE
    part = pair[3] if len(pair) > 3 else False
    if not isinstance(part, bool):
        raise _UnfitError("whether the hash is of a part must be true or false")
    return HashRecord(value, quality, structure, part)
