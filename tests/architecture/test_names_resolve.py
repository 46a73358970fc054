"""Names in docstrings, comments, pages and programs in strings lead somewhere: a renamed module leaves none behind."""

from __future__ import annotations

import importlib
import re
from functools import cache
from itertools import accumulate
from pathlib import Path

from tests.support.tree import ROOT, SOURCE

IMPORT = re.compile(r"^[ \t]*from (tutela[\w.]*) import \(?([\w, ]+)", re.MULTILINE)
DOTTED = re.compile(r"`([a-z_]\w*(?:\.\w+)+)(?:\(\))?`")
PATH = re.compile(r"`((?:[a-z_]\w*/)+\w+\.(?:py|sql|sh))`")
FILE = re.compile(r"\.(?:py|md|json|toml|css|js|html|txt|sql|csv|so|key|hpp|cpp|pdf|pdq|new|hex)$")
# What others name: libraries, requests, permissions, settings.
FOREIGN = frozenset(
    {
        "struct.error",
        "navigator.credentials.get",
        "request.auth",
        "request.centre",
        "request.state.client",
        "reports.upload",
        "tutela.tables",
    }
)


def _module(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module(path): path for path in sorted(SOURCE.rglob("*.py"))}
# Each module by every end of its name.
ENDS: dict[str, list[str]] = {}
for _name in MODULES:
    for _end in accumulate(reversed(_name.split(".")), lambda end, part: f"{part}.{end}"):
        ENDS.setdefault(_end, []).append(_name)


@cache
def _has(module: str, name: str) -> bool:
    if f"{module}.{name}" in MODULES:
        return True
    if module not in MODULES:
        return False
    found: object = importlib.import_module(module)
    for part in name.split("."):
        if not hasattr(found, part):
            return part in getattr(found, "__annotations__", {})
        found = getattr(found, part)
    return True


def _leads(name: str, module: str) -> bool:
    parts = name.split(".")
    if name in ENDS or _has(module, name):
        return True
    for at in range(len(parts) - 1, 0, -1):
        rest = ".".join(parts[at:])
        if any(_has(one, rest) for one in ENDS.get(".".join(parts[:at]), ())):
            return True
    return False


def test_every_dotted_name_in_words_leads_somewhere() -> None:
    lost = {
        (module, name)
        for module, path in MODULES.items()
        for name in DOTTED.findall(path.read_text())
        if name not in FOREIGN and not FILE.search(name) and not _leads(name, module)
    }
    assert not lost


def test_every_import_in_a_program_or_a_page_leads_somewhere() -> None:
    files = [path for folder in ("tests", "bench", "scripts") for path in (ROOT / folder).rglob("*.py")]
    files += [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    lost = {
        (path.name, module, name)
        for path in files
        for module, names in IMPORT.findall(path.read_text())
        for name in (one.split(" as ")[0].strip() for one in names.split(","))
        if name and not _has(module, name)
    }
    assert not lost


def test_every_path_in_a_page_leads_somewhere() -> None:
    pages = [
        ROOT / "ARCHITECTURE.md",
        ROOT / "README.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs/how-to").rglob("*.md"),
    ]
    lost = {
        (page.name, path)
        for page in pages
        for path in PATH.findall(page.read_text())
        if not any((folder / path).exists() for folder in (ROOT, SOURCE))
    }
    assert not lost
