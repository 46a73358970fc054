"""No browser test leaves or reads a page while the form it has just sent is still on its way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEAVING = {"goto", "reload", "close"}


def test_no_page_is_left_right_after_a_click() -> None:
    """A `goto` cancels what a click has just sent, at times: `tests.support.browser.submit` waits for the answer."""
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in files
        for line in _left_after_click(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []


def test_a_page_that_is_left_right_after_a_click_is_found() -> None:
    assert list(_left_after_click(ast.parse("page.click('a')\npage.goto('/')"))) == [1]
    assert list(_left_after_click(ast.parse("submit(page.locator('a'))\npage.goto('/')"))) == []


def test_no_branch_reads_an_address_that_may_still_change() -> None:
    """An `if` about `page.url` stands right after what waits for the page: a `goto`, `wait_for_url` or a `with`."""
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in files
        for line in _read_too_early(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []


def test_a_branch_right_after_a_click_is_found() -> None:
    assert list(_read_too_early(ast.parse("page.click('a')\nif 'again' in page.url: pass"))) == [2]
    assert list(_read_too_early(ast.parse("def f(page):\n    if 'again' in page.url: pass"))) == [2]
    assert list(_read_too_early(ast.parse("page.goto('/')\nif 'again' in page.url: pass"))) == []


def _read_too_early(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list):
                for before, one in pairwise([None, *statements]):
                    if isinstance(one, ast.If) and _reads_address(one.test) and not _waits(before):
                        yield one.lineno


def _reads_address(test: ast.expr) -> bool:
    return any(isinstance(one, ast.Attribute) and ast.unparse(one) == "page.url" for one in ast.walk(test))


def _waits(statement: ast.AST | None) -> bool:
    return isinstance(statement, ast.With) or (
        isinstance(statement, ast.stmt) and _method(statement) in {"goto", "wait_for_url"}
    )


def _left_after_click(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list):
                for first, second in pairwise(statements):
                    if _method(first) == "click" and _method(second) in LEAVING:
                        yield first.lineno


def _method(statement: ast.stmt) -> str:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            return name
    return ""
