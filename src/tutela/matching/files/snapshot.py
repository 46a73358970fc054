"""Open a snapshot. `layout` documents the format.

Verification, in this order, before a single hash is used:

1. The magic and the version are ours.
2. The file is exactly as long as its header says (a torn write stops here).
3. The SHA-256 over everything else is the one at the end (an edit stops here).
4. Every section lies inside the file, in order, and points at entries that exist.

A checksum proves that the file is whole, not who made it: the caller compares `sha256` with a signed manifest.
"""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tutela.matching.errors import SnapshotDamagedError, SnapshotError, SnapshotForeignError, SnapshotTruncatedError
from tutela.matching.files.layout import (
    ADDED,
    CHECKSUM_BYTES,
    DIGESTS,
    MAGIC,
    MAX_HEADER,
    PREFIX,
    SECTIONS,
    VERSION,
    item_bytes,
)
from tutela.matching.files.records import VIDEO

type Buffer = bytes | mmap.mmap


def uuids(ids: NDArray[Any]) -> list[UUID]:
    """The ids in an array of `S16`."""
    # NumPy drops the zeros at the end of a byte string; an id may well end in one.
    return [UUID(bytes=one.ljust(16, b"\0")) for one in ids.tolist()]


class Snapshot:
    """A verified list, read in place. Nothing in it changes; safe to share between threads."""

    def __init__(self, data: Buffer, *, sha256: str = "", pdq: NDArray[np.uint8] | None = None) -> None:
        """Verify and open. Raises a SnapshotError that states the fault.

        `sha256` is for bytes that were verified before and cannot have changed since, such as memory that another
        process sealed. The value is trusted, and the checksum is not computed again. `pdq` then provides the perceptual
        hashes if the memory no longer holds them.
        """
        header = _header(data)
        self.hasher = str(header["hasher"])
        self.size = len(data)
        self.sha256 = sha256 or _checked_sum(data)
        sections = header["sections"]
        _require_order(data, sections)
        self._columns = {name: _column(data, name, sections) for name in SECTIONS if name in sections}
        if pdq is not None:
            if len(pdq) != len(self.pdq):
                raise SnapshotDamagedError("The number of perceptual hashes is that of another list.")
            self._columns["pdq"] = pdq
        for name in ADDED if header["version"] == 1 else ():
            self._columns[name] = np.zeros((len(self.pdq), *SECTIONS[name].shape), np.uint8)
        self._check_rows()
        # How many hashes of wholes each entry has; counted when the first video is found.
        self._wholes: NDArray[np.uint32] | None = None
        self._different: dict[str, int] = {}

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map the file. Replacing it by rename later does not disturb this reader."""
        try:
            with path.open("rb") as file:
                if not path.stat().st_size:
                    raise SnapshotTruncatedError("The file is empty.")
                return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except OSError as error:
            raise SnapshotError(f"{path}: {error.strerror}.") from error

    def __len__(self) -> int:
        """The number of entries."""
        return len(self._columns["entries"])

    @property
    def entries(self) -> NDArray[Any]:
        """Ids and flags, `layout.ENTRY[n]`, ascending by id."""
        return self._columns["entries"]

    def column(self, name: str) -> NDArray[Any]:
        """A section of `layout`."""
        return self._columns[name]

    @property
    def pdq(self) -> NDArray[np.uint8]:
        """The perceptual hashes, `uint8[p, 32]`, read-only."""
        return self._columns["pdq"]

    @property
    def pdq_rows(self) -> NDArray[np.uint32]:
        """The entry row of each perceptual hash."""
        return self._columns["pdq.rows"]

    @property
    def pdq_quality(self) -> NDArray[np.uint8]:
        return self._columns["pdq.quality"]

    @property
    def pdq_structure(self) -> NDArray[np.uint8]:
        """The second hash of each perceptual hash's pixels, `uint8[p, 32]`; zeros where there is none."""
        return self._columns["pdq.structure"]

    @property
    def pdq_part(self) -> NDArray[np.uint8]:
        """Whether each perceptual hash is of a part of the entry's picture (1) or of the whole (0)."""
        return self._columns["pdq.part"]

    def counts(self) -> dict[str, int]:
        """The number of hashes of each family."""
        return {kind: len(self._columns[kind]) for kind in (*DIGESTS, "pdq")}

    def entry_id(self, row: int) -> UUID:
        """The id of an entry."""
        return uuids(self._columns["entries"]["id"][row : row + 1])[0]

    def ids(self) -> bytes:
        """The ids of all entries, 16 bytes each, in the order of their rows."""
        return np.ascontiguousarray(self._columns["entries"]["id"]).tobytes()

    def flags(self, row: int) -> int:
        return int(self._columns["entries"]["flags"][row])

    def frames_of(self, row: int) -> int | None:
        """The number of different frame hashes of an entry if it is a video; None for any other."""
        if not self.flags(row) & VIDEO:
            return None
        if self._wholes is None:
            self._wholes = self._count_wholes()
        return int(self._wholes[row])

    def _count_wholes(self) -> NDArray[np.uint32]:
        places = np.flatnonzero(self.pdq_part == 0)
        hashes, rows = self.pdq[places], self.pdq_rows[places]
        # Equal hashes of an entry, such as frames of different quality, are adjacent.
        same = (hashes[1:] == hashes[:-1]).all(axis=1) & (rows[1:] == rows[:-1])
        different = np.concatenate([np.ones(min(1, len(rows)), bool), ~same])
        return np.bincount(rows[different], minlength=len(self)).astype(np.uint32)

    def counted(self, kind: str, count: Callable[[], int]) -> int:
        """Result of `count` for the hashes of a kind; cached, because they never change."""
        if kind not in self._different:
            self._different[kind] = count()
        return self._different[kind]

    def find(self, kind: str, digest: bytes) -> list[int]:
        """The entry rows that carry exactly this digest (`md5`, `sha1` or `sha256`), ascending."""
        keys = self._columns[kind]
        if len(digest) != item_bytes(kind) or not len(keys):
            return []
        wanted = np.array(digest, dtype=keys.dtype)
        first = int(np.searchsorted(keys, wanted, "left"))
        if first == len(keys) or keys[first] != wanted:
            return []
        last = int(np.searchsorted(keys, wanted, "right"))
        return [int(row) for row in self._columns[f"{kind}.rows"][first:last]]

    def _check_rows(self) -> None:
        for kind in (*DIGESTS, "pdq"):
            rows = self._columns[f"{kind}.rows"]
            if len(rows) != len(self._columns[kind]):
                raise SnapshotDamagedError(f"Section {kind} and its rows differ in length.")
            if len(rows) and int(rows.max()) >= len(self):
                raise SnapshotDamagedError(f"Section {kind} points outside the entries.")
        for name in ("pdq.quality", *ADDED):
            if len(self._columns[name]) != len(self.pdq):
                raise SnapshotDamagedError(f"Sections pdq and {name} differ in length.")


