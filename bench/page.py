"""docs/performance.md: one section a script, made of what its last run printed and of what it says of its method.

`page.py` by itself writes the page anew without running anything: figures stay, methods are those of the scripts.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent
PAGE = BENCH.parent / "docs" / "performance.md"
HEAD = """# Performance

`make bench` writes this page from what the scripts in `bench/` printed: figures, how they were measured, notes on sizes
and versions, and the machine. A section is of that script's last full run on record, each run by itself; a script
without one has none yet. Where a peer or a limit is named, it ran in the same run on the same data. A figure that
misses its target stays, marked **below target**. A quick run uses small sizes: it shows that a script works, and leaves
this page as it is. Each figure names the date and the commit that was measured or, of older ones, that recorded it.
"""
LINE = re.compile(r"FIGURE (\S+) (\S+) (.+?) target (?:([<>]?=|[<>])\s*(\S+)|none)(?: peer (\S+) (\S+) (.+))?")
SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
# A method is one paragraph, whatever its length.
METHOD = re.compile(r"^Method: (?:.+\n)+\n?", re.MULTILINE)


@dataclass(frozen=True)
class Figure:
    """One measured value with what it must reach, if anything, and what a peer or a limit reached beside it."""

    name: str
    value: float
    unit: str
    sign: str | None
    target: float
    peer: tuple[str, float, str] | None = None

    @property
    def reached(self) -> bool:
        """Whether the value keeps its target, or has none; equality counts for every sign but `<` and `>`."""
        return (
            self.sign is None
            or {
                ">=": self.value >= self.target,
                "<=": self.value <= self.target,
                "=": self.value == self.target,
                ">": self.value > self.target,
                "<": self.value < self.target,
            }[self.sign]
        )


def read(line: str) -> Figure | None:
    """The figure of a FIGURE line; None for any other line. Raises ValueError for one that cannot be read."""
    if not line.startswith("FIGURE "):
        return None
    found = LINE.fullmatch(line.strip())
    if found is None:
        raise ValueError(f"not a figure: {line.strip()}")
    name, value, unit, sign, target, peer, reached, peer_unit = found.groups()
    beside = (peer, float(reached), peer_unit) if peer else None
    return Figure(name, float(value), unit, sign, float(target or 0), beside)


def section(machine: str, lines: list[str], failure: str = "", measured: str = "") -> str:
    """The text of one script's section. `failure` says why it did not run to its end.

    `measured`: the commit and the date.
    """
    figures = [one for line in lines if (one := read(line))]
    notes = [line.strip().lstrip("# ") for line in lines if line.strip() and not line.startswith("FIGURE ")]
    text = [machine, ""]
    if failure:
        text += [f"**Did not run to its end:** {failure}", ""]
    if figures:
        text += ["| figure | value | target | peer or limit | commit, date | |", "|---|---|---|---|---|---|"]
        text += [*(_row(one, measured) for one in figures), ""]
    return "\n".join([*text, *map(_note, notes), ""])


def _note(text: str) -> str:
    return textwrap.fill(f"- {text}", 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _row(figure: Figure, measured: str) -> str:
    peer = f"{figure.peer[0]}: {figure.peer[1]:g} {figure.peer[2]}" if figure.peer else ""
    mark = "" if figure.reached else "**below target**"
    target = f"{figure.sign} {figure.target:g}" if figure.sign else "none"
    return f"| `{figure.name}` | {figure.value:g} {figure.unit} | {target} | {peer} | {measured} | {mark} |"


def method(name: str) -> str:
    """What the script says above its code, in one paragraph; empty if it says nothing."""
    said = ast.get_docstring(ast.parse((BENCH / f"{name}.py").read_text())) or ""
    text = f"Method: {' '.join(said.split())}" if said else ""
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def with_method(body: str, said: str) -> str:
    """The section with this method, below its table or at its end, and with no other."""
    lines = METHOD.sub("", body).strip("\n").split("\n")
    if said:
        rows = [number for number, line in enumerate(lines) if line.startswith("|")]
        at = rows[-1] + 1 if rows else len(lines)
        lines[at:at] = ["", said]
    return "\n".join(lines) + "\n"


def merge(page: str, fresh: dict[str, str], order: list[str], said: Callable[[str], str] = method) -> str:
    """The page with the sections that were made anew, every one with the method that its script says now (`said`);
    those of scripts that are gone are dropped.
    """
    kept = dict(SECTION.findall(page)) | fresh
    texts = {name: with_method(kept[name], said(name)) for name in order if name in kept}
    return HEAD + "".join(f"\n## {name}\n\n{text.lstrip()}" for name, text in texts.items())


if __name__ == "__main__":
    PAGE.write_text(merge(PAGE.read_text(), {}, sorted(path.stem for path in BENCH.glob("*.py"))))
