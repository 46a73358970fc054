"""Lists as banks, and entries as the whole numbers by which HMA names contents.

A number is derived from the entry's id alone, so that it names the same entry in every version of the list. Numbers lie
between 2^52 and 2^53, where a reader that counts in floating point is still exact. Smaller numbers are the rows that
people added here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tutela.edge.active_lists.lists_in_use import LiveList, LiveLists
from tutela.edge.runtime.decision_filter import CONFIRMED_LIST
from tutela.edge.runtime.decision_store import DecisionKind
from tutela.matching import Snapshot

NEGATIVES = "NEGATIVES"
CONFIRMED = "CONFIRMED"
_FIRST = 1 << 52


def own_name(list_id: str, taken: Collection[str]) -> str:
    """The name of a list as a bank: upper case, digits and underscores.

    Where that is `taken`, `_` and the first eight hexadecimal digits of the id's SHA-256 follow, which are the same
    whatever other lists there are.
    """
    plain = re.sub(r"[^A-Z0-9_]", "_", list_id.upper())
    if plain not in taken:
        return plain
    # Dots after the id, should somebody have taken that name, too.
    tails = (sha256(f"{list_id}{'.' * more}".encode()).hexdigest()[:8].upper() for more in count())
    return next(name for tail in tails if (name := f"{plain}_{tail}") not in taken)


@dataclass(frozen=True, slots=True)
class Bank:
    """A list of this Edge as HMA shows it.

    `live` is None while the list has not come, and always for negatives. `kind` is what people may add, None where
    they may not.
    """

    name: str
    list_id: str
    live: LiveList | None = None
    kind: DecisionKind | None = None

    def shown(self) -> dict[str, Any]:
        return {"name": self.name, "matching_enabled_ratio": 1.0}


class Banks:
    """The banks of an Edge. `declared` are names that its operator gave to lists, by name: they take the place of a
    list's own name, and are banks before the list has come, so that no client forgets a bank over a restart."""

    def __init__(self, lists: LiveLists, declared: Mapping[str, str]) -> None:
        self._lists, self._declared = lists, dict(declared)

    def names(self, coming: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
        """Names of every list here, by id, including lists that are `coming`. No two share a name.

        Declared names have priority. For lists whose own names are equal, the first one in the settings keeps the name,
        then the lower id.
        """
        live = sorted(one.manifest.list_id for one in self._lists.all())
        ids = dict.fromkeys([*self._lists.expected, *live, *coming, *self._declared.values(), CONFIRMED_LIST])
        names = {one: tuple(name for name, of in self._declared.items() if of == one) for one in ids}
        names[CONFIRMED_LIST] = names[CONFIRMED_LIST] or (CONFIRMED,)
        taken = {CONFIRMED, NEGATIVES, *self._declared}
        for list_id in ids:
            names[list_id] = names[list_id] or (own_name(list_id, taken),)
            taken.update(names[list_id])
        return names

    def all(self) -> dict[str, Bank]:
        """Every bank, by name."""
        return {bank.name: bank for bank in self._each()}

    def declared(self, name: str) -> Bank | None:
        """The bank of a name that the operator gave."""
        return self.all().get(name) if name in self._declared else None

    def _each(self) -> Iterator[Bank]:
        live = {one.manifest.list_id: one for one in self._lists.all()}
        names = self.names()
        confirmed = names.pop(CONFIRMED_LIST)
        for list_id, known in names.items():
            yield from (Bank(name, list_id, live.get(list_id)) for name in known)
        for name in confirmed:
            yield Bank(name, CONFIRMED_LIST, live.get(CONFIRMED_LIST), DecisionKind.CONFIRMED)
        yield Bank(NEGATIVES, "", None, DecisionKind.NEGATIVE)


def number_of(entry: UUID) -> int:
    """The number of an entry."""
    halves = np.frombuffer(entry.bytes, ">u8").astype(np.uint64).reshape(1, 2)
    return int(_numbers(halves)[0])


def entry_of(snapshot: Snapshot, number: int) -> UUID | None:
    """The entry of a list with this number; None if there is none, or two. Reads the whole list."""
    if not _FIRST <= number < 2 * _FIRST:
        return None
    ids = np.frombuffer(snapshot.ids(), ">u8").astype(np.uint64).reshape(-1, 2)
    rows = np.flatnonzero(_numbers(ids) == np.uint64(number))
    return snapshot.entry_id(int(rows[0])) if len(rows) == 1 else None


def _numbers(halves: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed = _mixed(halves[:, 0] ^ _mixed(halves[:, 1]))
    return (mixed >> np.uint64(12)) | np.uint64(_FIRST)


def _mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finaliser of SplitMix64 (Steele, Lea and Flood 2014): input bits reach all output bits."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
