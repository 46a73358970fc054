"""Which figures of docs/performance.md are older than the code that they measure: `make bench` ends with this list.

A script measures the packages that it names, and those of the scripts beside it that it imports. A figure is old when a
commit after it changed one of those packages, or the script.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
# Imported, or named in the command of a process that is measured.
_PACKAGE = re.compile(r"\btutela[. ](?:import )?([a-z]\w+)")
_IMPORTED = re.compile(r"^(?:import|from) ([a-z]\w+)", re.MULTILINE)
_MEASURED = re.compile(r"\| ([0-9a-f]{8})(?:-dirty)?, \d{4}-\d\d-\d\d \|")


def warnings(sections: dict[str, str], root: Path = ROOT) -> list[str]:
    """A line for each script whose oldest figure is older than its code, or whose commit is not known here."""
    found = []
    for name, text in sorted(sections.items()):
        for commit in sorted(set(_MEASURED.findall(text))):
            count = _changes(root, commit, sorted(_measured(name)))
            if count is None:
                found.append(f"{name}: the commit {commit} of its figures is not known here")
            elif count:
                found.append(f"{name}: commits since {commit} that changed what it measures: {count}")
    return found


def _changes(root: Path, commit: str, paths: list[str]) -> int | None:
    """Commits after this one that changed one of the paths; None for an unknown commit."""
    command = ["git", "-C", str(root), "rev-list", "--count", f"{commit}..HEAD", "--", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 else None


def _measured(name: str) -> set[str]:
    """Paths of a script and of the packages of the source that it names."""
    paths, waiting = set[str](), [name]
    while waiting:
        script = BENCH / f"{waiting.pop()}.py"
        path = script.relative_to(ROOT).as_posix()
        # `figures` prints, and names the kernels' levels: no script measures these by it.
        if path in paths or script.stem == "figures" or not script.exists():
            continue
        paths.add(path)
        text = script.read_text("utf-8")
        paths |= {f"src/tutela/{package}" for package in _PACKAGE.findall(text)}
        waiting += _IMPORTED.findall(text)
    return paths
