"""What a bench writes as rows has every column that its table needs: a table that grew stops no bench unseen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

BENCH = Path(__file__).parents[2] / "bench"
WRITES = re.compile(r'(?:COPY|INSERT INTO)\s+(\w+)\s*\(([\w\s,"]+)\)')
# What a bench makes itself, in a database of its own.
OWN = re.compile(r"CREATE (?:TEMPORARY |UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)")


def _statements(path: Path) -> Iterator[str]:
    """Every text of a file, as it is once its pieces are put together."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(one.value) if isinstance(one, ast.Constant) else "?" for one in node.values)


def _written() -> list[tuple[str, str, frozenset[str]]]:
    found = {
        (path.stem, table, frozenset(re.split(r"[\s,]+", columns.replace('"', "").strip())))
        for path in BENCH.glob("*.py")
        for text in _statements(path)
        for table, columns in WRITES.findall(text)
        if table not in OWN.findall(path.read_text())
    }
    return sorted(found, key=lambda one: (*one[:2], sorted(one[2])))


@pytest.fixture(scope="module")
def tables() -> dict[str, dict[str, bool]]:
    """Each table's columns, and whether a row has to bring one."""
    found = dict[str, dict[str, bool]]()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
            " AND is_generated = 'NEVER' FROM information_schema.columns WHERE table_schema = 'public'"
        )
        for table, column, needed in cursor.fetchall():
            found.setdefault(table, {})[column] = needed
    return found


@pytest.mark.parametrize(("bench", "table", "columns"), _written())
def test_rows_have_what_their_table_needs(
    bench: str, table: str, columns: frozenset[str], tables: dict[str, dict[str, bool]]
) -> None:
    assert columns <= set(tables[table]), "columns that the table has no more"
    assert not {column for column, needed in tables[table].items() if needed} - columns, (
        "columns that a row has to have"
    )


@pytest.mark.parametrize("path", sorted(BENCH.glob("*.py")), ids=lambda path: path.stem)
def test_every_statement_that_writes_rows_is_looked_at(path: Path) -> None:
    texts = list(_statements(path))
    assert sum(len(WRITES.findall(one)) for one in texts) == sum(
        len(re.findall(r"\b(?:COPY|INSERT INTO)\s", one)) for one in texts
    )
