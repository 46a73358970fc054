"""Keeps src/tutela/app/locale/en in step with the texts. `--check` fails instead of writing.

Texts are collected from templates and Python without the gettext programs: one sorted catalogue of message ids, from
which every other language is translated.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "src" / "tutela"
CATALOGUE = ROOT / "app" / "locale" / "en" / "LC_MESSAGES" / "django.po"
TRANSLATE = re.compile(r"""\{%-?\s*(?:translate|trans)\s+(?:"([^"]*)"|'([^']*)')""")
BLOCK = re.compile(r"\{%\s*blocktrans(?:late)?\b[^%]*%\}(.*?)\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL)
NAMES = {"_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "ngettext"}


def texts() -> set[str]:
    """Every message id of the project."""
    found: set[str] = set()
    for path in ROOT.rglob("*.html"):
        source = path.read_text()
        found |= {double or single for double, single in TRANSLATE.findall(source)}
        found |= {re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", body) for body in BLOCK.findall(source)}
    sources = {path: ast.parse(path.read_text()) for path in ROOT.rglob("*.py") if "/migrations/" not in str(path)}
    errors = _errors(sources.values())
    for tree in sources.values():
        found |= _python(tree) | _said(tree, errors)
    return found - {""}


def _errors(trees: Iterable[ast.Module]) -> dict[str, str]:
    """Every class that comes from `TutelaError`, with its docstring: that is its message."""
    classes = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    known = {"TutelaError"}
    while more := {c.name for c in classes if known & {b.id for b in c.bases if isinstance(b, ast.Name)}} - known:
        known |= more
    return {c.name: " ".join((ast.get_docstring(c) or "").split()) for c in classes if c.name in known}


def _said(tree: ast.Module, errors: dict[str, str]) -> set[str]:
    """What errors say: their docstrings, and the texts with which they are raised."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in errors:
            found.add(errors[node.name])
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in errors
        if called and node.args and isinstance(node.args[0], ast.Constant):
            found.add(str(node.args[0].value))
    return found


def _python(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES
        if called and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            found.add(node.args[0].value)
    return found


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def catalogue() -> str:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: en\\n"\n'
    return head + "".join(f'\nmsgid {_quoted(text)}\nmsgstr ""\n' for text in sorted(texts()))


if __name__ == "__main__":
    fresh = catalogue()
    if "--check" not in sys.argv:
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        CATALOGUE.write_text(fresh)
    elif not CATALOGUE.exists() or CATALOGUE.read_text() != fresh:
        sys.exit("Run: make messages")
