"""Run all tests as groups, two at a time, those that take longest first.

Each group is a process with a database of its own: pages, lists and jobs take longer the more earlier tests have left
there. What a group prints comes when it ends; at the end stand the processor seconds of each. `tests/groups.txt` holds
those of an earlier run, by which groups are ordered; `REFRESH=1 make test` writes it again. Drills are short here;
`make drills` has the long forms, and those of `tests/long_drills.txt` altogether. `ORDER=7 make test` shuffles files,
and the tests within each, by that seed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests" / "groups.txt"
WORKERS = 2
# A group that no run has measured comes first.
UNKNOWN = 10_000.0
HEAD = "# Normal processor seconds of each group. The largest run first. `REFRESH=1 make test` writes this file.\n"
# Drills and journeys wait for clocks: they go before what only computes.
PATIENT = ("drills", "journeys")
MATRIX = "tests/integration/test_access_matrix.py"


def groups() -> dict[str, list[str]]:
    """What pytest is told for each group."""
    long = [line for line in (ROOT / "tests/long_drills.txt").read_text().splitlines() if not line.startswith("#")]
    alone = {_name(path) for path in (ROOT / "tests/integration").glob("test_*.py")} - {MATRIX, *long}
    found = {"drills": sorted(alone), "access": [MATRIX]}
    folders = [*(ROOT / "tests").iterdir(), *(ROOT / "tests/integration").iterdir()]
    for folder in sorted(folders):
        if folder.is_dir() and folder.name != "integration" and any(folder.rglob("test_*.py")):
            skipped = [f"--ignore={path}" for path in long if path.startswith(f"{_name(folder)}/")]
            found[folder.name] = [_name(folder), *skipped]
    return found


def seconds() -> dict[str, float]:
    """What each group took in the run that the table is from."""
    lines = TABLE.read_text().splitlines() if TABLE.exists() else []
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {name: float(took) for took, name in pairs}


def ordered(found: dict[str, list[str]], took: dict[str, float]) -> list[str]:
    """The largest first; what was never measured before all."""
    return sorted(found, key=lambda name: (-took.get(name, UNKNOWN), name))


def run(name: str, words: list[str], printing: threading.Lock) -> bool:
    """Run a group, and print what it said; whether it passed."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=8", *words]
    if order := os.environ.get("ORDER"):
        pytest += ["--random-order-bucket=module", f"--random-order-seed={order}"]
    counted = [sys.executable, "-m", "tests.support.costs", name]
    nice = [] if name in PATIENT else ["nice", "-n", "5"]
    began = time.monotonic()
    done = subprocess.run([*nice, *counted, *pytest], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with printing:
        print(f"· {name}: {time.monotonic() - began:.0f} s", flush=True)
        sys.stdout.buffer.write(done.stdout)
        sys.stdout.buffer.flush()
    return done.returncode == 0


def refreshed(costs: Path) -> str:
    """The table, from what a run has counted."""
    lines = [line for line in map(json.loads, costs.read_text().splitlines()) if "group" in line]
    loop = median(line["loop"] for line in lines)
    rows = sorted((round(line["processor"] / loop), line["group"]) for line in lines)
    return HEAD + "".join(f"{took:5d} {name}\n" for took, name in reversed(rows))


def main() -> int:
    """Returns 1 if a test failed, or a group had none."""
    folder = Path(tempfile.mkdtemp(prefix="tutela-tests-"))
    costs = folder / "costs"
    os.environ["COSTS"] = str(costs)
    found, printing = groups(), threading.Lock()
    try:
        # One migrated database, which each group and each drill copies.
        migrated = folder / "migrated"
        folder.chmod(0o711)
        counted = [sys.executable, "-m", "tests.support.costs", "migration"]
        made = subprocess.run([*counted, sys.executable, "-m", "tests.support.migrated", str(migrated)], cwd=ROOT)
        if made.returncode == 0:
            os.environ["MIGRATED_FOR_TESTS"] = str(migrated)
        (folder / "media").mkdir()
        (folder / "media").chmod(0o777)
        os.environ["MEDIA_FOR_TESTS"] = str(folder / "media")
        with ThreadPoolExecutor(WORKERS) as workers:
            passed = list(workers.map(lambda name: run(name, found[name], printing), ordered(found, seconds())))
        subprocess.run([sys.executable, "-m", "tests.support.costs", "report"], cwd=ROOT, check=True)
        if os.environ.get("REFRESH"):
            TABLE.write_text(refreshed(costs))
        if kept := os.environ.get("KEEP_COSTS"):
            with open(kept, "a", encoding="utf-8") as file:
                file.write(costs.read_text())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if all(passed) and made.returncode == 0 else 1


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main())
