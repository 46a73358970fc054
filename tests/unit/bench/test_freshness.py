"""A figure that is older than its code is warned of, and one that is not is left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "bench"))

import freshness  # noqa: E402


def git(root: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    done = subprocess.run(["git", *who, "-C", str(root), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def committed(root: Path, path: str, text: str) -> str:
    """Write a file, commit it, and return the commit as a figure names it."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)
    git(root, "add", path)
    git(root, "commit", "-q", "-m", "change")
    return git(root, "rev-parse", "--short=8", "HEAD")


def test_a_change_of_what_a_script_measures_is_found(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    before = committed(tmp_path, "src/tutela/edge/__init__.py", "one")
    elsewhere = committed(tmp_path, "docs/page.md", "one")
    row = "| `edge_single` | 1 /s | none |  | {}, 2026-11-30 |  |"
    assert freshness.warnings({"edge": row.format(elsewhere)}, tmp_path) == []
    committed(tmp_path, "src/tutela/edge/__init__.py", "two")
    assert freshness.warnings({"edge": row.format(before)}, tmp_path) == [
        f"edge: commits since {before} that changed what it measures: 1"
    ]
    assert freshness.warnings({"edge": row.format("01234567")}, tmp_path) == [
        "edge: the commit 01234567 of its figures is not known here"
    ]


def test_what_a_script_imports_beside_it_is_measured_too() -> None:
    assert {"bench/month.py", "bench/month_reports.py", "src/tutela/reports"} <= freshness._measured("month")


def test_what_only_prints_is_not_measured() -> None:
    assert "bench/figures.py" not in freshness._measured("digests")
    assert "src/tutela/matching" not in freshness._measured("digests")
