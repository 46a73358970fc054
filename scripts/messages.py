"""Keeps src/tutela/app/locale/en in step with the texts. `--check` fails instead of writing.

Texts are collected from templates and Python without the gettext programs: one sorted catalogue of message ids, from
which every other language is translated.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from functools import cache
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
# A class: its module and its name.
Name = tuple[str, str]
ROOT_ERROR = ("tutela.events.errors", "TutelaError")


@cache
def texts() -> frozenset[Text]:
    """Every message id of the project."""
    found: set[Text] = set()
    for path in ROOT.rglob("*.html"):
        found |= template_texts(path.read_text())
    sources = modules()
    for tree in sources.values():
        found |= _python(tree)
    return frozenset((found | said(sources)) - {""})


def template_texts(source: str) -> set[Text]:
    """What a template says. Django looks a text of a template up with its percent signs doubled."""
    found: set[Text] = {(double or single).replace("%", "%%") for double, single in TRANSLATE.findall(source)}
    found |= {text.replace("%", "%%") for tag in TAG.findall(source) for text in PASSED.findall(tag)}
    return found | {_block(body, "trimmed" in head.split()) for head, body in BLOCK.findall(source)}


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the project by its dotted name, without the migrations."""
    found = {}
    for path in ROOT.rglob("*.py"):
        if "migrations" not in path.parts:
            parts = path.relative_to(ROOT.parent).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = ast.parse(path.read_text())
    return found


@cache
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Every call, and every import, of a module."""
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.Call | ast.ImportFrom))


def _block(body: str, trimmed: bool) -> Text:
    """What a block of a template says; where it counts something, the form for one and the form for many."""
    parts = [re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", part.replace("%", "%%")) for part in PLURAL.split(body)]
    if trimmed:  # lines are joined, as Django does
        parts = [trim_whitespace(part) for part in parts]
    return (parts[0], parts[1]) if len(parts) == 2 else parts[0]


def errors(sources: Mapping[str, ast.Module]) -> dict[Name, str]:
    """Every class that comes from `TutelaError`, by its module and name, with its docstring: that is its message.

    Two domains may have a class of the same name, each with a text of its own.
    """
    known_as = {module: names(module, tree) for module, tree in sources.items()}
    classes = {
        (module, node.name): node
        for module, tree in sources.items()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    bases = {
        (module, name): {defined(known_as, module, base.id) for base in node.bases if isinstance(base, ast.Name)}
        for (module, name), node in classes.items()
    }
    known = {ROOT_ERROR}
    while more := {one for one, above in bases.items() if known & above} - known:
        known |= more
    return {one: " ".join((ast.get_docstring(classes[one]) or "").split()) for one in known}


def names(module: str, tree: ast.Module) -> dict[str, Name]:
    """Where each class and each imported name of a module is from."""
    found = {node.name: (module, node.name) for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in nodes(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {one.asname or one.name: (node.module, one.name) for one in node.names}
    return found


def defined(known_as: Mapping[str, dict[str, Name]], module: str, name: str) -> Name:
    """The module that defines a name, through every import on the way."""
    found = known_as.get(module, {}).get(name, (module, name))
    return found if found == (module, name) else defined(known_as, *found)


def said(sources: Mapping[str, ast.Module]) -> set[str]:
    """What errors say: their docstrings, and the texts with which they are raised."""
    messages_of = errors(sources)
    known_as = {module: names(module, tree) for module, tree in sources.items()}
    found = set(messages_of.values())
    for module, tree in sources.items():
        for node in nodes(tree):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if called and defined(known_as, module, node.func.id) in messages_of:
                found |= {str(one.value) for one in node.args[:1] if isinstance(one, ast.Constant)}
    return found


def _python(tree: ast.Module) -> set[Text]:
    found: set[Text] = set()
    for node in nodes(tree):
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
