"""The project's own files, for the tests that hold its laws."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tutela"
DOMAINS = (
    "events",
    "organisations",
    "law",
    "accountability",
    "casework",
    "indicators",
    "detection",
    "reports",
    "investigations",
)
# What a file must end with to be text that people wrote.
TEXT = (
    ".py",
    ".pyi",
    ".md",
    ".html",
    ".js",
    ".css",
    ".toml",
    ".json",
    ".sh",
    ".cpp",
    ".h",
    ".hpp",
    ".txt",
    ".in",
    ".po",
    ".svg",
    ".yml",
    ".yaml",
    ".cfg",
)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is or could be committed; of an unpacked archive without git, every file."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")
        files = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        kept = ("src", "tests", "docs", "scripts", "native", "bench", "requirements")
        files = [*ROOT.glob("*"), *(path for folder in kept for path in (ROOT / folder).rglob("*"))]
    return tuple(sorted(path for path in files if path.is_file()))


def texts() -> Iterator[tuple[Path, str]]:
    """Every tracked text file, without what others wrote (fonts, vendored scripts)."""
    for path in tracked():
        inside = path.relative_to(ROOT).as_posix()
        if "/vendor/" in inside or "/fonts/" in inside:
            continue
        if (path.suffix in TEXT or path.name in ("Makefile", "run")) and path.exists():
            yield path, path.read_text(encoding="utf-8")


def python(folder: Path = SOURCE, *, migrations: bool = False) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file below a folder with its syntax tree; migrations are written by a machine."""
    for path in sorted(folder.rglob("*.py")):
        if migrations or "migrations" not in path.parts:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def templates() -> list[Path]:
    """Every HTML template of the desks."""
    return sorted(SOURCE.rglob("templates/**/*.html"))


def place(path: Path, line: int | None = None) -> str:
    """`file:line`, for a failure that can be clicked."""
    inside = path.relative_to(ROOT).as_posix()
    return f"{inside}:{line}" if line else inside
