"""Exact search at radius 31: ours against faiss, same data, same queries, one thread, answers checked equal first.

Half of the queries lie near a stored hash (0-31 bits away, one in ten of them with the bits spread over all chunks),
half lie nowhere. Stored hashes are random; real ones are less even, and `docs/performance.md` says which were used.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

from figures import QUICK, alternate, figure, machine, note, report, seconds

from tutela.matching import HammingIndex, simd_level

try:
    import faiss
except ImportError:
    faiss = None

RADIUS = 31
# A quick run has figures of its own names: a target set for a million hashes says nothing about fewer.
SIZES = {"10k": 10_000, "100k": 100_000} if QUICK else {"100k": 100_000, "1m": 1_000_000}
LARGEST, RATIO = ("100k", ">=0") if QUICK else ("1m", ">=40")
QUERIES = 200 if QUICK else 1000

type Hashes = NDArray[np.uint8]
type Answer = set[tuple[int, int, int]]


def data(size: int) -> tuple[Hashes, Hashes]:
    """(stored, queries)."""
    rng = np.random.default_rng(31)
    stored = rng.integers(0, 256, (size, 32), dtype=np.uint8)
    queries = rng.integers(0, 256, (QUERIES, 32), dtype=np.uint8)
    for i in range(0, QUERIES, 2):
        bits = rng.permutation(256)[: rng.integers(0, RADIUS + 1)]
        if i % 20 == 0:
            bits = np.concatenate([16 * rng.permutation(16) + rng.integers(0, 16) for _ in range(2)])[:RADIUS]
        mask = np.zeros(256, np.uint8)
        mask[bits] = 1
        queries[i] = stored[rng.integers(size)] ^ np.packbits(mask, bitorder="little")
    return stored, queries


def ours(stored: Hashes, queries: Hashes) -> tuple[Callable[[], object], Answer]:
    index = HammingIndex(stored)
    found = index.query(queries, RADIUS)
    singles = [seconds(lambda i=i: index.query(queries[i : i + 1], RADIUS)) for i in range(len(queries))]
    note(f"single look-ups: median {np.median(singles) * 1e6:.0f} us, p99 {np.percentile(singles, 99) * 1e6:.0f} us")
    answer = {(i, *hit) for i in range(len(queries)) for hit in found.of(i)}
    return lambda: index.query(queries, RADIUS), answer


def peers(stored: Hashes, queries: Hashes) -> dict[str, tuple[Callable[[], object], Answer]]:
    if faiss is None:
        return {}
    made: dict[str, tuple[Callable[[], object], Answer]] = {}
    indexes = {"faiss-flat": faiss.IndexBinaryFlat(256)}
    for hashes, bits, flips in ((16, 16, 1), (11, 23, 2)):
        index = faiss.IndexBinaryMultiHash(256, hashes, bits)
        index.nflip = flips
        indexes[f"faiss-multihash-{hashes}x{bits}"] = index
    for name, index in indexes.items():
        index.add(stored)
        limits, distances, ids = index.range_search(queries, RADIUS + 1)
        rows = np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64)))
        answer = {(int(r), int(i), int(d)) for r, i, d in zip(rows, ids, distances, strict=True) if d <= RADIUS}
        made[name] = (lambda one=index: one.range_search(queries, RADIUS + 1), answer)
    return made


def two_threads(run: Callable[[], object]) -> float:
    def both() -> None:
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    times = alternate({"one": run, "two": both})
    return 2 * times["one"] / times["two"]


def main() -> None:
    machine()
    note(f"simd {simd_level()}, faiss {getattr(faiss, '__version__', 'absent')}, radius {RADIUS}, {QUERIES} queries")
    if faiss is not None:
        faiss.omp_set_num_threads(1)
    for label, size in SIZES.items():
        stored, queries = data(size)
        run, answer = ours(stored, queries)
        others = peers(stored, queries)
        exact = {name: work for name, (work, theirs) in others.items() if theirs == answer}
        note(f"{label}: {size} hashes, {len(answer)} hits; equal answers: {', '.join(exact) or 'no peer installed'}")
        if missed := set(others) - set(exact):
            note(f"{label}: other answers, not timed: {', '.join(sorted(missed))}")
        times = alternate({"ours": run, **exact})
        for name, taken in times.items():
            note(f"{label}: {name} {QUERIES / taken:,.0f} look-ups/s")
        best = min(exact, key=lambda name: times[name]) if exact else None
        rate = QUERIES / times["ours"]
        peer = (best, QUERIES / times[best], "look-ups/s") if best else None
        figure(f"search_rate_{label}", rate, "look-ups/s", ">=0", peer)
        if best and label == LARGEST:
            figure(f"search_ratio_{label}", times[best] / times["ours"], "×", RATIO, peer)
        if label == LARGEST:
            figure("search_threads", two_threads(run), "×", ">=1.8")
    report()


if __name__ == "__main__":
    main()
