"""Scanning on a Ray cluster: two workers of one core each against two scans of one process each, on the same files.

Then what that means for a thousand million pictures: a simulation with machines that fail, from the rate measured here.
The corpus is `corpus/` (`make corpus`), or CORPUS; there are more objects than it has pictures, each under two names.
What a cluster takes to start counts, as it does for the scans.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from figures import QUICK, figure, machine, note, report, skip

from tutela.app.demo import pictures as scenery

CORPUS = Path(os.environ.get("CORPUS", "corpus"))
FILES, ROUNDS = (400, 3) if QUICK else (18_000, 3)
CLI = [sys.executable, "-m", "tutela.app.cli"]
PICTURES = 10**9
BATCH = 500
# EUR an hour for a rented machine of 16 cores: a round number to scale, not a quotation.
PRICE = 0.5


def chosen(folder: Path) -> list[Path]:
    """The objects: names in a folder, in no order, that stand for the corpus's pictures."""
    pictures = sorted(p for p in CORPUS.rglob("*") if p.is_file() and p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if QUICK and not pictures:
        pictures = [folder.parent / f"{number}.jpg" for number in range(FILES // 2)]
        for number, path in enumerate(pictures):
            path.write_bytes(scenery.encoded(scenery.landscape(number % 12), "JPEG"))
    names = []
    for number, picture in enumerate([*pictures, *pictures]):
        names.append(folder / f"{number:05d}{picture.suffix.lower()}")
        names[-1].symlink_to(picture.absolute())
    random.Random(7).shuffle(names)
    return names[:FILES]


def single_scans(folder: Path, names: list[Path]) -> float:
    """Two scans at once, half of the files each; the time until the later one ends."""
    halves = [names[0::2], names[1::2]]
    began = time.perf_counter()
    running = [
        subprocess.Popen(
            [*CLI, "scan", *map(str, half), "--list", str(folder / "list"), "-o", str(folder / f"s{n}"), "--jobs", "1"],
            stderr=subprocess.DEVNULL,
        )
        for n, half in enumerate(halves)
    ]
    for one in running:
        one.wait()
    return time.perf_counter() - began


def on_the_cluster(folder: Path, address: str) -> float:
    output = folder / "cluster.jsonl"
    for old in (output, output.with_name("cluster.jsonl.ledger")):
        old.unlink(missing_ok=True)
    began = time.perf_counter()
    done = subprocess.run(
        [
            *CLI,
            "scan",
            "--from",
            str(folder / "names"),
            "--list",
            str(folder / "list"),
            "-o",
            str(output),
            "--ray",
            address,
            "--jobs",
            "1",
            "--batch",
            "100",
        ],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    taken = time.perf_counter() - began
    assert done.returncode in (0, 1, 3), done.stderr[-2000:]
    return taken


def equal(folder: Path) -> bool:
    ours = sorted((folder / "cluster.jsonl").read_text().splitlines())
    theirs = sorted((folder / "s0").read_text().splitlines() + (folder / "s1").read_text().splitlines())
    return ours == theirs


def simulated(rate: float, machines: int, cores: int, seed: int = 1) -> tuple[float, float]:
    """(hours, share of work done twice) for PICTURES: machines of `cores`, each down 10 minutes in 500 hours.

    Every batch takes as long as its pictures do at this rate, give or take a third; a failure loses what was under way.
    """
    rng = random.Random(seed)
    per_batch = BATCH / (rate * cores)
    left, lost, finished = PICTURES / BATCH, 0.0, 0.0
    share = left / machines
    for _ in range(machines):
        clock_, todo = 0.0, share
        while todo > 0:
            span = rng.expovariate(1 / (500 * 3600))
            pace = per_batch * rng.gauss(1.0, 0.33 / max(todo, 1) ** 0.5)
            if todo * pace <= span:
                clock_, todo = clock_ + todo * pace, 0
            else:
                todo -= span / pace - 2  # two batches are with a host at a time
                lost += 2
                clock_ += span + 600
        finished = max(finished, clock_)
    return finished / 3600, lost / left


def main() -> None:
    machine()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        from ray.cluster_utils import Cluster
    except ImportError:
        skip("Ray is not installed")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        (folder / "objects").mkdir()
        names = chosen(folder / "objects")
        if len(names) < FILES // 2:
            skip("the corpus is missing: make corpus, or CORPUS=…")
        (folder / "names").write_text("\n".join(str(p) for p in names))
        hashed = subprocess.run([*CLI, "hash", *map(str, names[:40])], capture_output=True, text=True, check=False)
        (folder / "h.jsonl").write_text(hashed.stdout)
        build = [*CLI, "index", "build", str(folder / "h.jsonl"), "-o", str(folder / "list"), "--list-id", "bench"]
        subprocess.run(build, check=False, capture_output=True)
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        cluster.add_node(num_cpus=1)
        try:
            on_the_cluster(folder, cluster.address)  # warms the cache of the files for both
            times = [(single_scans(folder, names), on_the_cluster(folder, cluster.address)) for _ in range(ROUNDS)]
        finally:
            cluster.shutdown()  # type: ignore[no-untyped-call]
        if not equal(folder):
            sys.exit("the cluster's lines are not those of the two scans")
        note(f"{len(names)} files, {ROUNDS} rounds; lines of both are equal")
    single, ray = (statistics.median(column) for column in zip(*times, strict=True))
    rate = len(names) / single / 2
    note(f"two single scans {len(names) / single:.0f} files/s, two Ray workers {len(names) / ray:.0f} files/s")
    figure(
        "ray_efficiency",
        statistics.median(s / r for s, r in times),
        "share",
        ">=0.9",
        ("two_single_scans", len(names) / single, "files/s"),
    )
    for machines in (1, 10, 100, 1000):
        hours, twice = simulated(rate, machines, 16)
        spent = machines * hours
        note(
            f"10^9 pictures on {machines} machines of 16 cores at {rate:.0f}/s a core: {hours:,.0f} h, "
            f"{spent:,.0f} machine-hours, {spent * PRICE:,.0f} EUR, {twice:.0e} twice"
        )
    report()


if __name__ == "__main__":
    main()
