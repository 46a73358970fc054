"""Processor seconds of everything that a command started: its own processes, PostgreSQL, browsers, servers.

    python -m tests.support.costs NAME COMMAND...

runs a command as a group of this name, and adds a line of JSON to the file that COSTS names: wall-clock seconds,
processor seconds, and what `calibrate` took in between. Processes that leave their parent stay below this one (a
subreaper), so that a database or a browser counts too.

    python -m tests.support.costs report

prints what the file says. The measure of a run is *normal processor seconds*: processor seconds divided by what the
calibration loop takes against one second on a quiet machine of the kind on which the budgets were set. Machines of this
kind differ by a factor of 2.5 from day to day.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median

ROOT = "COSTS_ROOT"  # the process below which all is counted
FILE = "COSTS"  # where lines are added
_PR_SET_CHILD_SUBREAPER = 36
_TICKS = os.sysconf("SC_CLK_TCK")
# Steps of a plain loop that take a second of a quiet processor.
STEPS = 66_000_000
MOST = 10  # files that are named
_PART = 10  # a tenth of it is run, often


def calibrate() -> float:
    """Seconds of processor that the loop takes now; 1.0 on a quiet machine."""
    began = time.process_time()
    for _ in range(STEPS // _PART):
        pass
    return (time.process_time() - began) * _PART


def spent(root: int | None = None) -> Counter[str]:
    """Processor seconds so far below a process, itself included, by the program that spent them.

    What an ended process spent counts for the one that waited for it.
    """
    below, of = defaultdict[int, list[int]](list), dict[int, tuple[str, float]]()
    for one in Path("/proc").iterdir():
        if one.name.isdecimal():
            try:
                name, _, rest = (one / "stat").read_text().partition(" (")[2].rpartition(") ")
            except OSError:
                continue  # it has ended meanwhile
            fields = rest.split()
            below[int(fields[1])].append(int(one.name))
            of[int(one.name)] = name, sum(map(int, fields[11:15])) / _TICKS
    found, left = Counter[str](), [root or int(os.environ.get(ROOT, os.getpid()))]
    while left:
        pid = left.pop()
        if pid in of:
            found[of[pid][0]] += of[pid][1]
        left += below[pid]
    return found


def add(**line: object) -> None:
    """Add a line to the file, if one is named."""
    if path := os.environ.get(FILE):
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def run(name: str, command: list[str]) -> int:
    """Run a command and add what it took; returns its exit code."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.environ[ROOT] = str(os.getpid())
    loops, began, before = [calibrate()], time.monotonic(), spent().total()
    process = subprocess.Popen(command)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.terminate())
    while process.poll() is None:
        _reap(process.pid)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            loops.append(calibrate())
    loops.append(calibrate())
    _reap(process.pid)
    took = spent().total() - before - sum(loops[1:]) / _PART
    add(group=name, wall=round(time.monotonic() - began, 1), processor=round(took, 1), loop=round(median(loops), 3))
    return process.returncode


def _reap(besides: int) -> None:
    """Wait for what ended as an orphan, so that its seconds count here."""
    for one in Path("/proc").iterdir():
        if one.name.isdecimal():
            try:
                state, parent = (one / "stat").read_text().rpartition(") ")[2].split()[:2]
            except OSError:
                continue
            if state == "Z" and int(parent) == os.getpid() and int(one.name) != besides:
                try:
                    os.waitpid(int(one.name), os.WNOHANG)
                except ChildProcessError:
                    continue


def report(path: Path) -> str:
    """What the lines of a run say: processor seconds of each group, the sum, and the most expensive files."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    groups = [line for line in lines if "group" in line]
    loop = median(line["loop"] for line in groups)
    files = Counter[str]()
    for line in lines:
        if "file" in line:
            files[line["file"]] += line["took"]
    said = [f"{line['processor'] / loop:7.0f} s  {line['group']}" for line in groups]
    most = [f"{seconds / loop:7.0f} s  {file}" for file, seconds in files.most_common(MOST)]
    whole = sum(line["processor"] for line in groups) / loop
    return "\n".join(
        [
            f"Normal processor seconds, of a processor that is {loop:.2f} times as slow as a quiet one:",
            *said,
            f"{whole:7.0f} s  altogether",
            "The most expensive files:",
            *most,
        ]
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["report"]:
        print(report(Path(os.environ[FILE])))  # noqa: T201 - its purpose
    else:
        sys.exit(run(sys.argv[1], sys.argv[2:]))
