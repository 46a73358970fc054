"""Where SQL stands: tables in migrations, everything else in files that are applied after each of them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tests.support.tree import SOURCE

from tutela.accountability.chain.leaves import OPEN_KINDS

FILES = sorted(SOURCE.glob("*/sql/*.sql"))
MIGRATIONS = sorted(SOURCE.glob("*/migrations/[0-9]*.py"))
MOST_LINES, LONGEST_LINE = 300, 120
# What a migration may need: it reads no file, and no module with SQL.
FROM = re.compile(r"django(\.|$)|tutela\.(clock|events\.(identifiers|models))$|tutela\.\w+\.models(\.|$)")
OF_FILES = re.compile(
    r"\b(CREATE|REPLACE|DROP|ALTER) (FUNCTION|TRIGGER|POLICY|VIEW)\b|\b(GRANT|REVOKE) .+ (TO|FROM)\b"
    r"|ROW LEVEL SECURITY",
    re.IGNORECASE | re.DOTALL,
)
NOT_REPEATABLE = re.compile(r"\bCREATE (FUNCTION|PROCEDURE|TRIGGER|VIEW)\b", re.I)


def _place(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def test_there_are_files_and_one_migration_of_each_domain() -> None:
    assert len(FILES) > 20
    assert {path.name for path in MIGRATIONS} >= {"0001_initial.py"}


@pytest.mark.parametrize("path", MIGRATIONS, ids=_place)
def test_a_migration_has_tables_alone_and_reads_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text())
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in texts if OF_FILES.search(text)], "it belongs into a file below sql/"
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in imported if not FROM.match(name)]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in ("open", "__import__")]


@pytest.mark.parametrize("path", FILES, ids=_place)
def test_a_file_says_what_it_keeps_can_be_repeated_and_can_be_read(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("-- ")
    assert not NOT_REPEATABLE.search(text)
    assert len(text.splitlines()) <= MOST_LINES
    assert max(map(len, text.splitlines())) <= LONGEST_LINE


def test_the_kinds_whose_facts_are_public_are_the_same_in_sql_and_python() -> None:
    text = (SOURCE / "accountability/sql/sequencer.sql").read_text()
    (said,) = re.findall(r"CASE WHEN e\.kind IN \(([^)]*)\)", text)
    assert tuple(re.findall(r"'([^']+)'", said)) == OPEN_KINDS
