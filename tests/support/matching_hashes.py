"""Generated hashes, cruel ones among them, and a brute force that cannot be wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Hashes = NDArray[np.uint8]


def random_hashes(rng: np.random.Generator, count: int) -> Hashes:
    return rng.integers(0, 256, (count, 32), dtype=np.uint8)


def distances(hashes: Hashes, query: Hashes) -> NDArray[np.int64]:
    return np.bitwise_count(hashes ^ query).sum(axis=1, dtype=np.int64)


def far(value: Hashes, bits: NDArray[np.int64]) -> Hashes:
    """The hash with these bits flipped."""
    mask = np.zeros(256, np.uint8)
    mask[bits] = 1
    return value ^ np.packbits(mask, bitorder="little")


def spread(rng: np.random.Generator, value: Hashes, distance: int) -> Hashes:
    """`distance` bits away, as evenly over the 16 chunks as can be: the worst case for looking up chunks."""
    order = np.stack([rng.permutation(16) for _ in range(16)], axis=1)
    ranked = np.concatenate([row[rng.permutation(16)] for row in order + 16 * np.arange(16)])
    return far(value, ranked[:distance])


def clustered(rng: np.random.Generator, count: int, *, width: int, centres: int = 1) -> Hashes:
    """Hashes within `width` bits of few centres."""
    around = random_hashes(rng, centres)
    return np.stack(
        [far(around[i % centres], rng.permutation(256)[: rng.integers(0, width + 1)]) for i in range(count)]
    )


def near_and_far(rng: np.random.Generator, hashes: Hashes, count: int, *, most: int = 31) -> Hashes:
    """Queries: a third random, a third up to `most` bits from a stored hash, a third spread over the chunks."""
    queries = random_hashes(rng, count)
    for i in range(count):
        if not len(hashes) or i % 3 == 0:
            continue
        origin = hashes[rng.integers(len(hashes))]
        bits = int(rng.integers(0, most + 1))
        queries[i] = far(origin, rng.permutation(256)[:bits]) if i % 3 == 1 else spread(rng, origin, bits)
    return queries
