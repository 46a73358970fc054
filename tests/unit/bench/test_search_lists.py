"""The queries that decide whether an index is exact are as cruel as they say."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import search_lists


@pytest.mark.parametrize("chunks", [8, 11, 16])
@pytest.mark.parametrize("bits", [0, 1, 31, 32])
def test_spread_bits_are_as_even_over_the_chunks_as_can_be(chunks: int, bits: int) -> None:
    rng = np.random.default_rng(chunks)
    hashes = search_lists.random_hashes(rng, 40)
    off = np.unpackbits(search_lists.spread(rng, hashes, bits, chunks) ^ hashes, axis=1, bitorder="little")
    width = 256 // chunks
    each = off[:, : width * chunks].reshape(40, chunks, width).sum(axis=2)
    assert (off.sum(axis=1) == bits).all()
    assert each.min() == bits // chunks
    assert each.max() == -(-bits // chunks)


def test_flipped_hashes_are_exactly_as_far_as_asked() -> None:
    rng = np.random.default_rng(1)
    hashes = search_lists.random_hashes(rng, 300)
    asked = rng.integers(0, 257, 300)
    off = np.bitwise_count(search_lists.flipped(rng, hashes, asked) ^ hashes).sum(axis=1, dtype=np.int64)
    assert off.tolist() == asked.tolist()


def test_every_adversarial_query_has_a_neighbour_at_the_very_edge() -> None:
    stored, queries = search_lists.adversarial(filling=0)
    nearest = [int(np.bitwise_count(stored ^ query).sum(axis=1).min()) for query in queries]
    assert nearest == [31] * len(queries)
