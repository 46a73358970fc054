"""What a list costs in memory at an Edge, an entry: the sealed memory that all its processes map, and what is private.

A list in which each entry has an id, one PDQ hash and its structure, as the register's have; digests are other hashes,
and each would add its own length and four bytes. One process makes the sealed files and opens them, as for a new
release; another opens them, as after a restart; a third maps what the second holds, as each worker does. Sealed memory
is counted by its pages, private memory is what the processes have of their own beyond what they had before. What names
the hashes is told apart: id and flags (20 bytes an entry) and the entry of each hash (4). Each process answers
questions before it is measured.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from figures import QUICK, figure, machine, note, report

from tutela.edge.active_lists.sealed_memory import SharedList, memory_of
from tutela.matching import MatchList, Snapshot
from tutela.matching.files.layout import ENTRY, ROW, SECTIONS
from tutela.matching.files.snapshot_writer import assembled
from tutela.matching.kernels import _hamming

COUNTS = (10_000, 100_000) if QUICK else (100_000, 1_000_000, 10_000_000)
KEY = bytes(range(32))
# Of the memory of a list, what names its hashes.
IDS = ("entries", "pdq.rows")


def make(path: Path, count: int) -> None:
    """Write a snapshot of random hashes."""
    rng = np.random.default_rng(count)
    entries = np.zeros(count, ENTRY)
    ids = np.zeros((count, 2), ">u8")
    ids[:, 0] = np.arange(1, count + 1)
    entries["id"] = ids.view("S16").reshape(-1)
    pdq = rng.integers(0, 256, (count, 32), dtype=np.uint8)
    order = _hamming.order(pdq)
    pdq = pdq if order is None else pdq[order]
    nothing = {name: np.zeros(0, kind) for name, kind in SECTIONS.items() if not kind.shape}
    path.write_bytes(
        assembled(
            nothing
            | {
                "entries": entries,
                "pdq": pdq,
                "pdq.quality": np.full(count, 90, np.uint8),
                "pdq.rows": rng.permutation(count).astype(ROW),
                "pdq.structure": rng.integers(0, 256, (count, 32), dtype=np.uint8),
                "pdq.part": np.zeros(count, np.uint8),
            },
            "bench",
        )
    )


def private() -> int:
    """Bytes of memory that this process shares with nobody."""
    gc.collect()
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["RssAnon"].split()[0]) * 1024


def answers(shared: SharedList) -> Snapshot:
    """Ask for some listed hashes: their pages are read, and each is found."""
    known = MatchList.load(shared.snapshot, list_id="bench", version=1, index=shared.index)
    places = np.arange(0, len(shared.snapshot.pdq), 997)
    queries = shared.snapshot.pdq[places]
    found = known.index.query(queries, 31)
    assert all(place in dict(found.of(at)) for at, place in enumerate(places.tolist())), "a listed hash is not found"
    return shared.snapshot


def process(way: str, folder: Path, *given: str) -> None:
    """One process of an Edge; prints what it measured, and keeps the list until its input ends."""
    path, sha256 = folder / "1", given[0]
    before = private()
    if way == "make":
        shared = SharedList.make(memory_of([(folder / "snapshot").read_bytes()]), path, KEY)
    elif way == "open":
        shared = SharedList.open(path, KEY, sha256)
    else:
        shared = SharedList.attach(int(given[1]), int(given[2]), sha256)
    snapshot = answers(shared)
    told: dict[str, Any] = {
        "private": private() - before,
        "sealed": sum(os.fstat(fd).st_blocks * 512 for fd in shared.fds),
        "ids": sum(snapshot.column(name).nbytes for name in IDS),
        "sha256": snapshot.sha256,
    }
    if way == "open":
        told["worker"] = run("attach", folder, sha256, *map(str, shared.fds), fds=shared.fds)["private"]
    print(json.dumps(told))


def run(way: str, folder: Path, *given: str, fds: tuple[int, ...] = ()) -> dict[str, Any]:
    command = [sys.executable, __file__, way, str(folder), *given]
    for fd in fds:
        os.set_inheritable(fd, True)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, close_fds=False)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measured(count: int) -> float:
    """Bytes an entry, without what names it; the larger of the two ways to come by a list."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder / "snapshot", count)
        made = run("make", folder, "")
        opened = run("open", folder, made["sha256"])
    each = {way: (told["sealed"] + told["private"]) / count for way, told in (("made", made), ("opened", opened))}
    ids = opened["ids"] / count
    note(
        f"{count:,} entries: {each['made']:.1f} bytes an entry in all where the list was made, {each['opened']:.1f} "
        f"where it was opened; of them sealed {opened['sealed'] / count:.1f}, names {ids:.1f}"
    )
    note(
        f"{count:,} entries: private to who made it {made['private'] / 1e6:.1f} MB, to who opened it "
        f"{opened['private'] / 1e6:.1f} MB, to each worker beside them {opened['worker'] / 1e6:.1f} MB"
    )
    return float(max(each.values()) - ids)


def main() -> None:
    machine()
    for count in COUNTS:
        # Of a small list, what a process needs anyway falls to few entries.
        target = "<=150" if count >= 1_000_000 else "none"
        figure(f"edge_memory_{count}", measured(count), "bytes an entry", target)
    report()


if __name__ == "__main__":
    if sys.argv[1:]:
        process(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
    else:
        main()
