"""Every redirect to a named page gives as many parts of the address as that page has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.urls import get_resolver

import tutela

SOURCES = Path(tutela.__file__).parent
CALLS = ("redirect", "reverse", "resolve_url")


def test_every_named_redirect_leads_to_a_page() -> None:
    wanted = [
        (file, call.lineno, name, given)
        for file in sorted(SOURCES.rglob("*.py"))
        for call in _calls(ast.parse(file.read_text()))
        for name, given in _named(call)
    ]
    assert len(wanted) > 100, "the search found too few calls to prove anything"
    wrong = [
        f"{file}:{line}: {name} with {given} parts" for file, line, name, given in wanted if not _leads(name, given)
    ]
    assert not wrong, "\n".join(wrong)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield node


def _named(call: ast.Call) -> Iterator[tuple[str, int]]:
    """The pages that a call names, with how many parts it gives; calls by keyword or with a spread are left out."""
    if not call.args or any(isinstance(one, ast.Starred) for one in call.args):
        return
    given = len(call.args) - 1
    for keyword in call.keywords:
        if keyword.arg == "args" and isinstance(keyword.value, ast.List | ast.Tuple):
            given += len(keyword.value.elts)
        elif keyword.arg == "kwargs" and isinstance(keyword.value, ast.Dict):
            given += len(keyword.value.keys)
        elif keyword.arg in ("query", "fragment"):
            continue
        else:
            return
    first = call.args[0]
    for one in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and "/" not in one.value:
            yield one.value, given


def _leads(name: str, given: int) -> bool:
    namespace, _, page = name.rpartition(":")
    resolver = get_resolver()
    if namespace:
        resolver = resolver.namespace_dict[namespace][1]
    return any(len(parts) == given for bits, *_ in resolver.reverse_dict.getlist(page) for _, parts in bits)
