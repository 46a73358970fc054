"""Compare the second hash of a picture: local steps of brightness, independent of PDQ (decision 0010).

256 bits: the first 128 mark the places where the picture becomes brighter, the other 128 where it becomes darker. PDQ
uses frequencies, which are unrelated to steps. Most pictures have places with neither mark, so a distance would match
any two plain pictures. The measure is therefore the share of agreement among the places where either picture has a
mark.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STRUCTURE_BYTES = 32
NO_STRUCTURE = bytes(STRUCTURE_BYTES)
# Chosen by measurement (bench/robustness.py): of pairs whose PDQ hashes agree, edits of one picture lie above it, and
# different pictures below.
MATCH_SHARE = 0.7
# With fewer places than this, agreement means nothing.
_LEAST_PLACES = 16
_HALF = STRUCTURE_BYTES // 2


def similarity(one: bytes, other: bytes) -> float:
    """Share of places that agree, 0 to 1; 0 if either hash is missing or has too few marks."""
    if len(one) != STRUCTURE_BYTES or len(other) != STRUCTURE_BYTES:
        return 0.0
    (rises, falls), (rises_too, falls_too) = _steps(one), _steps(other)
    said, said_too = rises | falls, rises_too | falls_too
    if min(said.bit_count(), said_too.bit_count()) < _LEAST_PLACES:
        return 0.0
    agree = (rises & rises_too) | (falls & falls_too)
    return agree.bit_count() / (said | said_too).bit_count()


def alike_all(one: bytes, others: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """`alike` of one hash with each of many, `uint8[n, 32]`."""
    rises, falls = (np.frombuffer(part.to_bytes(_HALF), np.uint64) for part in _steps(one))
    if len(one) != STRUCTURE_BYTES or _count(rises | falls) < _LEAST_PLACES:
        return np.zeros(len(others), bool)
    rises_too, falls_too = (np.ascontiguousarray(part).view(np.uint64) for part in np.hsplit(others, 2))
    both = rises_too & falls_too
    rises_too, falls_too = rises_too ^ both, falls_too ^ both
    agree = _count((rises & rises_too) | (falls & falls_too))
    said, said_too = _count(rises | falls | rises_too | falls_too), _count(rises_too | falls_too)
    return (said_too >= _LEAST_PLACES) & (agree >= MATCH_SHARE * said)


def _count(bits: NDArray[np.uint64]) -> NDArray[np.int64]:
    return np.bitwise_count(bits).sum(axis=-1, dtype=np.int64)


def _steps(value: bytes) -> tuple[int, int]:
    """Places that rise and places that fall; a place with both marks is ignored as impossible."""
    rises, falls = int.from_bytes(value[:_HALF]), int.from_bytes(value[_HALF:])
    both = rises & falls
    return rises ^ both, falls ^ both


def alike(one: bytes, other: bytes) -> bool:
    """Whether two pictures have the same structure."""
    return similarity(one, other) >= MATCH_SHARE
