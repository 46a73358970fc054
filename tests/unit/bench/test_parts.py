"""Every script of the benches prints figures, or is a part of another one that is never run by itself."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import run

BENCH = Path(run.__file__).parent
SCRIPTS = sorted(path.stem for path in BENCH.glob("*.py"))


def calls(tree: ast.AST) -> set[str]:
    names = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in names}


def test_every_part_is_a_file() -> None:
    assert set(SCRIPTS) >= run.PARTS


@pytest.mark.parametrize("name", sorted(set(SCRIPTS) - run.PARTS))
def test_a_script_that_is_no_part_runs_and_prints_figures(name: str) -> None:
    tree = ast.parse((BENCH / f"{name}.py").read_text())
    guard = [node for node in tree.body if isinstance(node, ast.If) and "__main__" in ast.unparse(node.test)]
    assert guard, f"{name} has nothing to run: name it in PARTS of bench/run.py"
    assert {"figure", "report"} <= calls(tree), f"{name} prints no figure: name it in PARTS of bench/run.py"
