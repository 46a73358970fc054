"""Exact search at radius 31: ours against faiss, same list, same queries, one thread, answers checked equal first.

Peers are the flat index and three multi-hash settings; one that misses a neighbour of the adversarial set is not exact
and is left out. Ratios are of the threads' own processor time, so that other work on the machine counts for neither.
Lists and queries are those of `search_lists.py`. Then, on the largest list: bytes a hash, opening a sealed file, and
deltas and a compaction while another thread asks one query after another; a stall is the longest query meanwhile.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from figures import QUICK, ROUNDS, figure, machine, note, report, seconds
from search_lists import CORPUS, Hashes, adversarial, mixed_list, mixed_queries, random_hashes, real_hashes

from tutela.matching import HammingIndex, SharedIndex, simd_level, write_index

faiss: Any = import_module("faiss") if find_spec("faiss") else None

RADIUS = 31
# A quick run has figures of its own names: a target set for a million hashes says nothing about fewer.
SIZES = {"10k": (10_000, ">=0"), "100k": (100_000, ">=0")} if QUICK else {"1m": (10**6, ">=40"), "10m": (10**7, ">=60")}
QUERIES = 200 if QUICK else 1000
# These take tens of milliseconds a query at ten million: a tenth of the queries says as much.
SLOW, SLOW_SHARE = set[str]() if QUICK else {"flat", "16x16"}, 10
SETTINGS = {"11x23": (11, 23, 2), "16x16": (16, 16, 1), "8x24": (8, 24, 2)}
DELTA = 1000 if QUICK else 10_000
KEY, LIST = bytes(range(32)), b"bench"

type Answer = set[tuple[int, int, int]]
type Work = Callable[[], object]


def processor_seconds(work: Work) -> float:
    """What one call costs the calling thread."""
    start = time.thread_time()
    work()
    return time.thread_time() - start


def alternate(works: dict[str, Work]) -> dict[str, float]:
    """Median processor seconds of each, in alternating rounds after one to warm up."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(ROUNDS + 1):
        for name, work in works.items():
            spent = processor_seconds(work)
            if turn:
                taken[name].append(spent)
    return {name: statistics.median(values) for name, values in taken.items()}


def made(setting: str, stored: Hashes) -> Any:
    """A peer's index over these hashes."""
    if setting == "flat":
        index: Any = faiss.IndexBinaryFlat(256)
    else:
        hashes, bits, flips = SETTINGS[setting]
        index = faiss.IndexBinaryMultiHash(256, hashes, bits)
        index.nflip = flips
    index.add(stored)
    return index


def theirs(index: Any, queries: Hashes) -> Answer:
    limits, distances, ids = index.range_search(queries, RADIUS + 1)
    rows = np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64)))
    return {(int(r), int(i), int(d)) for r, i, d in zip(rows, ids, distances, strict=True) if d <= RADIUS}


def ours(index: HammingIndex, queries: Hashes) -> Answer:
    found = index.query(queries, RADIUS)
    return {(i, *hit) for i in range(len(queries)) for hit in found.of(i)}


def exact_settings() -> list[str]:
    """The peers that miss nothing of the adversarial set."""
    if faiss is None:
        return []
    stored, queries = adversarial()
    wanted = theirs(made("flat", stored), queries)
    assert ours(HammingIndex(stored), queries) == wanted, "ours misses an adversarial neighbour"
    assert len(wanted) >= len(queries)
    exact = [name for name in SETTINGS if theirs(made(name, stored), queries) == wanted]
    for name in set(SETTINGS) - set(exact):
        note(f"faiss {name}: misses neighbours of the adversarial set, left out")
    return exact


def compare(label: str, target: str, index: HammingIndex, stored: Hashes, queries: Hashes, exact: list[str]) -> None:
    """Ours against each exact peer, one at a time, that no two of them have to fit into memory."""
    answer = ours(index, queries)
    note(f"{label}: {len(stored)} hashes, {len(queries)} queries, {len(answer)} hits")
    fastest: tuple[float, float, str] | None = None
    for name in [*exact, *(["flat"] if faiss else [])]:
        share = queries[:: SLOW_SHARE if name in SLOW else 1].copy()
        other = made(name, stored)
        if theirs(other, share) != (ours(index, share) if name in SLOW else answer):
            note(f"{label}: faiss {name} answers otherwise, left out")
            continue
        times = alternate(
            {
                "ours": lambda q=share: index.query(q, RADIUS),  # type: ignore[misc]
                "peer": lambda o=other, q=share: o.range_search(q, RADIUS + 1),  # type: ignore[misc]
            }
        )
        rates = {who: len(share) / taken for who, taken in times.items()}
        note(f"{label}: ours {1e6 / rates['ours']:.1f} us, faiss {name} {1e6 / rates['peer']:.1f} us a query")
        if fastest is None or rates["peer"] > fastest[1]:
            fastest = (rates["ours"], rates["peer"], name)
        del other
        gc.collect()
    singles = [seconds(partial(index.query, queries[i : i + 1], RADIUS)) * 1e6 for i in range(len(queries))]
    middle, slow = np.percentile(singles, (50, 99))
    note(f"{label}: single look-ups, wall time: median {middle:.1f} us, p99 {slow:.1f} us")
    if fastest is None:
        rate = len(queries) / processor_seconds(lambda: index.query(queries, RADIUS))
        figure(f"search_rate_{label}", rate, "look-ups/s", ">=0")
        return
    peer = (f"faiss-{fastest[2]}", fastest[1], "look-ups/s")
    figure(f"search_ratio_{label}", fastest[0] / fastest[1], "×", target, peer)


