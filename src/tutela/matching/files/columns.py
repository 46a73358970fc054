"""Columns of a snapshot, collected entry by entry and sorted in the order of `layout`.

The columns are arrays of bytes and not lists of objects: a list of a million entries takes twice its own size, and not
gigabytes.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tutela.matching.files.layout import DIGESTS, ENTRY, ROW, SECTIONS
from tutela.matching.files.records import ListEntry

type Column = NDArray[np.generic]
# Columns of a perceptual hash, without its row.
LOOKS = ("pdq", "pdq.quality", "pdq.structure", "pdq.part")


@dataclass(slots=True)
class Gathering:
    """Takes entries in any order; `columns` gives them arranged."""

    ids: bytearray = field(default_factory=bytearray)
    flags: array[int] = field(default_factory=lambda: array("I"))
    digests: dict[str, tuple[bytearray, array[int]]] = field(
        default_factory=lambda: {kind: (bytearray(), array("I")) for kind in DIGESTS}
    )
    looks: dict[str, bytearray] = field(default_factory=lambda: {name: bytearray() for name in LOOKS})
    look_rows: array[int] = field(default_factory=lambda: array("I"))

    def take(self, entry: ListEntry) -> None:
        row = len(self.flags)
        self.ids += entry.id.bytes
        self.flags.append(entry.flags)
        for kind, values in entry.digests.items():
            known, rows = self.digests[kind]
            for value in values:
                known += value
                rows.append(row)
        for look in entry.pdq:
            self.looks["pdq"] += look.value
            self.looks["pdq.quality"].append(look.quality)
            self.looks["pdq.structure"] += look.structure
            self.looks["pdq.part"].append(look.part)
            self.look_rows.append(row)

    def columns(self) -> dict[str, Column]:
        """All columns of `layout`, in its order. Empties this, column by column."""
        table = np.empty(len(self.flags), ENTRY)
        table["id"], table["flags"] = np.frombuffer(self.ids, "S16"), _numbers(self.flags)
        order = np.argsort(table["id"], kind="stable")
        places = np.empty(len(order), ROW)
        places[order] = np.arange(len(order), dtype=ROW)
        made: dict[str, Column] = {"entries": table[order]}
        for kind in DIGESTS:
            values, rows = self.digests.pop(kind)
            made |= arranged_digests(kind, np.frombuffer(values, SECTIONS[kind]), places[_numbers(rows)])
        looks = {name: _shaped(name, self.looks.pop(name)) for name in LOOKS}
        return made | arranged_looks(looks, places[_numbers(self.look_rows)])


def arranged_digests(kind: str, values: Column, rows: NDArray[np.uint32]) -> dict[str, Column]:
    """Digests and the rows of their entries, ascending, no pair twice."""
    words = _words(values.view(np.uint8).reshape(len(values), values.itemsize))
    order = _order([*words, rows])
    values, rows = values[order], rows[order]
    fresh = _different([values, rows])
    return {kind: values[fresh], f"{kind}.rows": rows[fresh].astype(ROW)}


def arranged_looks(looks: Mapping[str, Column], rows: NDArray[np.uint32]) -> dict[str, Column]:
    """Perceptual hashes with all that belongs to them, ascending, none twice."""
    hashes, structures = looks["pdq"].view(np.uint8), looks["pdq.structure"].view(np.uint8)
    keys = [*_words(hashes), rows, looks["pdq.quality"], *_words(structures), looks["pdq.part"]]
    order = _order(keys)
    fresh = order[_different([key[order] for key in keys])]
    return {"pdq.rows": rows[fresh].astype(ROW)} | {name: looks[name][fresh] for name in LOOKS}


def _order(keys: Sequence[Column]) -> NDArray[np.intp]:
    """Row numbers sorted by these keys; the first key is the most significant.

    Digests are nearly all different: the first key sorts most rows, and only its ties are compared further.
    """
    order = np.argsort(keys[0], kind="stable")
    first = keys[0][order]
    alike = np.flatnonzero(first[1:] == first[:-1])
    if len(alike):
        rows = np.union1d(alike, alike + 1)
        some = order[rows]
        order[rows] = some[np.lexsort([key[some] for key in reversed(keys)])]
    return order


def _different(keys: Sequence[Column]) -> NDArray[np.intp]:
    """The rows that differ from the one before."""
    if not len(keys[0]):
        return np.empty(0, np.intp)
    fresh = np.zeros(len(keys[0]), bool)
    fresh[0] = True
    for key in keys:
        fresh[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(fresh)


def _words(hashes: NDArray[np.uint8]) -> list[Column]:
    """Rows of bytes as numbers that are in the same order, the first word first."""
    kind = np.dtype(">u8" if hashes.shape[1] % 8 == 0 else ">u4")
    words = np.ascontiguousarray(hashes).view(kind)
    return [words[:, at].astype(kind.newbyteorder("=")) for at in range(words.shape[1])]


def _shaped(name: str, data: bytearray) -> Column:
    flat = np.frombuffer(data, np.uint8)
    return flat.reshape(-1, 32) if SECTIONS[name].shape or name == "pdq.structure" else flat


def _numbers(rows: array[int]) -> NDArray[np.uint32]:
    if rows.itemsize != ROW.itemsize or sys.byteorder != "little":
        return np.array(rows, dtype=ROW)
    return np.frombuffer(rows, ROW) if len(rows) else np.empty(0, ROW)
