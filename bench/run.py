"""Runs the benches and writes docs/performance.md: `run.py [NAME…]`; QUICK=1 for small sizes. `make bench` calls it.

Ends with 1 if a script did not run to its end. A figure below its target is marked on the page and fails nothing; a
script that lacks what it needs says that it is skipped, and keeps its section. At the end it warns of figures that are
older than the code that they measure. With QUICK=1 (`make bench-quick`) the page is neither written nor read, and a
script that is skipped has failed: what did not run says nothing.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import freshness
import page
from figures import QUICK

from tutela import clock

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
# Not benches themselves.
PARTS = {
    "run",
    "witnesses",
    "release_rows",
    "release_steps",
    "page",
    "figures",
    "hash_distances",
    "search_lists",
    "edits",
    "arrangements",
    "same_content",
    "subjects",
    "false_pairs",
    "edge_lists",
    "edge_load",
    "edge_against_hma",
    "hma_peer",
    "hma_fill",
    "report_desks",
    "report_rows",
    "node_load",
    "month_reports",
    "month_urgency",
    "freshness",
    "dashboard_rows",
    "derived_rows",
    "short_demonstration",
}
# These begin first in a quick run: begun last, one would run alone for minutes.
LONGEST = {"tour", "soak", "releases", "drill"}
# A full run may take its four hours; a quick one may be at the lowest priority beside all tests, and waits accordingly.
LONGEST_SECONDS = 3600 if QUICK else 4 * 3600
PATIENCE = "20"


@dataclass(frozen=True)
class Ran:
    """What a script printed, why it failed (empty if it did not), its seconds, and the machine before it began."""

    lines: list[str]
    failure: str
    seconds: float
    machine: str


def main(wanted: list[str]) -> int:
    """Run what is wanted, or everything."""
    scripts = sorted(path.stem for path in BENCH.glob("*.py") if path.stem not in PARTS)
    if unknown := set(wanted) - set(scripts):
        print(f"There is no bench {', '.join(sorted(unknown))}; there are: {', '.join(scripts)}", file=sys.stderr)
        return 2
    chosen, fresh, failures, began = wanted or scripts, dict[str, str](), list[str](), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tutela-bench-") as folder:
        if len(chosen) > 1:
            share_database(Path(folder) / "migrated")
        for name, ran in runs(chosen):
            ended = ran.failure or ("skipped" if skipped(ran.lines) else "ended")
            print(f"== {name}: {ended}, {ran.seconds:.0f} s", flush=True)
            failures += [f"{name}: {ran.failure}"] if ran.failure else []
            if not QUICK and not skipped(ran.lines):
                fresh[name] = page.section(ran.machine, ran.lines, ran.failure, measured())
                before = page.PAGE.read_text() if page.PAGE.exists() else ""
                page.PAGE.write_text(page.merge(before, fresh, scripts))
    print(f"== {len(chosen)} benches: {len(failures)} failed, {time.monotonic() - began:.0f} s", flush=True)
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr)
    for warning in [] if QUICK else freshness.warnings(dict(page.SECTION.findall(page.PAGE.read_text()))):
        print(f"warning: {warning}", file=sys.stderr)
    return 1 if failures else 0


def runs(names: list[str]) -> Iterator[tuple[str, Ran]]:
    """Run the scripts one after another; in a quick run, whose figures settle nothing, as many at once as processors.

    What a script prints is shown as it comes; in a quick run, once it and those before it have ended.
    """
    if not QUICK:
        for name in names:
            print(f"== {name}", flush=True)
            yield name, run(name)
        return
    ordered = sorted(names, key=lambda name: name not in LONGEST)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, ran in zip(ordered, pool.map(run, ordered), strict=True):
            print("\n".join([f"== {name}", *ran.lines]), flush=True)
            yield name, ran


def share_database(folder: Path) -> None:
    """One migrated database for all scripts, which copy it, unless there is one or none can be made here."""
    if "MIGRATED_FOR_TESTS" not in os.environ:
        folder.parent.chmod(0o711)
        made = subprocess.run([sys.executable, "-m", "tests.support.migrated", str(folder)], cwd=ROOT, check=False)
        if made.returncode == 0:
            os.environ["MIGRATED_FOR_TESTS"] = str(folder)


def run(name: str) -> Ran:
    """Run a script to its end, or until it takes too long."""
    lines, before, began = list[str](), machine(), time.monotonic()
    command = ["timeout", str(LONGEST_SECONDS), sys.executable, str(BENCH / f"{name}.py")]
    env = os.environ | ({"PATIENCE": PATIENCE} if QUICK else {})
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not QUICK:
                print(line, end="", flush=True)
            lines.append(line.rstrip("\n"))
    failure = ""
    if process.returncode == 124:
        failure = f"stopped after {LONGEST_SECONDS} s"
    elif process.returncode:
        failure = f"it ended with {process.returncode}"
    elif not any(page.read(line) for line in lines) and not skipped(lines):
        failure = "it printed no figure"
    elif QUICK and skipped(lines):
        failure = "it was skipped"
    return Ran(lines, failure, time.monotonic() - began, before)


def skipped(lines: list[str]) -> bool:
    """Whether the script says that it lacks what it needs."""
    return any(line.startswith("SKIPPED ") for line in lines)


def measured() -> str:
    """Commit and date of what was measured; a commit with changes that it does not have says so."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=8", "--match="]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return f"{said or 'unknown'}, {clock.now().date().isoformat()}"


def machine() -> str:
    """The line on what the figures were made: processor, memory, load, system, Python, sizes."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    sizes = "small sizes (quick)" if QUICK else "full sizes"
    system = f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"
    # Work of others on the machine lowers every figure; a reader must be able to see it.
    load = f"load {os.getloadavg()[0]:.1f} before it began"
    return f"{processor()}, {os.cpu_count()} processors, {memory:.0f} GiB, {load}; {system}; {sizes}."


def processor() -> str:
    """The processor's name as the kernel gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