def two_threads(index: HammingIndex, queries: Hashes) -> float:
    """How much more two threads answer in the same time than one."""

    def both() -> None:
        threads = [
            threading.Thread(target=index.query, args=(part, RADIUS)) for part in (queries, queries[::-1].copy())
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # Long enough that starting a thread does not count.
    queries = np.concatenate([queries] * 8)
    one, two = [], []
    for _ in range(4 * ROUNDS):
        one.append(seconds(lambda: index.query(queries, RADIUS)))
        two.append(seconds(both))
    # Wall time is the point here, and other work on the machine can only lengthen it: the best of each is compared.
    return 2 * min(one) / min(two)


def in_a_file(label: str, index: HammingIndex, queries: Hashes) -> None:
    """Seal it, open it from a warm page cache, verify, and answer one query."""
    wanted = ours(index, queries)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        note(
            f"{label}: sealed file written in {seconds(lambda: write_index(path, index, key=KEY, binding=LIST)):.2f} s"
        )
        path.read_bytes()

        def opened() -> SharedIndex:
            shared = SharedIndex.open(path, key=KEY, binding=LIST)
            shared.index.query(queries[:1], RADIUS)
            return shared

        taken = []
        for _ in range(ROUNDS + 1):
            start = time.perf_counter()
            shared = opened()
            taken.append(time.perf_counter() - start)
            shared.close()
            last = shared.index
            del shared
            gc.collect()
        assert ours(last, queries) == wanted
        times = alternate({"own": lambda: index.query(queries, RADIUS), "shared": lambda: last.query(queries, RADIUS)})
        note(f"{label}: in sealed memory a query takes {times['shared'] / times['own']:.2f} × that in own memory")
        figure(f"index_open_{label}", statistics.median(taken), "s", "<=1")


def delta(label: str, index: HammingIndex, queries: Hashes) -> None:
    """Changes while another thread asks one query after another. They are drawn before: that is no part of one."""
    rng = np.random.default_rng(5)
    changes = [(rng.choice(len(index), DELTA, replace=False), random_hashes(rng, DELTA)) for _ in range(ROUNDS)]
    over, waits = threading.Event(), list[tuple[float, float]]()

    def ask() -> None:
        at = 0
        while not over.is_set():
            start = time.perf_counter()
            index.query(queries[at : at + 1], RADIUS)
            waits.append((start, time.perf_counter() - start))
            at = (at + 1) % len(queries)

    reader = threading.Thread(target=ask)
    reader.start()
    taken, spans = [], []
    for turn, (gone, new) in enumerate(changes):
        start = time.perf_counter()
        index.change(gone, new, np.arange(DELTA, dtype=np.uint32) + (1 << 31) + turn * DELTA)
        taken.append(time.perf_counter() - start)
        spans.append((start, start + taken[-1]))
    start = time.perf_counter()
    index.compact()
    spans.append((start, time.perf_counter()))
    over.set()
    reader.join()
    during = [max((wait for at, wait in waits if at <= end and at + wait >= begin), default=0) for begin, end in spans]
    note(f"{label}: longest query during each change {', '.join(f'{1e3 * wait:.2f}' for wait in during[:-1])} ms")
    note(f"{label}: compaction {spans[-1][1] - spans[-1][0]:.1f} s, longest query meanwhile {1e3 * during[-1]:.2f} ms")
    figure("index_delta_10k" if not QUICK else "index_delta_1k", statistics.median(taken), "s", "<=1")
    for name, stall in (("index_delta_stall", max(during[:-1])), ("compaction_stall", during[-1])):
        figure(name if not QUICK else f"{name}_quick", 1e3 * stall, "ms", "<=10")


def main() -> None:
    machine()
    note(f"simd {simd_level()}, faiss {getattr(faiss, '__version__', 'absent')}, radius {RADIUS}, {QUERIES} queries")
    note(f"{len(real_hashes())} hashes of real pictures, corpus {'present' if CORPUS.is_dir() else 'absent'}")
    if faiss is not None:
        faiss.omp_set_num_threads(1)
    exact = exact_settings()
    for label, (size, target) in SIZES.items():
        stored = mixed_list(size)
        queries = mixed_queries(stored, QUERIES)
        start = time.perf_counter()
        index = HammingIndex(stored)
        note(f"{label}: index built in {time.perf_counter() - start:.2f} s")
        compare(label, target, index, stored, queries, exact)
    figure("search_threads" if not QUICK else "search_threads_quick", two_threads(index, queries), "×", ">=1.8")
    figure("index_bytes" if not QUICK else "index_bytes_quick", index.nbytes / size, "B/hash", "<=150")
    in_a_file(label, index, queries)
    delta(label, index, queries)
    report()


if __name__ == "__main__":
    main()
