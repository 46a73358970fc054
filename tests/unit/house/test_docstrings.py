"""A capability says what it promises: public functions of the domains carry a docstring."""

from __future__ import annotations

import ast

from tests.support.tree import DOMAINS, SOURCE, place, python

# Shallow by rule, and named by their route or their table.
SHALLOW = {"models", "web", "migrations", "templatetags"}
SHALLOW_FILES = {"models.py", "apps.py", "jobs.py"}


def test_every_public_capability_says_its_promise() -> None:
    bare = []
    for domain in DOMAINS:
        for path, tree in python(SOURCE / domain):
            inside = path.relative_to(SOURCE / domain)
            if path.name in SHALLOW_FILES or SHALLOW & set(inside.parts):
                continue
            bare += [
                f"{place(path, node.lineno)} {node.name}"
                for node in tree.body
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
            ]
    assert not bare


def test_every_package_says_what_it_is_and_promises() -> None:
    for name in (*DOMAINS, "media", "matching", "exchange", "edge"):
        text = ast.get_docstring(ast.parse((SOURCE / name / "__init__.py").read_text())) or ""
        assert "Guarantee" in text, name
