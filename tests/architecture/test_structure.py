"""The shape of the tree: packages a stranger can navigate, and tests that stand where their module does."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import pytest

import tutela

SOURCE = Path(tutela.__file__).parent
ROOT = Path(__file__).parents[2]
MOST_MODULES = 20
# Terms of the field that end so; everything else is a noun or an imperative verb.
FIELD_TERMS = {
    "matching",
    "hashing",
    "scoring",
    "screening",
    "signing",
    "message_signing",
    "sealing",
    "unsealing",
    "resealing",
    "streaming",
    "training",
    "wiring",
    "hosted_matching",
    "hash_sharing",
}
# Words that say nothing of what a function does.
VAGUE = {"of", "listing", "waiting", "work", "order", "look"}
MOST_HOMONYMS = 2
# Drills of whole nodes, and what is asked of all domains at once: no module of theirs.
WITHOUT_MODULE = {f"integration/{path.name}" for path in (ROOT / "tests" / "integration").glob("test_*.py")}
WITHOUT_MODULE_FOLDERS = {"unit/house", "unit/bench"}


def modules() -> list[Path]:
    found = (path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
    return sorted(path.relative_to(SOURCE) for path in found)


def test_no_folder_has_more_modules_than_one_looks_over() -> None:
    counted = Counter(path.parent.as_posix() for path in modules() if path.name != "__init__.py")
    assert not {folder: count for folder, count in counted.items() if count > MOST_MODULES}


def test_modules_and_packages_are_named_by_nouns_or_verbs() -> None:
    names = {part for path in modules() for part in path.with_suffix("").parts}
    assert not {name for name in names if name.endswith("ing")} - FIELD_TERMS


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    named = {path.stem for path in modules()} - {"__init__", "__main__"}
    assert not named & sys.stdlib_module_names


def test_public_functions_say_what_they_do() -> None:
    vague = [
        f"{path}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.parse((SOURCE / path).read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in VAGUE
    ]
    assert not vague


def test_a_type_has_a_name_of_its_own() -> None:
    """Tables and messages have the field's names, which a domain, its tables and its messages share."""
    places = defaultdict[str, list[str]](list)
    for path in modules():
        if "models" in path.parts or path.stem == "models" or path.parts[0] == "exchange" or path.stem == "errors":
            continue
        for node in ast.parse((SOURCE / path).read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.as_posix())
    assert not {name: where for name, where in places.items() if len(where) > MOST_HOMONYMS}


def contracts() -> list[dict[str, object]]:
    found: list[dict[str, object]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    return found


def test_every_package_declares_its_layers() -> None:
    declared = {
        name
        for one in contracts()
        if one["type"] == "layers" and one.get("exhaustive")
        for name in one["containers"]  # type: ignore[attr-defined]
    }
    packages = {f"tutela.{path.name}" for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    assert packages | {"tutela"} == declared


def test_circles_are_refused_at_every_depth() -> None:
    (found,) = (one for one in contracts() if one["type"] == "acyclic_siblings")
    assert found["ancestors"] == ["tutela"]
    assert "ignore_imports" not in found


def test_imports_stand_at_the_top_but_where_a_command_sets_django_up() -> None:
    """Commands, the processes they start, `apps.ready` and the doctor's checks import what needs settings late."""
    late = [
        f"{path}:{node.lineno}"
        for path in modules()
        if path.parts[:2] not in (("app", "cli"), ("app", "runtime"), ("app", "demo")) and path.name != "apps.py"
        for function in ast.walk(ast.parse((SOURCE / path).read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tutela")
    ]
    assert not late


def test_source_is_formatted_without_exceptions() -> None:
    done = subprocess.run(
        ["git", "grep", "-lE", r"# fmt: (skip|off)", "--", "src", "bench", "scripts"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert not done.stdout


@pytest.mark.parametrize("kind", ["unit", "integration"])
def test_a_test_stands_where_its_module_does(kind: str) -> None:
    """`test_<module>.py`, or `test_<module>_<aspect>.py`, in the folder of the module; or named by the folder."""
    undelivered = []
    for path in sorted((ROOT / "tests" / kind).rglob("test_*.py")):
        inside = path.relative_to(ROOT / "tests")
        if inside.as_posix() in WITHOUT_MODULE or inside.parent.as_posix() in WITHOUT_MODULE_FOLDERS:
            continue
        folder = SOURCE.joinpath(*inside.parent.parts[1:])
        words = inside.stem.removeprefix("test_").split("_")
        names = {"_".join(words[:count]) for count in range(1, len(words) + 1)}
        found = any((folder / f"{name}.py").exists() or (folder / name).is_dir() for name in names)
        if not found and folder.name not in names:
            undelivered.append(inside.as_posix())
    assert not undelivered


def test_dotted_names_in_strings_lead_somewhere() -> None:
    """`python -m tutela…`, settings and patches name modules as text."""
    pattern = re.compile(r"\btutela(?:\.[a-z_]+)+")
    wrong = set[str]()
    for path in modules():
        for node in ast.walk(ast.parse((SOURCE / path).read_text())):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            wrong |= {f"{path}: {name}" for name in pattern.findall(text) if not _leads(name)}
    assert not wrong


def _leads(name: str) -> bool:
    """A module, or something in one; names of loggers and of settings of the database are of no package."""
    parts = name.split(".")[1:]
    if not (SOURCE / parts[0]).is_dir():
        return True
    for count in range(len(parts), 0, -1):
        place = SOURCE.joinpath(*parts[:count])
        if place.with_suffix(".py").exists():
            return len(parts) - count <= 2
        if (place / "__init__.py").exists():
            return count == len(parts)
    return False
