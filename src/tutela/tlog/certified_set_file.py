"""Certified set in a file: for millions of values, root and proofs cost as much as has changed.

The tree of `certified_set` is cut at a depth at which a subtree has some dozens of values. The file keeps the roots of
all subtrees down to there, and the values in their order; the rest is computed on request. An update that differs in a
few hundred values (`changed`) reads the subtrees of those and computes the roots above them.

    0    8 bytes   magic b"TUTELACS"
    8    uint32    format version, 1
    12   uint32    the depth of the cut, 0-20
    16   uint64    n, the number of values; zeros up to 64
    64   (2^depth + 1) x uint32   where each subtree's values begin; zeros up to the next multiple of 64
    ...  2^(depth+1) x 32 bytes   the roots: number 2^d + i is subtree i of depth d; number 0 is unused
    ...  n x 32 bytes             the values, ascending

The file is a node's own, made from its database, and reveals nothing about the items. Damage is found when the file is
used, and the file is then made again.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutela.tlog.certified_set import NOTHING, CertifiedSet, TreePlace, node, subtree
from tutela.tlog.verify import HASH

MAGIC = b"TUTELACS"
VERSION = 1
_HEAD = struct.Struct("<8sIIQ")
_ALIGN = 64
_MOST_DEPTH = 20
# A subtree at the cut has 32 to 64 values.
_FEW_BITS = 5

type Values = NDArray[np.bytes_]


class SetFileDamagedError(ValueError):
    """The file of a certified set differs from the written one; make it again."""


@dataclass(frozen=True, slots=True)
class _Layout:
    depth: int
    count: int

    @property
    def roots(self) -> int:
        return _aligned(_ALIGN + 4 * ((1 << self.depth) + 1))

    @property
    def values(self) -> int:
        return self.roots + HASH * (2 << self.depth)

    @property
    def size(self) -> int:
        return self.values + HASH * self.count


class SetFile:
    """A set as it was written. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Raises SetFileDamagedError, OSError."""
        data = _mapped(path)
        if len(data) < _ALIGN:
            raise SetFileDamagedError("The file ends within the first bytes.")
        magic, version, depth, count = _HEAD.unpack(data[: _HEAD.size])
        if (magic, version) != (MAGIC, VERSION) or depth > _MOST_DEPTH or len(data) != _Layout(depth, count).size:
            raise SetFileDamagedError("Its numbers are inconsistent.")
        layout = _Layout(depth, count)
        self.depth, self._data, self._layout = depth, data, layout
        self._starts = np.frombuffer(data, np.uint32, (1 << depth) + 1, _ALIGN)
        self.values: Values = np.frombuffer(data, f"S{HASH}", count, layout.values)
        if self._starts[0] != 0 or self._starts[-1] != count or (np.diff(self._starts.astype(np.int64)) < 0).any():
            raise SetFileDamagedError("Its subtrees are inconsistent.")

    def __len__(self) -> int:
        return self._layout.count

    def __contains__(self, value: bytes) -> bool:
        return value in self.below(_number(value, self.depth))

    @property
    def root(self) -> bytes:
        """The root hash, which is logged."""
        return self.kept(0, 0)

    def kept(self, depth: int, number: int) -> bytes:
        """The root of a subtree down to the cut."""
        at = self._layout.roots + HASH * ((1 << depth) + number)
        return self._data[at : at + HASH]

    def count(self, depth: int, number: int) -> int:
        """The number of values in a subtree down to the cut."""
        down = self.depth - depth
        return int(self._starts[(number + 1) << down]) - int(self._starts[number << down])

    def below(self, number: int) -> list[bytes]:
        """The values of a subtree at the cut."""
        start = self._layout.values
        low, high = (start + HASH * int(self._starts[number + more]) for more in (0, 1))
        return [self._data[at : at + HASH] for at in range(low, high, HASH)]

    def place(self, value: bytes) -> TreePlace:
        """The place of the value, or where it would be."""
        return ChangedSet(self).place(value)

    def changed(self, added: Iterable[bytes] = (), gone: Iterable[bytes] = ()) -> ChangedSet:
        """The set with these values and without those; what is in both is in it. Raises SetFileDamagedError."""
        return ChangedSet(self).changed(added, gone)


@dataclass(slots=True)
class ChangedSet:
    """A set in a file, and what differs from it."""

    base: SetFile
    # By subtree at the cut: its values now.
    _buckets: dict[int, list[bytes]] = field(default_factory=dict)
    # By (depth, number): how many more values a subtree has, of those that changed; and its root.
    _more: dict[tuple[int, int], int] = field(default_factory=dict)
    _roots: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def changed(self, added: Iterable[bytes] = (), gone: Iterable[bytes] = ()) -> ChangedSet:
        """Another set, with these values more and those less; what is computed of this one counts for both.

        Raises SetFileDamagedError.
        """
        come, went = set(added), set(gone)
        if any(len(one) != HASH for one in come | went):
            raise ValueError("A value must have 32 bytes.")
        made = ChangedSet(self.base, dict(self._buckets), dict(self._more), dict(self._roots))
        touched = dict[int, tuple[set[bytes], set[bytes]]]()
        for which, values in enumerate((come, went - come)):
            for one in values:
                touched.setdefault(_number(one, self.base.depth), (set(), set()))[which].add(one)
        for number, (more, less) in touched.items():
            made._change(number, more, less)
        return made

    def _change(self, number: int, more: set[bytes], less: set[bytes]) -> None:
        before, depth = self._below(number), self.base.depth
        if number not in self._buckets and subtree(before, depth) != self.base.kept(depth, number):
            raise SetFileDamagedError("A subtree does not match its root.")
        after = sorted((set(before) - less) | more)
        self._buckets[number] = after
        for at in range(depth + 1):
            place = at, number >> (depth - at)
            self._more[place] = self._more.get(place, 0) + len(after) - len(before)
            self._roots.pop(place, None)

    def __len__(self) -> int:
        return self._count(0, 0)

    def __contains__(self, value: bytes) -> bool:
        return value in self._below(_number(value, self.base.depth))

    @property
    def root(self) -> bytes:
        """The root hash, which is logged."""
        return self._root(0, 0)

    def place(self, value: bytes) -> TreePlace:
        """The place of the value, or where it would be."""
        depth, siblings = 0, list[bytes]()
        while depth < self.base.depth and self._count(depth, _number(value, depth)) > 1:
            depth += 1
            siblings.append(self._root(depth, _number(value, depth) ^ 1))
        number = _number(value, depth)
        if self._count(depth, number) > 1:
            below = CertifiedSet(self._below(number)).place(value, depth)
            return TreePlace((*siblings, *below.siblings), below.there)
        return TreePlace(tuple(siblings), self._only(depth, number))

    def write(self, path: Path) -> None:
        """The set as a file of its own. Raises OSError."""
        gone = list[int]()
        more = list[bytes]()
        for number, after in self._buckets.items():
            before, start = self.base.below(number), int(self.base._starts[number])
            kept, old = set(after), set(before)
            gone += [start + at for at, one in enumerate(before) if one not in kept]
            more += [one for one in after if one not in old]
        values = np.delete(self.base.values, gone)
        fresh = np.array(sorted(more), dtype=f"S{HASH}")
        values = np.insert(values, np.searchsorted(values, fresh), fresh)
        if _depth(len(values)) != self.base.depth:
            write_set(path, values)
            return
        size = HASH * (2 << self.base.depth)
        roots = bytearray(self.base._data[self.base._layout.roots :][:size])
        for depth, number in self._more:
            at = HASH * ((1 << depth) + number)
            roots[at : at + HASH] = self._root(depth, number)
        _write(path, self.base.depth, values, bytes(roots))

    def _count(self, depth: int, number: int) -> int:
        return self.base.count(depth, number) + self._more.get((depth, number), 0)

    def _below(self, number: int) -> list[bytes]:
        found = self._buckets.get(number)
        return self.base.below(number) if found is None else found

    def _only(self, depth: int, number: int) -> bytes | None:
        """The one value of a subtree that has at most one."""
        if self._count(depth, number) == 0:
            return None
        while depth < self.base.depth:
            depth, number = depth + 1, number << 1
            number += self._count(depth, number) == 0
        return self._below(number)[0]

    def _root(self, depth: int, number: int) -> bytes:
        place = depth, number
        if place not in self._more:
            return self.base.kept(depth, number)
        if place not in self._roots:
            self._roots[place] = self._computed(depth, number)
        return self._roots[place]

    def _computed(self, depth: int, number: int) -> bytes:
        if depth == self.base.depth:
            return subtree(self._below(number), depth)
        if self._count(depth, number) > 1:
            return node(self._root(depth + 1, 2 * number), self._root(depth + 1, 2 * number + 1))
        only = self._only(depth, number)
        return NOTHING if only is None else subtree([only], depth)


def write_set(path: Path, values: Values) -> None:
    """The set of these values, in any order, as a file: some seconds a million. Raises OSError."""
    ordered = np.sort(values)
    if len(ordered):
        ordered = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])]
    depth = _depth(len(ordered))
    starts, data = _starts(ordered, depth), ordered.tobytes()
    roots = [NOTHING] * (2 << depth)
    for number in range(1 << depth):
        low, high = HASH * int(starts[number]), HASH * int(starts[number + 1])
        roots[(1 << depth) + number] = subtree([data[at : at + HASH] for at in range(low, high, HASH)], depth)
    counts = np.diff(starts)
    for above in reversed(range(depth)):
        counts = counts.reshape(-1, 2)
        for number, (left, right) in enumerate(counts.tolist()):
            at = (1 << above) + number
            # A subtree with a single value is that value's leaf, however far down it was counted.
            both = roots[2 * at], roots[2 * at + 1]
            roots[at] = node(*both) if left + right > 1 else both[right]
        counts = counts.sum(axis=1)
    _write(path, depth, ordered, b"".join(roots))


def _write(path: Path, depth: int, values: Values, roots: bytes) -> None:
    layout = _Layout(depth, len(values))
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as out:
        out.write(_HEAD.pack(MAGIC, VERSION, depth, len(values)).ljust(_ALIGN, b"\0"))
        out.write(_starts(values, depth).tobytes().ljust(layout.roots - _ALIGN, b"\0"))
        out.write(roots)
        out.write(np.ascontiguousarray(values).view(np.uint8))
    fresh.replace(path)


def _starts(values: Values, depth: int) -> NDArray[np.uint32]:
    firsts = np.frombuffer(values.tobytes(), ">u4").reshape(-1, HASH // 4)[:, 0].astype(np.uint64)
    edges = np.arange((1 << depth) + 1, dtype=np.uint64) << np.uint64(32 - depth)
    return np.searchsorted(firsts, edges).astype(np.uint32)


def _depth(count: int) -> int:
    return min(_MOST_DEPTH, max(0, count.bit_length() - _FEW_BITS - 1))


def _number(value: bytes, depth: int) -> int:
    """The number of the subtree, at a depth, that contains a value."""
    return int.from_bytes(value[:4]) >> (32 - depth)


def _aligned(at: int) -> int:
    return -(-at // _ALIGN) * _ALIGN


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise SetFileDamagedError("The file is empty.") from None
