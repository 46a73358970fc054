"""Prepared statements, several in one round trip, for queries that every step makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, models

type Question = tuple[str, Sequence[Any]]

IDLE = psycopg.pq.TransactionStatus.IDLE


def run_statements(questions: Sequence[Question]) -> list[list[tuple[Any, ...]]]:
    """Ask several prepared statements in one round trip; the rows of each."""
    here = connections[DEFAULT_DB_ALIAS]
    here.close_if_health_check_failed()
    here.ensure_connection()
    raw = here.connection
    if len(questions) == 1 and (raw.autocommit or raw.info.transaction_status != IDLE):
        # A pipeline saves a round trip where there is a second statement, the transaction's beginning perhaps.
        ((text, values),) = questions
        with here.wrap_database_errors, psycopg.RawCursor(raw) as cursor:
            cursor.execute(_numbered(text), values, prepare=raw.prepare_threshold is not None)
            return [_rows(cursor)]
    with here.wrap_database_errors, in_one_parcel(raw):
        cursors = [
            psycopg.RawCursor(raw).execute(_numbered(text), values, prepare=raw.prepare_threshold is not None)
            for text, values in questions
        ]
    return [_rows(cursor) for cursor in cursors]


@contextmanager
def in_one_parcel(raw: psycopg.Connection[Any]) -> Iterator[None]:
    """A pipeline whose statements leave together: the driver sends each by itself, and wakes the server as often."""
    with raw.pipeline() as line:

        def gather() -> Iterator[None]:
            while line.command_queue:
                line.command_queue.popleft()()
            yield from ()

        name = "_communicate_gen"
        setattr(line, name, gather)
        try:
            yield
        finally:
            delattr(line, name)


def at_the_end(question: Question) -> None:
    """Send a statement with the commit of the open transaction, in one round trip.

    Earlier statements do not see its effect. If the transaction continues after the open block, the statement is sent
    at once. An error rolls everything back.
    """
    here: Any = connections[DEFAULT_DB_ALIAS]
    if not here.in_atomic_block:
        raise RuntimeError("This function must be called in a transaction.")
    if here.savepoint_ids:
        run_statements([question])
    else:
        here.with_commit(_numbered(question[0]), question[1])


def found[M: models.Model](model: type[M], rest: str, values: Sequence[Any]) -> list[M]:
    """Rows of a model by one prepared statement, for what is asked at every step; `rest` follows the table's name."""
    return [model.from_db(connection.alias, (), row) for row in run_statements([(_select(model, rest), values)])[0]]


def _rows(cursor: psycopg.RawCursor[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    # Building `description` for every column would be wasted work.
    found = cursor.pgresult
    return cursor.fetchall() if found is not None and found.nfields else []


@cache
def _select(model: type[models.Model], rest: str) -> str:
    names = ", ".join(connection.ops.quote_name(str(one.column)) for one in model._meta.concrete_fields)
    return f"SELECT {names} FROM {connection.ops.quote_name(model._meta.db_table)} {rest}"  # noqa: S608


@cache
def _numbered(text: str) -> bytes:
    """A statement with numbered places: the driver would take a long one apart at every call."""
    first, *others = text.split("%s")
    return "".join([first, *(f"${n}{part}" for n, part in enumerate(others, 1))]).encode()
