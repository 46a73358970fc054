"""One index over a hundred million hashes: bytes a hash, time a query, and answers equal to a scan of everything.

The list is random: no corpus is so large. A third of the queries lie at exactly 31 bits from a stored hash, spread over
the chunks, a third up to 31 bits away at random, a third nowhere. It needs 18 GiB of free memory.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from figures import QUICK, figure, machine, note, report, skip
from search_lists import Hashes, flipped, random_hashes, spread

from tutela.matching import HammingIndex, simd_level

RADIUS = 31
SIZE = 100_000 if QUICK else 100_000_000
QUERIES, CHECKED = 999, 99
NEEDED_GIB = 18
BLOCK = 1 << 20


def ascending(count: int) -> Hashes:
    """Random hashes in order: the first eight bytes are drawn and sorted, the rest drawn."""
    rng = np.random.default_rng(41)
    first = rng.integers(0, 2**64, count, dtype=np.uint64)
    first.sort()
    out = np.empty((count, 32), np.uint8)
    for at in range(0, count, BLOCK):
        some = first[at : at + BLOCK]
        out[at : at + BLOCK, :8] = some.astype(">u8").view(np.uint8).reshape(-1, 8)
        out[at : at + BLOCK, 8:] = rng.integers(0, 256, (len(some), 24), dtype=np.uint8)
    return out


def near_and_far(stored: Hashes) -> Hashes:
    """The queries, shuffled."""
    rng = np.random.default_rng(42)
    third = QUERIES // 3
    near = stored[rng.integers(0, len(stored), 2 * third)]
    queries = np.concatenate(
        [
            spread(rng, near[:third], RADIUS, 16),
            flipped(rng, near[third:], rng.integers(0, RADIUS + 1, third)),
            random_hashes(rng, QUERIES - 2 * third),
        ]
    )
    return queries[rng.permutation(len(queries))]


def scanned(stored: Hashes, queries: Hashes) -> list[dict[int, int]]:
    """By comparing each query with everything, in plain numpy: row and distance of what is near."""
    words, found = stored.view(np.uint64), [dict[int, int]() for _ in queries]
    for at in range(0, len(words), BLOCK):
        some = words[at : at + BLOCK]
        for number, query in enumerate(queries.view(np.uint64)):
            apart = np.bitwise_count(some ^ query).sum(axis=1, dtype=np.uint16)
            for row in np.flatnonzero(apart <= RADIUS):
                found[number][at + int(row)] = int(apart[row])
    return found


def free_gib() -> float:
    """Memory that can be had without swapping."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) / 2**20


def main() -> None:
    """Build, ask, compare."""
    machine()
    if not QUICK and free_gib() < NEEDED_GIB:
        skip(f"{NEEDED_GIB} GiB of free memory are needed, there are {free_gib():.1f}")
    stored = ascending(SIZE)
    queries = near_and_far(stored)
    start = time.perf_counter()
    index = HammingIndex(stored)
    note(f"simd {simd_level()}, {SIZE} hashes, index built in {time.perf_counter() - start:.1f} s, radius {RADIUS}")
    index.query(queries[:100], RADIUS)
    taken = []
    for number in range(QUERIES):
        start = time.perf_counter()
        index.query(queries[number : number + 1], RADIUS)
        taken.append((time.perf_counter() - start) * 1e6)
    middle, slow = np.percentile(taken, (50, 99))
    start = time.thread_time()
    found = index.query(queries, RADIUS)
    together = (time.thread_time() - start) / QUERIES * 1e6
    note(f"single look-ups, wall time: median {middle:.0f} us, p99 {slow:.0f} us; together {together:.0f} us a query")
    wanted = scanned(stored, queries[:CHECKED])
    wrong = sum({(row, far) for row, far in found.of(n)} != set(wanted[n].items()) for n in range(CHECKED))
    note(f"{CHECKED} queries compared with a scan of everything, {sum(map(len, wanted))} hits")
    figure("search_100m_wrong" if not QUICK else "search_most_wrong_quick", wrong, "queries", "=0")
    figure("search_100m_query" if not QUICK else "search_most_query_quick", together, "us", "<=2000")
    size = index.nbytes / SIZE
    figure("index_bytes_100m" if not QUICK else "search_most_bytes_quick", size, "B/hash", "<=150")
    report()
    if wrong:
        sys.exit("answers differ from a scan of everything")


if __name__ == "__main__":
    main()
