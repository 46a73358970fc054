"""Changes to a list since its snapshot was made: a small additional snapshot.

Its entries replace those of the same id, or are new; an entry with the flag `REMOVED` and without hashes is removed. A
change of a few entries in a list of millions is therefore a few kilobytes, for publisher and user. When there are many
changes, `folded` makes one snapshot of both: the same bytes as a snapshot of the present entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tutela.matching.files.columns import LOOKS, Column, arranged_digests, arranged_looks
from tutela.matching.files.layout import DIGESTS
from tutela.matching.files.records import REMOVED
from tutela.matching.files.snapshot import Snapshot
from tutela.matching.files.snapshot_writer import assembled
from tutela.matching.index.hamming_index import HammingIndex


@dataclass(frozen=True, slots=True)
class Later:
    """Changes, ready for questions. `ids` are all that they speak of, `gone` those that are in the list no more.

    `entries` is how many the list has with them.
    """

    snapshot: Snapshot
    index: HammingIndex
    ids: frozenset[UUID]
    gone: frozenset[UUID]
    entries: int

    @classmethod
    def load(cls, base: Snapshot, changes: Snapshot, index: HammingIndex | None = None) -> Self:
        """`index` is one built over the changes' hashes before."""
        gone = frozenset(changes.entry_id(int(row)) for row in np.flatnonzero(_gone(changes)))
        ids = frozenset(map(changes.entry_id, range(len(changes))))
        known = int(_within(_ids(base), _ids(changes)).sum())
        entries = len(base) - known + len(ids) - len(gone)
        return cls(changes, HammingIndex(changes.pdq) if index is None else index, ids, gone, entries)


def folded(base: Snapshot, changes: Snapshot, *, tombstones: bool = False) -> bytes:
    """Merge a snapshot of a list and its changes into the bytes of one.

    `tombstones`: keep the removals too, to merge changes with changes. Raises ValueError if the hashes of both were
    made by different programs.
    """
    if base.hasher != changes.hasher and len(base) and len(changes):
        raise ValueError("The hashes were made by different programs.")
    kept = (_within(_ids(changes), _ids(base), out=True), np.full(len(changes), tombstones) | ~_gone(changes))
    tables = [one.entries[chosen] for one, chosen in zip((base, changes), kept, strict=True)]
    table = np.concatenate(tables)
    order = np.argsort(table["id"], kind="stable")
    places = np.empty(len(order), np.uint32)
    places[order] = np.arange(len(order), dtype=np.uint32)
    rows = [_rows(kept[0], places[: len(tables[0])]), _rows(kept[1], places[len(tables[0]) :])]
    columns: dict[str, Column] = {"entries": table[order]}
    for kind in DIGESTS:
        columns |= arranged_digests(kind, *_joined(base, changes, kind, f"{kind}.rows", kept, rows))
    looks = {name: _joined(base, changes, name, "pdq.rows", kept, rows) for name in LOOKS}
    columns |= arranged_looks({name: column for name, (column, _) in looks.items()}, looks["pdq"][1])
    return assembled(columns, changes.hasher or base.hasher)


def _joined(
    base: Snapshot,
    changes: Snapshot,
    name: str,
    by: str,
    kept: tuple[NDArray[np.bool_], ...],
    rows: list[NDArray[np.uint32]],
) -> tuple[Column, NDArray[np.uint32]]:
    """A column of both, of the entries that are kept, and the new row of each."""
    columns, places = [], []
    for one, chosen, mapped in zip((base, changes), kept, rows, strict=True):
        old = one.column(by)
        taken = chosen[old]
        columns.append(one.column(name)[taken])
        places.append(mapped[old[taken]])
    return np.concatenate(columns), np.concatenate(places)


def _rows(kept: NDArray[np.bool_], places: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The new row of each old one; of those that are left out, anything."""
    found = np.zeros(len(kept), np.uint32)
    found[kept] = places
    return found


def _ids(snapshot: Snapshot) -> NDArray[Any]:
    return snapshot.entries["id"]


def _gone(snapshot: Snapshot) -> NDArray[np.bool_]:
    flags: NDArray[np.uint32] = snapshot.entries["flags"]
    return np.asarray(flags & REMOVED, bool)


def _within(known: NDArray[Any], asked: NDArray[Any], *, out: bool = False) -> NDArray[np.bool_]:
    """Mask of the ids in `asked` that are known or, with `out`, unknown. Both arrays ascend."""
    at = np.searchsorted(known, asked)
    found: NDArray[np.bool_] = np.zeros(len(asked), bool)
    inside = at < len(known)
    found[inside] = known[at[inside]] == asked[inside]
    return ~found if out else found
