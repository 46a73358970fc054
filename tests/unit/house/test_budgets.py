"""How large things may become, and what may not be left lying about."""

from __future__ import annotations

import ast
import re
import tomllib
from itertools import chain

from tests.support.tree import ROOT, SOURCE, place, python, texts

MOST_LINES = 400
MOST_FUNCTION_LINES = 40
# A longer function stands here with its reason, or is split.
LONG_FUNCTIONS: dict[str, str] = {}
MOST_BASE, MOST_NODE = 19, 40
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def test_no_source_file_is_longer_than_anyone_reads() -> None:
    files = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html"), *(ROOT / "native").rglob("*.*")]
    long = {
        place(path): lines
        for path in files
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > MOST_LINES
    }
    assert not long


def test_functions_fit_on_a_screen_or_are_named_with_a_reason() -> None:
    long = {
        f"{path.relative_to(SOURCE).as_posix()}::{node.name}": place(path, node.lineno)
        for path, tree in python()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MOST_FUNCTION_LINES
    }
    assert not {where for name, where in long.items() if name not in LONG_FUNCTIONS}
    assert set(LONG_FUNCTIONS) <= set(long), "an exception that is no longer needed"


def test_nothing_is_left_for_later_in_the_source() -> None:
    found = [
        place(path, number)
        for path, text in texts()
        if SOURCE in path.parents or "native" in path.parts
        for number, line in enumerate(text.splitlines(), 1)
        if LEFTOVER.search(line)
    ]
    assert not found


def test_no_test_sleeps() -> None:
    found = []
    for path, tree in python(ROOT / "tests"):
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) else None
            name = ast.unparse(called) if called is not None else ""
            if name in ("time.sleep", "sleep", "asyncio.sleep"):
                found.append(place(path, node.lineno))  # type: ignore[attr-defined]
    assert not found, "wait for a condition with a deadline, or move tutela.clock"


def test_direct_dependencies_stay_few() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    base, node = project["dependencies"], project["optional-dependencies"]["node"]
    assert len(base) <= MOST_BASE
    assert len(base) + len(node) <= MOST_NODE


def test_what_is_installed_is_what_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {"base": project["dependencies"], "node": project["optional-dependencies"]["node"]}
    for name, wanted in declared.items():
        lines = (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
        building = ("scikit-build-core", "nanobind", "cmake")
        listed = {_bare(line) for line in lines if line and not line.startswith(("#", "-r", *building))}
        assert listed == {_bare(line) for line in wanted}, name


def _bare(requirement: str) -> str:
    return requirement.replace(" ", "").replace("'", '"')


def test_every_runtime_dependency_has_its_reason_written_down() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text()
    names = [
        re.match(r"[A-Za-z0-9_.-]+", line)[0]  # type: ignore[index]
        for line in [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    ]
    assert not [name for name in names if f"`{name}`" not in reasons]


def test_drill_that_is_left_to_the_long_run_is_there() -> None:
    lines = (ROOT / "tests" / "long_drills.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#") and not (ROOT / line).exists()] == []
