"""Certified set: a tree over values, in which a value's own bits determine its place.

A subtree is determined by the bits that lead to it. A subtree without values hashes to `NOTHING`; one with a single
value is that value's leaf; any other is split by the next bit. So there is one place where a value can be. A path to
that place which ends in nothing, or in another value, proves that the value is not in the set. No trust in an order is
needed.

    leaf = SHA-256(0x10 || value)      node = SHA-256(0x11 || left || right)      NOTHING = SHA-256(0x12)
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tutela.tlog.verify import HASH, Refused

NOTHING = hashlib.sha256(b"\x12").digest()
_BITS = HASH * 8
# Roots of this many values or so are kept, so that a proof hashes a few hundred values and not the whole set.
_KEPT_VALUES = 128


@dataclass(frozen=True, slots=True)
class TreePlace:
    """End of a value's path: sibling hashes, from the root down, and the value there, if any."""

    siblings: tuple[bytes, ...]
    there: bytes | None

    def __bytes__(self) -> bytes:
        head = len(self.siblings).to_bytes(2) + bytes([self.there is not None])
        return head + b"".join(self.siblings) + (self.there or b"")

    @classmethod
    def parse(cls, data: bytes) -> TreePlace:
        """Read what `bytes` gave. Raises `Refused`."""
        depth, there = (int.from_bytes(data[:2]), data[2]) if len(data) > 2 else (0, 2)
        if there > 1 or len(data) != 3 + HASH * (depth + there):
            raise Refused("a place in the set has the wrong length")
        hashes = [data[at : at + HASH] for at in range(3, len(data), HASH)]
        return cls(tuple(hashes[:depth]), hashes[depth] if there else None)


def check_absent(root: bytes, value: bytes, place: TreePlace) -> None:
    """The value is not in the set with this root. Raises `Refused`."""
    if place.there == value:
        raise Refused("the value is in the set")
    _check(root, value, place)


def check_present(root: bytes, value: bytes, place: TreePlace) -> None:
    """The value is in the set with this root. Raises `Refused`."""
    if place.there != value:
        raise Refused("the value is not in the set")
    _check(root, value, place)


def _check(root: bytes, value: bytes, place: TreePlace) -> None:
    depth = len(place.siblings)
    if len(value) != HASH or depth > _BITS:
        raise Refused("a value must have 32 bytes, and its path at most 256 steps")
    if place.there is not None and any(_bit(place.there, at) != _bit(value, at) for at in range(depth)):
        raise Refused("the shown value is not on this path")
    found = NOTHING if place.there is None else leaf(place.there)
    for at in reversed(range(depth)):
        pair = (place.siblings[at], found) if _bit(value, at) else (found, place.siblings[at])
        found = node(*pair)
    if found != root:
        raise Refused("the place does not match the set's root")


@dataclass(slots=True)
class CertifiedSet:
    """A set of values of 32 bytes. Building takes some seconds a million; a proof, well under a millisecond."""

    values: Sequence[bytes]
    _kept: dict[tuple[int, int], bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Iterable[bytes]) -> CertifiedSet:
        """The set of these values, in any order."""
        ordered = sorted(set(values))
        if any(len(value) != HASH for value in ordered):
            raise ValueError("A value must have 32 bytes.")
        return cls(ordered)

    def __contains__(self, value: bytes) -> bool:
        at = bisect_left(self.values, value)
        return at < len(self.values) and self.values[at] == value

    def __len__(self) -> int:
        return len(self.values)

    @property
    def root(self) -> bytes:
        """The root hash, which is logged."""
        return self._subtree(0, len(self.values), 0)

    def place(self, value: bytes, depth: int = 0) -> TreePlace:
        """The place of the value in the tree, or where it would be.

        `depth`: where the subtree of these values begins.
        """
        low, high, siblings = 0, len(self.values), list[bytes]()
        while high - low > 1:
            middle = self._middle(low, high, depth)
            if _bit(value, depth):
                siblings.append(self._subtree(low, middle, depth + 1))
                low = middle
            else:
                siblings.append(self._subtree(middle, high, depth + 1))
                high = middle
            depth += 1
        return TreePlace(tuple(siblings), self.values[low] if low < high else None)

    def _subtree(self, low: int, high: int, depth: int) -> bytes:
        count = high - low
        if count == 0:
            return NOTHING
        if count == 1:
            return leaf(self.values[low])
        if count >= _KEPT_VALUES and (low, high) in self._kept:
            return self._kept[low, high]
        middle = self._middle(low, high, depth)
        found = node(self._subtree(low, middle, depth + 1), self._subtree(middle, high, depth + 1))
        if count >= _KEPT_VALUES:
            self._kept[low, high] = found
        return found

    def _middle(self, low: int, high: int, depth: int) -> int:
        """The first of these values whose bit at this depth is set; the bits before it are all the same."""
        octet, bit = divmod(depth, 8)
        prefix = self.values[low][:octet]
        kept = self.values[low][octet] & (0xFF00 >> bit) & 0xFF
        return bisect_left(self.values, prefix + bytes([kept | 0x80 >> bit]), low, high)


def _bit(value: bytes, at: int) -> int:
    return value[at >> 3] >> (7 - (at & 7)) & 1


def leaf(value: bytes) -> bytes:
    """Hash of a single value."""
    return hashlib.sha256(b"\x10" + value).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees."""
    return hashlib.sha256(b"\x11" + left + right).digest()


def subtree(values: Sequence[bytes], depth: int) -> bytes:
    """The root of a subtree that begins at `depth`, from its values: ascending, each once, the first bits all alike.

    What `CertifiedSet.root` computes from above, in one pass from the left: where a value parts from the next one, its
    subtree waits for that one's.
    """
    if not values:
        return NOTHING
    numbers = [int.from_bytes(value) for value in values]
    shared = [depth - 1, *(_BITS - (one ^ other).bit_length() for one, other in pairwise(numbers)), depth - 1]
    waiting, found, last = list[tuple[int, bytes]](), NOTHING, len(values) - 1
    for index, number in enumerate(numbers):
        at, upto = max(shared[index], shared[index + 1]) + 1, shared[index + 1] + 1
        found = leaf(values[index])
        while at > upto:
            at -= 1
            if not number >> (_BITS - 1 - at) & 1:
                found = node(found, NOTHING)
            elif waiting and waiting[-1][0] == at + 1:
                found = node(waiting.pop()[1], found)
            else:
                found = node(NOTHING, found)
        if index < last:
            waiting.append((upto, found))
    return found
