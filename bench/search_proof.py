"""Proof by exhaustion: no neighbour missed and none made up, against a scan of everything by faiss (or by ourselves).

Ten million queries on lists of ten thousand, ten thousand queries on a list of ten million. A third of the queries lie
at exactly 31 bits, spread over the chunks, a third up to 33 bits away at random, a third nowhere. The small lists are
random, mixed with real hashes, clustered, and mostly one hash. Every instruction set answers a part of the queries. The
figure counts queries whose answer differs in any hit, id or distance.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

from figures import QUICK, figure, machine, note, report
from search_lists import Hashes, blurred, flipped, mixed_list, random_hashes, spread

from tutela.matching import HammingIndex, _hamming, simd_level

try:
    import faiss
except ImportError:
    faiss = None

RADIUS = 31
SMALL, SMALL_QUERIES = 10_000, 100_000 if QUICK else 10_000_000
LARGE, LARGE_QUERIES = (100_000, 1000) if QUICK else (10_000_000, 10_000)
BATCH = 10_000

type Hits = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
type Search = Callable[[Hashes], Hits]


def in_order(rows: NDArray[np.int64], ids: NDArray[np.int64], distances: NDArray[np.int64]) -> Hits:
    order = np.lexsort((ids, rows))
    return rows[order], ids[order], distances[order]


def by_faiss(stored: Hashes) -> Search:
    """Everything within the radius by the flat index."""
    index = faiss.IndexBinaryFlat(256)
    index.add(stored)

    def search(queries: Hashes) -> Hits:
        limits, distances, ids = index.range_search(queries, RADIUS + 1)
        rows = np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64)))
        return in_order(rows, ids.astype(np.int64), distances.astype(np.int64))

    return search


def by_scan(stored: Hashes) -> Search:
    """The same by our own scan, which knows no chunks, for a machine without faiss."""
    empty = np.empty(0, np.uint32)
    layer = _hamming.Layer(_hamming.Table(stored, 0, empty, np.empty(0, np.uint16), empty))
    return lambda queries: answer(layer, queries, "scalar")


def answer(layer: _hamming.Layer, queries: Hashes, level: str) -> Hits:
    offsets, ids, distances = _hamming.ask([layer], queries, RADIUS, level=level)
    rows = np.repeat(np.arange(len(queries)), np.diff(offsets))
    return in_order(rows, ids.astype(np.int64), distances.astype(np.int64))


def cruel_queries(rng: np.random.Generator, stored: Hashes, count: int) -> Hashes:
    near = stored[rng.integers(0, len(stored), count)]
    third = count // 3
    # Spreading is slow in Python: patterns are made once and applied to many hashes.
    patterns = spread(rng, np.zeros((512, 32), np.uint8), RADIUS, 16)
    near[:third] ^= patterns[rng.integers(0, len(patterns), third)]
    near[third : 2 * third] = flipped(rng, near[third : 2 * third], rng.integers(0, RADIUS + 3, third))
    near[2 * third :] = random_hashes(rng, count - 2 * third)
    return near


def differing(stored: Hashes, count: int, seed: int) -> tuple[int, int]:
    """(queries answered otherwise, hits compared)."""
    rng = np.random.default_rng(seed)
    index = HammingIndex(stored)
    base = index.view().layers[0]
    assert base.postings.bits, "the list is scanned: nothing would be proved"
    reference = (by_faiss if faiss is not None else by_scan)(stored)
    wrong = hits = 0
    levels = _hamming.simd_levels()
    for turn in range(-(-count // BATCH)):
        queries = cruel_queries(rng, stored, min(BATCH, count - turn * BATCH))
        level = levels[-1 - turn % 4 % len(levels)]
        wanted, found = reference(queries), answer(base.native, queries, level)
        hits += len(wanted[0])
        if all(np.array_equal(a, b) for a, b in zip(wanted, found, strict=True)):
            continue
        pairs = [set(zip(*(part.tolist() for part in hit), strict=True)) for hit in (wanted, found)]
        wrong += len({row for row, *_ in pairs[0] ^ pairs[1]}) or 1
    return wrong, hits


def small_lists(rng: np.random.Generator) -> dict[str, Hashes]:
    centres = random_hashes(rng, 20)[rng.integers(0, 20, SMALL)]
    return {
        "random": random_hashes(rng, SMALL),
        "half real": mixed_list(SMALL),
        "clustered": blurred(rng, centres, rng.uniform(0, 0.35, SMALL)),
        "wide clusters": blurred(rng, centres, np.full(SMALL, 0.2)),
    }


def crowds(rng: np.random.Generator) -> tuple[int, int]:
    """Lists of 0, 1 and 2 hashes, and one hash so many times: too many hits to repeat with every query."""
    wrong = hits = 0
    most = 10_000 if QUICK else 1_000_000
    for stored in (random_hashes(rng, 0), random_hashes(rng, 1), random_hashes(rng, 2)):
        some = stored[rng.integers(0, len(stored), 64)] if len(stored) else random_hashes(rng, 64)
        queries = flipped(rng, some, rng.integers(0, 34, 64))
        found = HammingIndex(stored).query(queries, RADIUS)
        exact = np.bitwise_count(queries[:, None] ^ stored[None]).sum(axis=2, dtype=np.int64)
        wanted = [[(int(i), int(row[i])) for i in np.flatnonzero(row <= RADIUS)] for row in exact]
        wrong += sum(found.of(i) != wanted[i] for i in range(64))
        hits += sum(map(len, wanted))
    one = random_hashes(rng, 1)
    index = HammingIndex(np.concatenate([np.repeat(one, most, axis=0), random_hashes(rng, 20_000)]))
    queries = np.concatenate([one, spread(rng, one, 31, 16), spread(rng, one, 32, 16)])
    found = index.query(queries, RADIUS)
    for i, wanted_hits in enumerate((most, most, 0)):
        ids = found.ids[found.offsets[i] : found.offsets[i + 1]]
        wrong += not (len(ids) == wanted_hits and len(np.unique(ids)) == wanted_hits)
        hits += wanted_hits
    return wrong, hits


def main() -> None:
    machine()
    note(f"simd {simd_level()}, reference {'faiss ' + faiss.__version__ if faiss is not None else 'our own scan'}")
    rng = np.random.default_rng(7)
    total_wrong, total_hits = crowds(rng)
    note(f"empty, one, two, one hash many times: {total_hits} hits, {total_wrong} differ")
    lists = small_lists(rng)
    # The clustered lists answer each query with hundreds of hits: they get a tenth of the queries each.
    shares = {"random": 0.4, "half real": 0.4, "clustered": 0.1, "wide clusters": 0.1}
    tasks = [(name, stored, int(SMALL_QUERIES * shares[name])) for name, stored in lists.items()]
    for seed, (name, stored, count) in enumerate([*tasks, ("half real, large", mixed_list(LARGE), LARGE_QUERIES)]):
        wrong, hits = differing(stored, count, seed)
        note(f"{name}: {len(stored)} hashes, {count} queries, {hits} hits, {wrong} differ")
        total_wrong, total_hits = total_wrong + wrong, total_hits + hits
    figure("search_differing" if not QUICK else "search_differing_quick", total_wrong, "queries", "=0")
    report()


if __name__ == "__main__":
    main()
