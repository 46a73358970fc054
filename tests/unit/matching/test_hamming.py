"""The search kernels against a brute force that cannot be wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tutela.matching import HammingIndex, simd_level
from tutela.matching._hamming import Index
from tutela.matching.errors import HashShapeError

LEVELS = ["scalar", "avx2", "avx512"][: ["scalar", "avx2", "avx512"].index(simd_level()) + 1]


def distances(hashes: NDArray[np.uint8], query: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.bitwise_count(hashes ^ query).sum(axis=1, dtype=np.int64)


def far(rng: np.random.Generator, value: NDArray[np.uint8], bits: NDArray[np.int64]) -> NDArray[np.uint8]:
    mask = np.zeros(256, np.uint8)
    mask[bits] = 1
    return value ^ np.packbits(mask, bitorder="little")


def check(hashes: NDArray[np.uint8], queries: NDArray[np.uint8], radius: int) -> None:
    for multi in (False, True):
        index = Index(hashes, multi)
        for level in LEVELS:
            offsets, positions, found = index.query(queries, radius, level)
            assert len(offsets) == len(queries) + 1
            for i, query in enumerate(queries):
                exact = distances(hashes, query)
                expected = np.flatnonzero(exact <= radius)
                part = slice(offsets[i], offsets[i + 1])
                assert positions[part].tolist() == expected.tolist()
                assert found[part].tolist() == exact[expected].tolist()


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 9, 17, 4095, 4096, 4097])
@pytest.mark.parametrize("radius", [0, 15, 16, 31, 32, 256])
def test_every_level_and_index_equals_brute_force(size: int, radius: int) -> None:
    rng = np.random.default_rng(size)
    hashes = rng.integers(0, 256, (size, 32), dtype=np.uint8)
    queries = rng.integers(0, 256, (6, 32), dtype=np.uint8)
    for i in range(min(size, 4)):
        queries[i] = far(rng, hashes[rng.integers(size)], rng.permutation(256)[: [0, radius, 31, 16][i] % 257])
    check(hashes, queries, radius)


@pytest.mark.parametrize("distance", [15, 16, 30, 31, 32])
def test_bits_spread_over_the_chunks_never_hide_a_neighbour(distance: int) -> None:
    """The worst case for chunks: two changed bits in each of fifteen, and one in the last."""
    rng = np.random.default_rng(distance)
    query = rng.integers(0, 256, 32, dtype=np.uint8)
    hashes = []
    for _ in range(400):
        order = np.concatenate([rng.permutation(16)[:, None] for _ in range(16)], axis=1)
        ranked = (order + 16 * rng.permutation(16)[None, :]).reshape(-1)
        hashes.append(far(rng, query, ranked[:distance]))
    stored = np.stack(hashes)
    assert (distances(stored, query) == distance).all()
    check(stored, query[None], 31)
    check(stored, query[None], 15)


def test_identical_hashes_are_each_reported_once() -> None:
    hashes = np.zeros((300, 32), np.uint8)
    hashes[::2] = 255
    check(hashes, np.array([[0] * 32, [255] * 32], np.uint8), 31)


def test_a_read_only_array_is_searched_in_place() -> None:
    data = bytes(64)
    index = HammingIndex(np.frombuffer(data, np.uint8).reshape(-1, 32))
    assert index.query(np.zeros((1, 32), np.uint8), 0).of(0) == [(0, 0), (1, 0)]


def test_wrong_shapes_are_refused() -> None:
    for wrong in (np.zeros((2, 31), np.uint8), np.zeros(32, np.uint8), np.zeros((2, 32), np.int8)):
        with pytest.raises(HashShapeError):
            HammingIndex(wrong)
    with pytest.raises(HashShapeError, match="2 hashes came with 1 ids"):
        HammingIndex(np.zeros((2, 32), np.uint8), [1])
    with pytest.raises(ValueError, match="at most 256"):
        Index(np.zeros((1, 32), np.uint8), False).query(np.zeros((1, 32), np.uint8), 257)
    with pytest.raises(ValueError, match="Unknown SIMD level"):
        Index(np.zeros((1, 32), np.uint8), False).query(np.zeros((1, 32), np.uint8), 1, "neon9")


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 7), st.integers(0, 255)),
        st.tuples(st.just("remove"), st.integers(0, 7), st.just(0)),
        st.tuples(st.just("compact"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


@given(steps=steps, radius=st.sampled_from([0, 2, 31]))
@settings(deadline=None, max_examples=60)
def test_a_changing_index_equals_a_plain_list(steps: list[tuple[str, int, int]], radius: int) -> None:
    base = np.repeat(np.arange(4, dtype=np.uint8)[:, None], 32, axis=1)
    index, model = HammingIndex(base), [(i, bytes([i]) * 32) for i in range(4)]
    for action, name, value in steps:
        before, frozen = index.view(), list(model)
        if action == "add":
            stored = bytes([value]) + bytes([name]) * 31
            index.add(np.frombuffer(stored, np.uint8)[None], [name])
            model.append((name, stored))
        elif action == "remove":
            index.remove([name])
            model = [pair for pair in model if pair[0] != name]
        else:
            index.compact()
        for view, expected in ((index.view(), model), (before, frozen)):
            query = np.full((2, 32), name, np.uint8)
            exact = sorted((i, int(distances(np.frombuffer(h, np.uint8)[None], query[0])[0])) for i, h in expected)
            assert sorted(view.query(query, radius).of(1)) == [hit for hit in exact if hit[1] <= radius]
        assert len(index) == len(model)
