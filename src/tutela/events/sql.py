"""Run SQL statements, several in one round trip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.expressions import RawSQL

type Statement = tuple[str, Sequence[Any]]


def run_statements(statements: Sequence[Statement]) -> list[list[tuple[Any, ...]]]:
    """Run statements, several in one round trip; returns the rows of each.

    The beginning of a transaction travels with its first statements.
    """
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    line = here.connection.pipeline() if len(statements) > 1 else nullcontext()
    with here.wrap_database_errors, line:
        cursors = [here.cursor() for _ in statements]
        for cursor, (text, values) in zip(cursors, statements, strict=True):
            cursor.execute(text, values)
    return [cursor.fetchall() if cursor.description else [] for cursor in cursors]


def these(keys: Iterable[UUID]) -> RawSQL:
    """Many keys as one array, which is planned like a single key: `rows.filter(pk__in=these(keys))`."""
    return RawSQL("SELECT unnest(%s::uuid[])", [list(keys)])
