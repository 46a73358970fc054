"""Proof by exhaustion: no neighbour missed and none made up, against a scan of everything by faiss (or by ourselves).

Ten million queries on lists of ten thousand, ten thousand queries on a list of ten million; all of them are answered by
every instruction set that the machine has. A third of the queries lie at exactly 31 bits, spread over the chunks, a
third up to 33 bits away at random, a third nowhere. The small lists are random, half real hashes, and two kinds of
clusters; half of the large one are real hashes. Besides, lists of 0, 1 and 2 hashes and one with a million equal ones
are compared with plain numpy. The figure counts answers, by any of the instruction sets, that differ in a hit, its id
or its distance.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

from figures import QUICK, figure, machine, note, report
from search_lists import Hashes, blurred, flipped, mixed_list, random_hashes, spread

from tutela.matching import HammingIndex
from tutela.matching.kernels import _hamming

faiss: Any = import_module("faiss") if find_spec("faiss") else None

RADIUS = 31
SMALL, SMALL_QUERIES = 10_000, 100_000 if QUICK else 10_000_000
LARGE, LARGE_QUERIES = (100_000, 1000) if QUICK else (10_000_000, 10_000)
BATCH = 10_000
LEVELS = _hamming.simd_levels()

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
    layer = _hamming.Layer(_hamming.Table(stored, 0, empty, np.empty(0, np.uint16), np.empty(0, np.uint8)))
    return lambda queries: answer([layer], queries, "scalar")


def answer(layers: list[_hamming.Layer], queries: Hashes, level: str) -> Hits:
    offsets, ids, distances = _hamming.ask(layers, queries, RADIUS, level=level)
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


def differs(wanted: Hits, found: Hits) -> int:
    """How many queries were answered otherwise: another hit, or the same at another distance."""
    if all(np.array_equal(a, b) for a, b in zip(wanted, found, strict=True)):
        return 0
    pairs = [set(zip(*(part.tolist() for part in hits), strict=True)) for hits in (wanted, found)]
    # The same hits, but one of them twice.
    return len({row for row, *_ in pairs[0] ^ pairs[1]}) or 1


def differing(stored: Hashes, count: int, seed: int) -> tuple[Counter[str], int]:
    """(queries answered otherwise by instruction set, hits that each of them was compared in)."""
    rng = np.random.default_rng(seed)
    index = HammingIndex(stored)
    base = index.view().layers[0]
    assert base.postings.bits, "the list is scanned: nothing would be proved"
    reference = (by_faiss if faiss is not None else by_scan)(stored)
    wrong, hits = Counter(dict.fromkeys(LEVELS, 0)), 0
    for first in range(0, count, BATCH):
        queries = cruel_queries(rng, stored, min(BATCH, count - first))
        wanted = reference(queries)
        hits += len(wanted[0])
        for level in LEVELS:
            wrong[level] += differs(wanted, answer([base.native], queries, level))
    return wrong, hits


def small_lists(rng: np.random.Generator) -> dict[str, Hashes]:
    centres = random_hashes(rng, 20)[rng.integers(0, 20, SMALL)]
    return {
        "random": random_hashes(rng, SMALL),
        "half real": mixed_list(SMALL),
        "clustered": blurred(rng, centres, rng.uniform(0, 0.35, SMALL)),
        "wide clusters": blurred(rng, centres, np.full(SMALL, 0.2)),
    }


def by_numpy(stored: Hashes, queries: Hashes) -> Hits:
    """Everything within the radius, one query after another in plain numpy."""
    words, parts = np.ascontiguousarray(stored).view(np.uint64), list[Hits]()
    for row, query in enumerate(queries.view(np.uint64)):
        apart = np.bitwise_count(words ^ query).sum(axis=1, dtype=np.int64)
        ids = np.flatnonzero(apart <= RADIUS)
        parts.append((np.full(len(ids), row), ids, apart[ids]))
    rows, ids, distances = (np.concatenate(part) for part in zip(*parts, strict=True))
    return rows, ids, distances


def crowds(rng: np.random.Generator) -> tuple[Counter[str], int]:
    """Lists of 0, 1 and 2 hashes, and one hash so many times: too many hits to repeat with every query."""
    wrong, hits = Counter(dict.fromkeys(LEVELS, 0)), 0
    most, one = 10_000 if QUICK else 1_000_000, random_hashes(rng, 1)
    some = [random_hashes(rng, count) for count in (0, 1, 2)]
    asked = [stored[rng.integers(0, len(stored), 64)] if len(stored) else random_hashes(rng, 64) for stored in some]
    tasks = [(stored, flipped(rng, near, rng.integers(0, 34, 64))) for stored, near in zip(some, asked, strict=True)]
    crowd = np.concatenate([np.repeat(one, most, axis=0), random_hashes(rng, 20_000)])
    tasks.append((crowd, np.concatenate([one, spread(rng, one, 31, 16), spread(rng, one, 32, 16)])))
    for stored, queries in tasks:
        wanted, index = by_numpy(stored, queries), HammingIndex(stored)
        layers = [layer.native for layer in index.view().layers]
        hits += len(wanted[0])
        for level in LEVELS:
            wrong[level] += differs(wanted, answer(layers, queries, level))
    return wrong, hits


def main() -> None:
    machine()
    reference = f"faiss {faiss.__version__}" if faiss is not None else "our own scan"
    note(f"every query is answered by {', '.join(LEVELS)}; reference {reference}")
    total, hits = crowds(np.random.default_rng(7))
    note(f"empty, one, two, one hash many times: {hits} hits, {spoken(total)}")
    lists = small_lists(np.random.default_rng(8))
    # The clustered lists answer each query with hundreds of hits: they get a tenth of the queries each.
    shares = {"random": 0.4, "half real": 0.4, "clustered": 0.1, "wide clusters": 0.1}
    tasks = [(name, stored, int(SMALL_QUERIES * shares[name])) for name, stored in lists.items()]
    for seed, (name, stored, count) in enumerate([*tasks, ("half real, large", mixed_list(LARGE), LARGE_QUERIES)]):
        wrong, hits = differing(stored, count, seed)
        note(f"{name}: {len(stored)} hashes, {count} queries, {hits} hits, {spoken(wrong)}")
        total += wrong
    figure("search_differing" if not QUICK else "search_differing_quick", total.total(), "answers", "=0")
    report()
    if total.total():
        sys.exit("answers differ from the reference")


def spoken(wrong: Counter[str]) -> str:
    """How many queries each level answered otherwise."""
    return "differ: " + ", ".join(f"{level} {wrong[level]}" for level in LEVELS)


if __name__ == "__main__":
    main()
