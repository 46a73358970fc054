"""The search kernels against a brute force that cannot be wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.support.matching_hashes import Hashes, clustered, distances, far, near_and_far, random_hashes, spread
from tutela.matching import simd_level
from tutela.matching.index.arrays import NO_IDS
from tutela.matching.index.layer import NO_POSTINGS, position_bytes
from tutela.matching.kernels import _hamming

LEVELS = _hamming.simd_levels()
# 0: no postings. Short keys put many postings into a bucket, long ones few.
KEYS = [0, 1, 3, 8, 12, 16]


def ordered(hashes: Hashes) -> Hashes:
    order = _hamming.order(hashes)
    return hashes if order is None else hashes[order]


def layer(hashes: Hashes, bits: int, dead: NDArray[np.uint8] | None = None) -> _hamming.Layer:
    arrays = _hamming.postings(hashes, bits) if bits else (NO_IDS, NO_POSTINGS.signatures, NO_POSTINGS.positions)
    return _hamming.Layer(_hamming.Table(hashes, bits, *arrays), None, dead)


def check(
    hashes: Hashes, queries: Hashes, radius: int, keys: list[int] = KEYS, gone: frozenset[int] = frozenset()
) -> int:
    """Every level, with every length of key, answers what brute force answers; how many hits that were."""
    hashes = ordered(hashes)
    bits = np.zeros(len(hashes), np.uint8)
    bits[[row for row in gone if row < len(hashes)]] = 1
    exact = [distances(hashes, query) for query in queries]
    wanted = [np.flatnonzero((found <= radius) & (bits == 0)) for found in exact]
    dead = np.packbits(bits, bitorder="little") if gone else None
    for key in keys:
        index = layer(hashes, key, dead)
        for level in LEVELS:
            offsets, rows, found = _hamming.ask([index], queries, radius, level=level)
            assert len(offsets) == len(queries) + 1
            for i, expected in enumerate(wanted):
                part = slice(offsets[i], offsets[i + 1])
                assert rows[part].tolist() == expected.tolist(), (key, level, radius)
                assert found[part].tolist() == exact[i][expected].tolist()
            firsts, first, _ = _hamming.ask([index], queries, radius, first_only=True, level=level)
            assert np.diff(firsts).tolist() == [min(1, len(expected)) for expected in wanted]
            assert all(row in expected for row, expected in zip(first, [w for w in wanted if len(w)], strict=True))
    return sum(map(len, wanted))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 9, 17, 4096, 4097])
@pytest.mark.parametrize("radius", [0, 1, 14, 15, 16, 20, 31, 32, 47, 63, 64, 256])
def test_every_level_and_key_equals_brute_force(size: int, radius: int) -> None:
    rng = np.random.default_rng(size)
    hashes = random_hashes(rng, size)
    check(hashes, near_and_far(rng, hashes, 12, most=min(radius, 64)), radius, KEYS if radius < 256 else [0, 12])


@pytest.mark.parametrize("distance", [0, 15, 16, 17, 30, 31, 32, 47, 48])
def test_bits_spread_over_the_chunks_never_hide_a_neighbour(distance: int) -> None:
    """The worst case for chunks: two changed bits in each of fifteen, and one in the last."""
    rng = np.random.default_rng(distance)
    query = random_hashes(rng, 1)[0]
    stored = np.concatenate([np.stack([spread(rng, query, distance) for _ in range(400)]), random_hashes(rng, 6000)])
    for radius in (15, 16, 31, 47):
        hits = check(stored, query[None], radius, [9, 16])
        assert hits == (400 if distance <= radius else 0)


def test_chunk_lookups_are_really_used_and_not_the_scan() -> None:
    """In a list where no chunk leads anywhere, a search by chunks cannot find what a scan would."""
    hashes = ordered(random_hashes(np.random.default_rng(1), 8192))
    starts, signatures, positions = _hamming.postings(hashes, 10)
    table = _hamming.Table(hashes, 10, starts, np.bitwise_not(signatures), positions)
    assert _hamming.ask([_hamming.Layer(table)], hashes[:50], 31)[1].size == 0
    assert _hamming.ask([layer(hashes, 10)], hashes[:50], 31)[1].size == 50


def test_identical_hashes_are_each_reported_once() -> None:
    hashes = np.zeros((6000, 32), np.uint8)
    hashes[::2] = 255
    assert check(hashes, np.array([[0] * 32, [255] * 32, [15] * 32], np.uint8), 31, [0, 4, 16]) == 6000
    assert check(hashes, np.array([[0] * 32], np.uint8), 0, [0, 16], frozenset({0, 1, 2999})) == 2997
    assert check(hashes[::2].copy(), np.array([[255] * 32], np.uint8), 0, [0, 16], frozenset(range(3000))) == 0


@pytest.mark.parametrize("width", [2, 40, 90])
def test_a_crowded_list_is_answered_exactly(width: int) -> None:
    """So many hashes look alike that searching by chunks gives up and scans."""
    rng = np.random.default_rng(width)
    hashes = clustered(rng, 9000, width=width, centres=2)
    assert check(hashes, near_and_far(rng, hashes, 9, most=40), 31, [7, 16], frozenset({5, 4000}))


def test_batches_longer_than_a_block_keep_their_order() -> None:
    rng = np.random.default_rng(8)
    hashes = random_hashes(rng, 5000)
    check(hashes, near_and_far(rng, hashes, 700), 31, [0, 9])


@given(
    data=st.binary(min_size=0, max_size=40 * 32),
    query=st.binary(min_size=32, max_size=32),
    radius=st.integers(0, 256),
    gone=st.frozensets(st.integers(0, 40), max_size=10),
)
def test_any_list_equals_brute_force(data: bytes, query: bytes, radius: int, gone: frozenset[int]) -> None:
    hashes = np.frombuffer(data[: len(data) // 32 * 32], np.uint8).reshape(-1, 32)
    padded = np.concatenate([hashes, random_hashes(np.random.default_rng(0), 6000)])
    check(hashes, np.frombuffer(query, np.uint8)[None], radius, [0, 16], gone)
    check(padded, np.concatenate([hashes, np.frombuffer(query, np.uint8)[None]]), min(radius, 63), [6], gone)


def test_order_is_stable_and_none_for_what_ascends() -> None:
    rng = np.random.default_rng(3)
    hashes = random_hashes(rng, 500)[rng.integers(0, 500, 2000)]
    order = _hamming.order(hashes)
    assert order is not None
    rows = [bytes(hash_) for hash_ in hashes]
    assert order.tolist() == sorted(range(2000), key=lambda i: (rows[i], i))
    assert _hamming.order(hashes[order]) is None
    tail = np.zeros((3, 32), np.uint8)
    tail[:, 31] = [2, 1, 1]
    assert _hamming.order(tail).tolist() == [1, 2, 0]  # type: ignore[union-attr]


def test_marking_finds_every_row_of_an_id() -> None:
    rng = np.random.default_rng(4)
    ids = rng.integers(0, 1 << 32, 50_000, dtype=np.uint32)
    gone = np.unique(np.concatenate([rng.choice(ids, 3000), rng.integers(0, 1 << 32, 3000, dtype=np.uint32)]))
    bits = np.zeros(len(ids) // 8, np.uint8)
    _hamming.mark(ids, gone, bits)
    assert np.array_equal(np.unpackbits(bits, bitorder="little"), np.isin(ids, gone))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 255, 256, 257, 4096, 4097, 70_000])
def test_positions_have_the_bits_that_the_list_needs_and_lead_to_every_hash(size: int) -> None:
    hashes = ordered(random_hashes(np.random.default_rng(size), size))
    bits, width = 6, max(1, (size - 1).bit_length())
    starts, signatures, packed = _hamming.postings(hashes, bits)
    assert packed.nbytes == position_bytes(size, size) == -(-16 * size * width // 8) + 8
    places = np.unpackbits(packed, bitorder="little")[: 16 * size * width].reshape(16, size, width) @ (
        1 << np.arange(width)
    )
    chunks = hashes.view("<u2")
    for chunk, rows in enumerate(places):
        assert sorted(rows.tolist()) == list(range(size))
        keys = chunks[rows, chunk] >> (16 - bits)
        assert np.array_equal(np.searchsorted(keys, np.arange(65)), starts.reshape(16, 65)[chunk])
        assert np.array_equal(signatures[chunk * size :][:size], chunks[rows, (chunk + 1) % 16])


def test_arrays_that_would_lead_outside_are_refused() -> None:
    hashes = ordered(random_hashes(np.random.default_rng(2), 300))
    starts, signatures, positions = _hamming.postings(hashes, 4)
    broken = {
        "does not ascend": (4, np.where(np.arange(len(starts)) == 3, np.uint32(299), starts), signatures, positions),
        "does not span": (4, np.where(starts == 300, np.uint32(301), starts), signatures, positions),
        "belong together": (4, starts, signatures[:-1].copy(), positions),
        "not belong together": (4, starts, signatures, positions[:-1].copy()),
        "The arrays do not": (4, starts, signatures[:3].copy(), positions),
        "do not belong": (17, starts, signatures, positions),
    }
    for reason, arrays in broken.items():
        with pytest.raises(ValueError, match=reason):
            _hamming.Table(hashes, *arrays)
    with pytest.raises(ValueError, match="more postings than hashes"):
        _hamming.Table(hashes[:-1], 4, starts, signatures, positions)
    with pytest.raises(ValueError, match="do not ascend"):
        _hamming.postings(hashes[::-1].copy(), 4)
    with pytest.raises(ValueError, match="1 to 16"):
        _hamming.postings(hashes, 17)


def test_a_posting_beyond_the_hashes_never_leads_outside() -> None:
    hashes = ordered(random_hashes(np.random.default_rng(2), 3000))
    starts, signatures, positions = _hamming.postings(hashes, 4)
    table = _hamming.Table(hashes, 4, starts, signatures, np.full_like(positions, 0xFF))
    assert set(_hamming.ask([_hamming.Layer(table)], hashes, 31)[1].tolist()) <= {2999}


def test_wrong_questions_are_refused() -> None:
    one = np.zeros((1, 32), np.uint8)
    with pytest.raises(ValueError, match="at most 256"):
        _hamming.ask([layer(one, 0)], one, 257)
    with pytest.raises(ValueError, match="Unknown SIMD level"):
        _hamming.ask([layer(one, 0)], one, 1, level="neon9")
    with pytest.raises(ValueError, match="This machine has no"):
        _hamming.ask([layer(one, 0)], one, 1, level=next(x for x in ("neon", "avx2") if x not in LEVELS))
    assert simd_level() == LEVELS[-1]
    with pytest.raises(ValueError, match="one id"):
        _hamming.Layer(_hamming.Table(one, 0, NO_IDS, NO_POSTINGS.signatures, NO_POSTINGS.positions), NO_IDS)
    assert far(one[0], np.array([0]))[0] == 1
