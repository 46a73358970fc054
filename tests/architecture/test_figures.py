"""Figures leave their package as plain values: no table's row, no query, no bare tuple, list or dict as a line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import tutela
from tutela.reports import models

FIGURES = Path(tutela.__file__).parent / "reports" / "figures"
# Of a table's names those that are no rows: fixed words that a caller chooses by.
WORDS = {"Dimension", "Span"}
ROWS = set(models.__all__) - WORDS | {"QuerySet", "Any"}
BARE = re.compile(r"\b(?:list|set|Sequence|Iterable|Iterator)\[(?:tuple|list|dict)\b")


def promised() -> list[tuple[str, str]]:
    """What public functions of the package return, and what its public types hold."""
    found = []
    for path in sorted(FIGURES.glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                assert node.returns is not None, node.name
                found.append((f"{path.name} {node.name}", ast.unparse(node.returns)))
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                fields = (one for one in node.body if isinstance(one, ast.AnnAssign))
                found += [(f"{path.name} {node.name}", ast.unparse(one.annotation)) for one in fields]
    return found


def test_there_are_figures_to_look_at() -> None:
    assert len(promised()) > 50


def test_no_figure_is_a_row_of_a_table_or_a_bare_line() -> None:
    wrong = [
        (where, said) for where, said in promised() if BARE.search(said) or ROWS & set(re.findall(r"[A-Za-z_]+", said))
    ]
    assert not wrong


def test_every_type_of_a_figure_is_a_frozen_dataclass() -> None:
    loose = [
        f"{path.name} {node.name}"
        for path in sorted(FIGURES.glob("*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and [ast.unparse(one) for one in node.decorator_list] != ["dataclass(frozen=True)"]
    ]
    assert not loose
