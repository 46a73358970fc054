"""The page of figures says what ran, and nothing else."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _load(name: str) -> ModuleType:
    path = Path(__file__).resolve().parents[3] / "bench" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"bench_{name}", path)
    assert spec
    assert spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


page = _load("page")


def test_line_is_read_with_and_without_a_peer() -> None:
    plain = page.read("FIGURE lost_or_doubled 0 count target =0")
    assert (plain.name, plain.value, plain.sign, plain.target, plain.peer) == ("lost_or_doubled", 0, "=", 0, None)
    other = page.read("FIGURE search_ratio_1m 61.5 × target >=40 peer faiss-flat 1200 look-ups/s\n")
    assert other.peer == ("faiss-flat", 1200, "look-ups/s")
    assert page.read("# 1m: 100000 hashes") is None


@pytest.mark.parametrize("rest", ["", " x s target >=1", " 1 s target", " 1 s target ~3"])
def test_line_that_is_half_a_figure_is_refused(rest: str) -> None:
    with pytest.raises(ValueError, match=r"figure|float"):
        page.read("FIGURE a" + rest)


@pytest.mark.parametrize(
    ("line", "reached"),
    [(">=40", True), (">=42.5", False), ("<=42", True), ("<=41", False), ("=42", True), ("=0", False), ("<42", False)],
)
def test_figure_below_its_target_is_marked(line: str, reached: bool) -> None:
    text = page.section("Machine.", [f"FIGURE some_name 42 s target {line}"])
    assert ("**below target**" in text) is not reached
    assert "`some_name`" in text


def test_figure_without_a_target_says_so_and_misses_none() -> None:
    line = "FIGURE seen 1.6 per upload target none peer name 3 per upload"
    assert page.read(line).peer == ("name", 3, "per upload")
    text = page.section("Machine.", [line])
    assert "| `seen` | 1.6 per upload | none |" in text
    assert "below target" not in text


def test_each_figure_names_commit_and_date() -> None:
    text = page.section("Machine.", ["FIGURE x 1 s target >=1"], measured="ab12cd34, 2026-03-01")
    assert "| `x` | 1 s | >= 1 |  | ab12cd34, 2026-03-01 |  |" in text
    rows = [line for line in page.PAGE.read_text().splitlines() if line.startswith("| `")]
    assert rows
    assert [line for line in rows if not re.search(r"\| [0-9a-f]{8}(-dirty)?, \d{4}-\d\d-\d\d \|", line)] == []


def test_look_ups_by_pdq_have_figures_beside_the_others() -> None:
    text = page.PAGE.read_text()
    for name in ("edge_single", "edge_batch", "edge_single_pdq", "edge_batch_pdq"):
        assert f"| `{name}` |" in text
        assert f'"{name}"' in (page.BENCH / "edge.py").read_text()


def test_section_of_a_script_that_failed_says_so_and_keeps_its_figures() -> None:
    text = page.section("Machine.", ["# note", "FIGURE a 1 s target >=1"], "it ended with 1")
    assert "**Did not run to its end:** it ended with 1" in text
    assert "`a`" in text
    assert "- note" in text


def test_running_one_script_leaves_the_others_as_they_were() -> None:
    def merge(*given: Any) -> str:
        return str(page.merge(*given, said=lambda name: ""))

    first = merge("", {"a": page.section("M1.", []), "b": page.section("M1.", [])}, ["a", "b"])
    again = merge(first, {"b": page.section("M2.", ["FIGURE x 1 s target >=1"])}, ["a", "b"])
    assert again.count("M1.") == 1
    assert again.count("M2.") == 1
    assert again.index("## a") < again.index("## b")
    assert merge(again, {}, ["a", "b"]) == again
    assert "## a" not in merge(again, {}, ["b"])


def test_kept_section_gets_the_method_that_its_script_says_now() -> None:
    lines = ["# note", "FIGURE x 1 s target >=1"]
    parts = {"a": page.section("M1.", lines), "b": page.section("M1.", [])}
    first = page.merge("", parts, ["a", "b"], lambda name: f"Method: old {name},\nin two lines.")
    assert first.index("| `x`") < first.index("Method: old a,") < first.index("- note")
    again = page.merge(first, {}, ["a", "b"], lambda name: f"Method: new {name}.")
    assert (again.count("Method: "), again.count("Method: new a."), again.count("Method: new b.")) == (2, 1, 1)
    assert "two lines" not in again
    assert page.merge(again, {}, ["a", "b"], lambda name: "") == page.merge("", parts, ["a", "b"], lambda name: "")


def test_page_says_every_method_as_its_script_does() -> None:
    text = page.PAGE.read_text()
    order = sorted(path.stem for path in page.BENCH.glob("*.py"))
    assert text == page.merge(text, {}, order), "run bench/page.py"
    assert text.count("\nMethod: ") == text.count("\n## ")


def test_scripts_print_figures_that_the_page_can_read(capsys: pytest.CaptureFixture[str]) -> None:
    figures = _load("figures")
    figures.figure("a_ratio", 1 / 3, "×", ">=2", ("peer_name", 12345678.9, "per s"))
    assert capsys.readouterr().out == "", "figures are the last lines"
    figures.report()
    (line,) = capsys.readouterr().out.splitlines()
    read = page.read(line)
    assert read.name == "a_ratio"
    assert not read.reached
    assert read.peer[2] == "per s"
