"""Run the long forms of all drills, or part of them, and write docs/drills.md.

    scripts/drills.py [PART] [NAME...]

PART is k/n: the drills of part k of n, which take about the same time as those of every other part. A drill that
passed on this commit is not run again: a run that was stopped goes on where it was. NAME runs drills by name, also
again. `--list` tells the drills of a part without running them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE, PRINTED = ROOT / "docs" / "drills.md", ROOT / "build" / "drills"
HEAD = """# Drills

Tests that take too long for every change: each starts, kills, joins or overloads whole nodes, or tries properties
hundreds of times. `make test` runs a short form of most. `make drills PART=1/6` runs a sixth of the long forms; the
[way of a change](../CONTRIBUTING.md) says more. Each row: the last run.

| drill | date | commit | result | seconds |
|---|---|---|---|---|
"""
# Seconds of a drill that has never run.
UNKNOWN = 600.0
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=8")
# Tests that are longer in a drill, with those of `tests/long_drills.txt`.
LONGER = (
    "tests/attacks/test_typed_anything.py",
    "tests/integration/app/website/test_openapi.py",
    "tests/conformance",
    "tests/integration/detection/notices/test_schedule.py",
    "tests/integration/indicators/hashes/test_hash_lines_bounds.py",
    "tests/integration/indicators/lifecycle/test_state_machine_histories.py",
    "tests/integration/indicators/partner_lists/test_sync.py",
    "tests/integration/investigations/inbox/test_offline_files.py",
    "tests/integration/takedown/ledger/test_histories.py",
    "tests/integration/takedown/orders/test_state_machine_life.py",
    "tests/integration/takedown/web/test_public_pages_danger.py",
    "tests/integration/test_access_matrix.py",
    "tests/integration/test_joining.py",
    "tests/integration/test_keys_and_backup.py",
    "tests/integration/test_triage_offline.py",
    "tests/journeys/test_accessibility.py",
    "tests/journeys/test_starting_again.py",
    "tests/journeys/test_what_a_browser_shows.py",
    "tests/unit",
)


@dataclass(frozen=True, slots=True)
class Drill:
    """A name and what runs it; `figure` is what it must print as well."""

    name: str
    command: tuple[str, ...]
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """The last run of a drill."""

    date: str
    commit: str
    result: str
    seconds: float


def drills() -> list[Drill]:
    """Every drill, by name."""
    lines = (ROOT / "tests/long_drills.txt").read_text(encoding="utf-8").splitlines()
    paths = {*LONGER, *(line for line in lines if line and not line.startswith("#"))}
    found = [Drill(path.removeprefix("tests/").removesuffix(".py"), (*PYTEST, path)) for path in paths]
    for target in (ROOT / "tests/fuzz").glob("fuzz_*.py"):
        seconds = os.environ.get("FUZZ_SECONDS", "60")
        found.append(Drill(f"fuzz/{target.stem}", ("-m", f"tests.fuzz.{target.stem}", seconds)))
    found.append(Drill("soak", ("bench/soak.py",), "FIGURE lost_or_doubled 0 "))
    return sorted(found, key=lambda drill: drill.name)


def last_runs(page: str) -> dict[str, Run]:
    """The rows of the page, by name of the drill."""
    cells = (re.split(r" *\| *", line)[1:-1] for line in page.splitlines() if line.startswith("| "))
    return {c[0]: Run(c[1], c[2].strip("`"), c[3], float(c[4])) for c in cells if len(c) == 5 and c[4].isdecimal()}


def page_of(runs: dict[str, Run], names: Iterable[str]) -> str:
    """The page: each drill that there is, run or not."""
    rows = []
    for name in sorted(names):
        run = runs.get(name)
        rows.append(
            f"| {name} | {run.date} | `{run.commit}` | {run.result} | {run.seconds:.0f} |"
            if run
            else f"| {name} | | | never run | |"
        )
    return HEAD + "\n".join(rows) + "\n"


def share(found: Sequence[Drill], runs: dict[str, Run], part: int, of: int) -> list[Drill]:
    """The drills of one part, by the seconds that each took last: the longest first, to the part with least."""
    parts: list[list[Drill]] = [[] for _ in range(of)]
    filled = [0.0] * of

    def took(drill: Drill) -> float:
        return runs[drill.name].seconds if drill.name in runs else UNKNOWN

    for drill in sorted(found, key=lambda one: (-took(one), one.name)):
        least = filled.index(min(filled))
        parts[least].append(drill)
        filled[least] += took(drill)
    return sorted(parts[part - 1], key=lambda drill: drill.name)


def commit() -> str:
    """The last commit that changed more than the page itself, marked where files differ from it."""
    others = ("--", ".", ":!docs/drills.md")
    found = _git("log", "-1", "--format=%h", *others)
    return found + ("+" if _git("status", "--porcelain", *others) else "")


def perform(drill: Drill) -> tuple[bool, float]:
    """Run one; whether it passed, and its seconds. What it prints is kept in build/drills."""
    printed = PRINTED / f"{drill.name.replace('/', '.')}.txt"
    printed.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with printed.open("wb") as file:
        env = {"KILLS": "200", **os.environ, "DRILLS": "long"}
        code = subprocess.run([sys.executable, *drill.command], cwd=ROOT, env=env, stdout=file, stderr=file).returncode
    text = printed.read_text(encoding="utf-8", errors="replace")
    # Pytest ends with 5 where no test was found: a run in which nothing ran has not passed.
    return code == 0 and drill.figure in text, time.monotonic() - began


def main(arguments: list[str]) -> int:
    """Run what is asked for; returns 1 if one did not pass."""
    found = drills()
    runs = last_runs(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    part = next((one for one in arguments if re.fullmatch(r"[1-9]\d*/[1-9]\d*", one)), "1/1")
    names = {one for one in arguments if one not in (part, "--list")}
    if unknown := names - {drill.name for drill in found}:
        print(f"No such drill: {', '.join(sorted(unknown))}. `scripts/drills.py --list` tells all.", file=sys.stderr)
        return 2
    number, of = map(int, part.split("/"))
    if number > of:
        print(f"There is no part {number} of {of}.", file=sys.stderr)
        return 2
    here, failed = commit(), 0
    chosen = [drill for drill in found if drill.name in names] if names else share(found, runs, number, of)
    for drill in chosen:
        before = runs.get(drill.name)
        passed = before is not None and (before.commit, before.result) == (here, "passed")
        if "--list" in arguments or (passed and not names):
            print(f"· {drill.name}: {'passed on this commit' if passed else 'to be run'}")
            continue
        print(f"· {drill.name} …", flush=True)
        good, seconds = perform(drill)
        failed += not good
        runs[drill.name] = Run(f"{datetime.now(UTC):%Y-%m-%d}", here, "passed" if good else "failed", seconds)
        new = PAGE.with_suffix(".new")
        new.write_text(page_of(runs, (one.name for one in found)), encoding="utf-8")
        new.replace(PAGE)
        said = "passed" if good else f"FAILED, see build/drills/{drill.name.replace('/', '.')}.txt"
        print(f"  {said}, {seconds:.0f} s", flush=True)
    return 1 if failed else 0


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
