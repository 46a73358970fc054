"""Reference lists: taken into the case at its start, so that a run can be repeated, and opened for look-ups.

- `known`: certified for the own country. An entry without a category is known, with nothing said of the law.
- `elsewhere`: a provider's, foreign or unverified list. Its entries never make an item known.
- `ignorable`: lawful reference, such as the NSRL. Only exact digests count, and any other hit goes before.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import NAMESPACE_OID, UUID, uuid5

from tutela.exchange.hash_lists.entry import BrokenEntry, Listed, Unreadable, named
from tutela.exchange.hash_lists.vics_reader import VicsReader
from tutela.forensics.case_folder.case import LISTS, Case
from tutela.forensics.errors import CaseChangedError, ListUnreadableError
from tutela.forensics.lists.photodna import photodna_bytes
from tutela.forensics.lists.rds import rds_records
from tutela.matching import MIN_QUALITY, MatchList, Record, Snapshot
from tutela.matching.files.snapshot_writer import build_snapshot

_MOST_AT_ONCE = 10_000
_VICS_MARKS = (b"odata.metadata", b"@odata.context")


class ListRole(StrEnum):
    """What a list says of an item that it has."""

    KNOWN = "known"
    ELSEWHERE = "elsewhere"
    IGNORABLE = "ignorable"


@dataclass(frozen=True, slots=True)
class ReferenceList:
    """A list of the case, ready for look-ups."""

    number: int
    role: ListRole
    name: str
    version: str
    matches: MatchList


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """What a list says of one entry in addition to its hashes."""

    entry: UUID
    category: str = ""
    series: str = ""
    photodna: bytes | None = None


def is_vics(path: Path) -> bool:
    """Whether a file begins as one of Project VIC's data model."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(4096)
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and any(mark in start for mark in _VICS_MARKS)


def add_list(case: Case, role: ListRole, path: Path, records: Iterable[Record] | None = None, version: str = "") -> int:
    """Take a list into the case and return its number. Raises ListUnreadableError.

    VICS files and NSRL's reference data sets are read here; `records` are the entries of any other list.
    """
    number = case.count("SELECT count(*) FROM list") + 1
    target = case.folder / LISTS / f"{number}.list"
    facts = _Facts(case, number)
    if records is None:
        records = _vics_records(path, facts) if is_vics(path) else rds_records(path)
    with case.transaction():
        row = (number, str(role), path.name, version, "", 0, 0)
        case.connection.execute("INSERT INTO list VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        try:
            report = build_snapshot(records, target)
        except (OSError, ValueError) as error:
            raise ListUnreadableError(f"{path}: {error}") from None
        facts.flush()
        if not report.entries and not facts.written:
            raise ListUnreadableError(f"{path}: no usable hash.")
        case.connection.execute(
            "UPDATE list SET sha256 = ?, entries = ?, excluded = ? WHERE id = ?",
            (report.sha256, report.entries, len(report.quarantined) + facts.broken, number),
        )
    return number


def add_snapshot(case: Case, role: ListRole, path: Path, name: str, version: str = "") -> int:
    """Take a list that is built already into the case, and return its number. Raises SnapshotError."""
    number = case.count("SELECT count(*) FROM list") + 1
    target = case.folder / LISTS / f"{number}.list"
    shutil.copyfile(path, target)
    snapshot = Snapshot.open(target)
    row = (number, str(role), name, version, snapshot.sha256, len(snapshot), 0)
    case.connection.execute("INSERT INTO list VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    return number


class _Facts:
    """Facts of a list's entries, written in portions."""

    def __init__(self, case: Case, number: int) -> None:
        self._case, self._number = case, number
        self._waiting = list[tuple[int, bytes, str, str, bytes | None]]()
        self.broken = self.written = 0

    def add(self, one: EntryFacts) -> None:
        self._waiting.append((self._number, one.entry.bytes, one.category, one.series, one.photodna))
        if len(self._waiting) >= _MOST_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self.written += len(self._waiting)
        self._case.connection.executemany("INSERT OR IGNORE INTO list_entry VALUES (?, ?, ?, ?, ?)", self._waiting)
        self._waiting.clear()


def _vics_records(path: Path, facts: _Facts | None) -> Iterator[Record]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for one in VicsReader().read(file):
                if isinstance(one, BrokenEntry):
                    if facts is not None:
                        facts.broken += 1
                    continue
                yield _record(one, facts)
    except (Unreadable, UnicodeDecodeError, OSError) as error:
        raise ListUnreadableError(f"{path}: {error}") from None


def _record(one: Listed, facts: _Facts | None) -> Record:
    entry = uuid5(NAMESPACE_OID, f"tutela-triage:{named(one.hashes)}")
    if facts is not None:
        facts.add(EntryFacts(entry, one.classification, one.series, photodna_bytes(one.first("photodna"))))
    quality = MIN_QUALITY if one.quality is None else one.quality
    looks = tuple((value, quality) for value in one.hashes.get("pdq", ()))
    sha256, sha1, md5 = (one.hashes.get(kind, ()) for kind in ("sha256", "sha1", "md5"))
    return Record(entry, sha256, sha1, md5, looks)


def read_records(path: Path) -> Iterator[Record]:
    """The entries of a VICS file or of a reference data set, without what else it says of them."""
    if not is_vics(path):
        yield from rds_records(path)
        return
    yield from _vics_records(path, None)


def open_lists(case: Case) -> list[ReferenceList]:
    """Open every list of the case. Raises CaseChangedError if one is not the one of the start."""
    opened = []
    for row in case.rows("SELECT * FROM list ORDER BY id"):
        path = case.folder / LISTS / f"{row['id']}.list"
        try:
            snapshot = Snapshot.open(path)
        except OSError as error:
            raise CaseChangedError(f"{path}: {error.strerror}.") from None
        if snapshot.sha256 != row["sha256"]:
            raise CaseChangedError(f"{path}.")
        found = MatchList.load(snapshot, list_id=str(row["id"]), version=1, source=row["role"])
        opened.append(ReferenceList(row["id"], ListRole(row["role"]), row["name"], row["version"], found))
    return opened


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read a mebibyte at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
