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

from django.utils.translation import trim_whitespace

ROOT = Path(__file__).resolve().parent.parent / "src" / "tutela"
CATALOGUE = ROOT / "app" / "locale" / "en" / "LC_MESSAGES" / "django.po"
TRANSLATE = re.compile(r"""\{%-?\s*(?:translate|trans)\s+(?:"([^"]*)"|'([^']*)')""")
# A text that a tag passes to another template.
PASSED = re.compile(r'\b_\("([^"]*)"\)')
TAG = re.compile(r"\{%.*?%\}")
BLOCK = re.compile(r"\{%\s*blocktrans(?:late)?\b([^%]*)%\}(.*?)\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL)
PLURAL = re.compile(r"\{%\s*plural\s*%\}")
NAMES = {"_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "ngettext"}


# A text, or a singular with its plural.
Text = str | tuple[str, str]


def texts() -> set[Text]:
    """Every message id of the project."""
    found: set[Text] = set()
    for path in ROOT.rglob("*.html"):
        source = path.read_text()
        found |= {double or single for double, single in TRANSLATE.findall(source)}
        found |= {text for tag in TAG.findall(source) for text in PASSED.findall(tag)}
        found |= {_block(body, "trimmed" in head.split()) for head, body in BLOCK.findall(source)}
    sources = {path: ast.parse(path.read_text()) for path in ROOT.rglob("*.py") if "/migrations/" not in str(path)}
    errors = _errors(sources.values())
    for tree in sources.values():
        found |= _python(tree) | _said(tree, errors)
    return found - {""}


def _block(body: str, trimmed: bool) -> Text:
    """What a block of a template says; where it counts something, the form for one and the form for many."""
    parts = [re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", part) for part in PLURAL.split(body)]
    if trimmed:  # lines are joined, as Django does
        parts = [trim_whitespace(part) for part in parts]
    return (parts[0], parts[1]) if len(parts) == 2 else parts[0]


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


def _python(tree: ast.Module) -> set[Text]:
    found: set[Text] = set()
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES
        if called and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            plural = node.args[1] if node.func.id == "ngettext" else None
            many = plural.value if isinstance(plural, ast.Constant) else None
            found.add((node.args[0].value, many) if isinstance(many, str) else node.args[0].value)
    return found


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def catalogue() -> str:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: en\\n"\n'
    head += '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    return head + "".join(_entry(text) for text in sorted(texts(), key=lambda t: t if isinstance(t, str) else t[0]))


def _entry(text: Text) -> str:
    if isinstance(text, str):
        return f'\nmsgid {_quoted(text)}\nmsgstr ""\n'
    one, many = text
    return f'\nmsgid {_quoted(one)}\nmsgid_plural {_quoted(many)}\nmsgstr[0] ""\nmsgstr[1] ""\n'


if __name__ == "__main__":
    fresh = catalogue()
    if "--check" not in sys.argv:
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        CATALOGUE.write_text(fresh)
    elif not CATALOGUE.exists() or CATALOGUE.read_text() != fresh:
        sys.exit("Run: make messages")
