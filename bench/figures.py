"""Printing figures, and measuring two things fairly: in alternating rounds, by their medians."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import NoReturn

from tutela.matching.kernels import _hamming
from tutela.media.kernels import _pdq

QUICK = os.environ.get("QUICK") == "1"
# The medians of a quick run settle nothing.
ROUNDS = 1 if QUICK else 5
_lines: list[str] = []


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def alternate(works: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Median seconds of each piece of work. A round runs all of them once, so that drift hits all alike."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(seconds(work))
    return {name: statistics.median(values) for name, values in taken.items()}


def note(text: str) -> None:
    """A line above the figures: sizes, versions, levels."""
    print(f"# {text}", flush=True)


def machine() -> None:
    """What the figures were made on."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pillow"))
    note(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, quick={QUICK}")
    note(f"SIMD {_pdq.simd_level()} (hashes), {_hamming.simd_level()} (search); {versions}")


def skip(reason: str) -> NoReturn:
    """End a script that lacks what it needs: it prints no figure, and that is no failure."""
    print(f"SKIPPED {reason}", flush=True)
    sys.exit(0)


def figure(name: str, value: float, unit: str, target: str, peer: tuple[str, float, str] | None = None) -> None:
    """Keep a line for `report`. `target` carries its sign: ">=40"; "none" where nothing is promised."""
    line = f"FIGURE {name} {value:.6g} {unit} target {target}"
    _lines.append(line + (f" peer {peer[0]} {peer[1]:.6g} {peer[2]}" if peer else ""))


def report() -> None:
    """Print every figure: the last lines of a script, from which the page is made."""
    print("\n".join(_lines), flush=True)
