"""Examine one file: its members if it is an archive, their digests, hashes, look-ups, and camera facts."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from tutela.forensics.authorisation import Authorisation, Outside
from tutela.forensics.case_folder.case import DATABASE, Case
from tutela.forensics.items.classes import ItemKind
from tutela.forensics.items.encryption import encryption_sign
from tutela.forensics.items.exif import CameraFacts, camera_facts
from tutela.forensics.lists.reference_list import ListRole, ReferenceList
from tutela.matching import Match
from tutela.media import Code, Digests, Hashed, Refused, digest_bytes
from tutela.scan.outcome import Status, code_of, status_of
from tutela.scan.walk import FoundFile, Unread, WalkLimits, read_bytes

TENANT = "triage"
OUTSIDE = "outside:"
LOW_INFORMATION = "low_information"
# What another copy of the same bytes has in common with this one.
SHARED = (
    "kind, format, width, height, pdq, quality, frames, make, model, serial, taken, native, class, category, series,"
    " matches, conflict, not_examined"
)


class MediaHasher(Protocol):
    """The sandboxed pool, or its substitute in a bench."""

    def hash_bytes(
        self, data: bytes, *, tenant: str, listed: bool = False, digests: Digests | None = None
    ) -> Hashed | Refused: ...


@dataclass(frozen=True, slots=True)
class ExaminedItem:
    """One item of a file. `copy` is the row of an earlier copy of the same bytes; then nothing else was computed."""

    name: str
    size: int
    digests: Digests | None = None
    result: Hashed | Refused | None = None
    matches: tuple[tuple[ReferenceList, Match], ...] = ()
    camera: CameraFacts = field(default_factory=CameraFacts)
    not_examined: str = ""
    copy: tuple[Any, ...] | None = None

    @property
    def kind(self) -> ItemKind:
        """What the item is."""
        if isinstance(self.result, Hashed):
            return ItemKind.VIDEO if self.result.video else ItemKind.PICTURE
        if self.result is not None and status_of(self.result) is Status.NOT_A_PICTURE:
            return ItemKind.OTHER
        return ItemKind.UNDECODED

    @property
    def outside(self) -> str:
        """Why a member of an archive was left unread by the authorisation; empty for an item."""
        return self.not_examined.removeprefix(OUTSIDE) if self.not_examined.startswith(OUTSIDE) else ""


class EarlierCopies:
    """Items that were recorded before, by their bytes. Shared by the threads of a run."""

    def __init__(self, case: Case) -> None:
        address = f"{(case.folder / DATABASE).absolute().as_uri()}?mode=ro"
        self._connection = sqlite3.connect(address, uri=True, check_same_thread=False, timeout=60)
        self._lock = threading.Lock()

    def find(self, sha256: str) -> tuple[Any, ...] | None:
        """The shared values of an item that was examined whole; None without."""
        query = f"SELECT {SHARED} FROM item WHERE sha256 = ? AND not_examined IN ('', '{LOW_INFORMATION}') LIMIT 1"  # noqa: S608
        with self._lock:
            found: tuple[Any, ...] | None = self._connection.execute(query, (sha256,)).fetchone()
        return found

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Examiner:
    """What examining files needs. Safe to share between threads."""

    hasher: MediaHasher
    lists: Sequence[ReferenceList]
    copies: EarlierCopies
    allowed: Authorisation

    def examine(self, path: str, data: bytes, modified: float | None) -> list[ExaminedItem]:
        """Every item of a file, in the order of the file; first an archive itself if a list has it."""
        leave, whole = partial(_left, self.allowed, modified), digest_bytes(data)
        items = list(self._items(read_bytes(path, data, WalkLimits(leave=leave)), {path: whole}))
        if any(one.digests == whole for one in items):
            return items
        matches = tuple(exact_matches(self.lists, whole))
        for place, one in enumerate(items):
            if one.name == path:
                items[place] = replace(one, size=len(data), digests=whole, matches=matches)
                return items
        archive = Refused(whole, Code.NOT_A_PICTURE, "an archive")
        return [*([ExaminedItem(path, len(data), whole, archive, matches)] if matches else []), *items]

    def not_held(self, path: str, size: int, said: Digests | str) -> ExaminedItem:
        """The item of a file that is too long to be held, by its digests, or of one that could not be read."""
        if isinstance(said, str):
            return ExaminedItem(path, size, not_examined=said)
        matches = tuple(exact_matches(self.lists, said))
        return ExaminedItem(path, said.size, said, matches=matches, not_examined="too_large")

    def _items(self, found: Iterator[FoundFile | Unread], known: Mapping[str, Digests]) -> Iterator[ExaminedItem]:
        """The items. `known`: digests by name that were computed before."""
        for one in found:
            if isinstance(one, FoundFile):
                with one.budget.hashing():
                    item = self._item(one.name, one.data, known.get(one.name) or digest_bytes(one.data))
                yield item
            elif one.digests is not None:
                yield self.not_held(one.name, one.size, one.digests)
            else:
                yield ExaminedItem(one.name, 0, not_examined=one.code)

    def _item(self, name: str, data: bytes, digests: Digests) -> ExaminedItem:
        if copy := self.copies.find(digests.sha256):
            return ExaminedItem(name, len(data), digests, copy=copy)
        result = self.hasher.hash_bytes(data, tenant=TENANT, digests=digests)
        frames = result.frames if isinstance(result, Hashed) else ()
        matches = tuple((one, match) for one in self.lists for match in _matches(one, digests, frames))
        hashed = isinstance(result, Hashed)
        camera = camera_facts(data) if hashed else CameraFacts()
        return ExaminedItem(name, len(data), digests, result, matches, camera, _unexamined(result, data))


def exact_matches(lists: Sequence[ReferenceList], digests: Digests) -> list[tuple[ReferenceList, Match]]:
    """Look up digests alone."""
    return [(one, match) for one in lists for match in one.matches.match(digests, ())]


def _matches(one: ReferenceList, digests: Digests, frames: Sequence[Any]) -> list[Match]:
    return one.matches.match(digests, () if one.role is ListRole.IGNORABLE else frames)


def _left(allowed: Authorisation, modified: float | None, name: str) -> str:
    """The code for a member that the authorisation leaves out; a member has the date of its archive."""
    reason = allowed.outside(name, modified)
    return "" if reason is None or reason is Outside.PERIOD else OUTSIDE + reason


def _unexamined(result: Hashed | Refused, data: bytes) -> str:
    """The code of an item that was not examined, or not whole."""
    status = status_of(result)
    if status is Status.NOT_DECODED:
        return encryption_sign(data) or code_of(result)
    if status is Status.NOT_A_PICTURE:
        return encryption_sign(data)
    return "" if isinstance(result, Hashed) and result.compared else LOW_INFORMATION