def _header(data: Buffer) -> dict[str, Any]:
    if len(data) < PREFIX.size:
        raise SnapshotTruncatedError("The file ends within the first bytes.")
    magic, version, length = PREFIX.unpack(data[: PREFIX.size])
    if magic != MAGIC:
        raise SnapshotForeignError("The first bytes are not those of a snapshot.")
    if version not in (1, VERSION):
        raise SnapshotForeignError(f"The file has version {version}.")
    if length > MAX_HEADER:
        raise SnapshotDamagedError("The header is too long.")
    if len(data) < PREFIX.size + length + CHECKSUM_BYTES:
        raise SnapshotTruncatedError("The file ends within the header.")
    try:
        header = json.loads(data[PREFIX.size : PREFIX.size + length])
    except (ValueError, RecursionError):
        raise SnapshotDamagedError("The header is not JSON.") from None
    if not isinstance(header, dict) or set(header) != {"hasher", "sections", "size"}:
        raise SnapshotDamagedError("The header has unexpected fields.")
    if header["size"] != len(data):
        raise SnapshotTruncatedError(f"The file has {len(data)} bytes and states {str(header['size'])[:20]}.")
    wanted = set(SECTIONS) - set(ADDED if version == 1 else ())
    if not isinstance(header["sections"], dict) or set(header["sections"]) != wanted:
        raise SnapshotDamagedError("The header names unexpected sections.")
    return header | {"version": version}


def _checked_sum(data: Buffer) -> str:
    """The SHA-256 of the whole, once that of all but the checksum is the checksum. Reads the bytes once."""
    with memoryview(data) as whole:
        running = hashlib.sha256(whole[:-CHECKSUM_BYTES])
        if running.digest() != whole[-CHECKSUM_BYTES:]:
            raise SnapshotDamagedError("The checksum differs.")
        running.update(whole[-CHECKSUM_BYTES:])
    return running.hexdigest()


def place_of(data: Buffer, name: str) -> tuple[int, int]:
    """Return the first byte of a section and the byte after its last. Raises a SnapshotError."""
    count, offset = _place(data, name, _header(data)["sections"])
    return offset, offset + count * item_bytes(name)


def _place(data: Buffer, name: str, sections: object) -> tuple[int, int]:
    """Return the number of elements of a section and its first byte."""
    place = sections.get(name) if isinstance(sections, dict) else None
    if not isinstance(place, dict) or not all(type(place.get(key)) is int for key in ("count", "offset")):
        raise SnapshotDamagedError(f"Section {name} is missing.")
    count, offset = place["count"], place["offset"]
    end = offset + count * item_bytes(name)
    if count < 0 or offset < PREFIX.size or end > len(data) - CHECKSUM_BYTES:
        raise SnapshotDamagedError(f"Section {name} is outside the file.")
    return count, offset


def _require_order(data: Buffer, sections: object) -> None:
    """Require that each section begins after the previous one.

    Releasing the pages of one section then never releases pages of another.
    """
    end, told = 0, sections if isinstance(sections, dict) else {}
    for name in SECTIONS:
        if name in told:
            count, offset = _place(data, name, sections)
            if offset < end:
                raise SnapshotDamagedError(f"Section {name} begins within another section.")
            end = offset + count * item_bytes(name)


def _column(data: Buffer, name: str, sections: object) -> NDArray[Any]:
    count, offset = _place(data, name, sections)
    if SECTIONS[name].shape:
        return np.frombuffer(data, np.uint8, count * 32, offset).reshape(-1, 32)
    return np.frombuffer(data, SECTIONS[name], count, offset)
