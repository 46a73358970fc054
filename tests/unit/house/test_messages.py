"""What people are told can be translated: every error speaks from the catalogue."""

from __future__ import annotations

import ast

import pytest
from scripts import messages
from tests.support.tree import SOURCE, place

TREES = {path: ast.parse(path.read_text()) for path in SOURCE.rglob("*.py")}
ERRORS = set(messages._errors(TREES.values()))


def test_errors_are_known() -> None:
    assert len(ERRORS) > 40


@pytest.mark.parametrize("path", sorted(TREES), ids=place)
def test_no_error_is_given_a_text_that_no_catalogue_can_hold(path: object) -> None:
    """A text with values in it cannot be looked up: values are given by name."""
    bad = [
        node.lineno
        for node in ast.walk(TREES[path])  # type: ignore[index]
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ERRORS
        and node.args
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert not bad
