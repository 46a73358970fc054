"""Contents of a list, in addition to its matches: entries, hashes, and different hashes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tutela.matching.files.drill_entries import FIRST, LAST, is_test
from tutela.matching.files.layout import DIGESTS
from tutela.matching.files.records import REMOVED
from tutela.matching.files.snapshot import Snapshot
from tutela.matching.lists.match_list import MatchList

KINDS = (*DIGESTS, "pdq")


def entry_ids(found: MatchList) -> NDArray[Any]:
    """The ids of all entries, `S16[n]`, in no order."""
    kept = [one.entries["id"][mask] for one, mask in _kept(found)]
    return np.concatenate(kept)


def drill_entries_of(found: MatchList) -> set[UUID]:
    """The test entries of a list that were not removed. Nothing matches them; they show that a list has arrived."""
    base, later = found.snapshot, found.later
    ids = set(_tests(base))
    if later is not None:
        ids = (ids - later.ids) | (set(_tests(later.snapshot)) - later.gone)
    return ids - found.removed


def _tests(snapshot: Snapshot) -> list[UUID]:
    """Every test entry of a snapshot, those that it removes included. Ids ascend, so that they stand together."""
    ids = snapshot.entries["id"]
    ends = np.searchsorted(ids, np.frombuffer(FIRST.bytes + LAST.bytes, "S16"))
    rows = range(int(ends[0]), min(int(ends[1]) + 1, len(snapshot)))
    return [one for one in map(snapshot.entry_id, rows) if is_test(one)]


def hashes_of(found: MatchList, entries: Iterable[UUID]) -> dict[UUID, list[tuple[str, bytes]]]:
    """Return the hashes of some entries as kind and bytes; empty for unknown entries. Hashes of parts are `pdq` too.

    Each kind is read once, however many entries are asked.
    """
    later, out = found.later, {entry: list[tuple[str, bytes]]() for entry in entries}
    changed = {entry for entry in out if later is not None and entry in later.ids}
    for snapshot, asked in ((found.snapshot, out.keys() - changed), (later.snapshot if later else None, changed)):
        if snapshot is not None and (rows := {row: one for one in asked if (row := _row(snapshot, one)) is not None}):
            wanted = np.zeros(len(snapshot), bool)
            wanted[list(rows)] = True
            for kind in KINDS:
                column, hashes = snapshot.column(f"{kind}.rows"), _rows(snapshot, kind)
                for place in np.flatnonzero(wanted[column]).tolist():
                    out[rows[int(column[place])]].append((kind, hashes[place].tobytes()))
    return out


def _row(snapshot: Snapshot, entry: UUID) -> int | None:
    """Row of an entry; None if it is absent or marked as removed."""
    row = int(np.searchsorted(snapshot.entries["id"], np.frombuffer(entry.bytes, "S16"))[0])
    there = row < len(snapshot) and snapshot.entry_id(row) == entry and not snapshot.flags(row) & REMOVED
    return row if there else None


def different(found: MatchList) -> int:
    """The number of different hashes of a list, including those removed since.

    Sorts 8 bytes of each hash of a snapshot, once: 0.25 seconds for a million of three kinds. Later changes are looked
    up, so a version with few changes costs milliseconds.
    """
    base = found.snapshot
    whole = sum(base.counted(kind, lambda kind=kind: _different(_rows(base, kind))) for kind in KINDS)  # type: ignore[misc]
    if found.later is None:
        return whole
    (_, mask), (later, spoken) = _kept(found)
    return whole + sum(_more(found, kind, mask, _rows_of(later, kind, spoken)) for kind in KINDS)


def has(found: MatchList, kind: str, values: list[bytes]) -> list[bytes]:
    """Return those of some hashes of a kind that a list has exactly."""
    kept = _kept(found)
    if kind == "pdq":
        asked = np.frombuffer(b"".join(values), np.uint8).reshape(-1, 32)
        indexes = [found.index] if found.later is None else [found.index, found.later.index]
        near = np.any([one.contains(asked) for one in indexes], axis=0)
        values = [one for one, hit in zip(values, near.tolist(), strict=True) if hit]
    return [one for one in values if any(mask[_entries(snapshot, kind, one)].any() for snapshot, mask in kept)]


def _entries(snapshot: Snapshot, kind: str, value: bytes) -> list[int]:
    """The rows of the entries that have a hash."""
    if kind != "pdq":
        return snapshot.find(kind, value)
    same = (snapshot.pdq == np.frombuffer(value, np.uint8)).all(axis=1)
    return list(map(int, snapshot.pdq_rows[same]))


def _different(rows: NDArray[np.uint8]) -> int:
    first = np.sort(_first(rows))
    again = np.unique(first[1:][first[1:] == first[:-1]])
    if not len(again):
        return len(rows)
    alike = rows[np.isin(_first(rows), again)]
    return len(rows) - len(alike) + len({one.tobytes() for one in alike})


def _more(found: MatchList, kind: str, mask: NDArray[np.bool_], later: NDArray[np.uint8]) -> int:
    """Net number of different hashes that the changes add: hashes only they have, minus hashes only they removed."""
    gone = {one.tobytes() for one in _rows_of(found.snapshot, kind, ~mask)}
    new = {one.tobytes() for one in later}
    either = sorted(gone | new)
    left = {one for one, there in zip(either, _kept_there(found, kind, either, mask), strict=True) if there}
    return len(new - left) - len(gone - left)


def _kept_there(found: MatchList, kind: str, values: list[bytes], mask: NDArray[np.bool_]) -> list[bool]:
    """Whether an entry of the snapshot that counts still has each of these hashes."""
    if kind != "pdq":
        return [bool(mask[found.snapshot.find(kind, one)].any()) for one in values]
    asked = np.frombuffer(b"".join(values), np.uint8).reshape(-1, 32)
    same = found.index.query(asked, 0)
    return [bool(mask[found.snapshot.pdq_rows[[place for place, _ in same.of(n)]]].any()) for n in range(len(values))]


def _rows_of(snapshot: Snapshot, kind: str, mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The hashes of the entries in a mask."""
    rows: NDArray[np.uint8] = _rows(snapshot, kind)[mask[snapshot.column(f"{kind}.rows")]]
    return rows


def _first(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The first 8 bytes of each."""
    return np.ascontiguousarray(rows[:, :8]).view(np.uint64).reshape(-1)


def _rows(snapshot: Snapshot, kind: str) -> NDArray[np.uint8]:
    """The hashes of a kind, one a row."""
    if kind == "pdq":
        return snapshot.pdq
    column = snapshot.column(kind)
    return column.view(np.uint8).reshape(len(column), column.dtype.itemsize)


def _kept(found: MatchList) -> list[tuple[Snapshot, NDArray[np.bool_]]]:
    """The snapshot and its changes, and which entries of each count."""
    base, later = found.snapshot, found.later
    mask = np.ones(len(base), bool)
    if later is None:
        return [(base, mask)]
    ids, spoken = base.entries["id"], later.snapshot.entries["id"]
    at = np.searchsorted(ids, spoken)
    inside = at < len(ids)
    at = at[inside]
    mask[at[ids[at] == spoken[inside]]] = False
    return [(base, mask), (later.snapshot, ~(later.snapshot.entries["flags"] & REMOVED).astype(bool))]
