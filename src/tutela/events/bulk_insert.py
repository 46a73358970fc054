"""Insert rows of several tables with one prepared statement, without a query first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

import psycopg
from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from psycopg.types.numeric import Int2, Int4, Int8

from tutela.events.prepared_sql import run_statements

# Rows of one table that are written as values; an array for each column costs more than it saves.
FEW, MANY = 4, 0
# Values of exactly these types travel as they are, where Django would look at each three times.
PLAIN: dict[type, type] = {
    models.UUIDField: UUID,
    models.TextField: str,
    models.CharField: str,
    models.BooleanField: bool,
    models.BinaryField: bytes,
    models.DateTimeField: datetime,
}
# Whole numbers travel with the width of their column: otherwise each would have the type of its own size.
WHOLE = {models.SmallIntegerField: Int2, models.IntegerField: Int4, models.BigIntegerField: Int8}


def insert_ignore(row: models.Model) -> bool:
    """Whether the row was inserted; False where a unique constraint has another. Call inside `acting(actor)`.

    One question, where `get_or_create` asks four. A twin that inserts the same at this moment is waited for. The row's
    defaults are those of its model.
    """
    return not insert_all([row])


def insert_all(rows: Iterable[models.Model]) -> list[models.Model]:
    """Insert rows of any tables by one prepared statement. Returns those that were not, because a unique constraint has
    another. Call inside `acting(actor)`.

    The tables are written in no order: their references to each other are checked at the end of the transaction.
    """
    tables: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        tables.setdefault(type(row), []).append(row)
    if not connection.in_atomic_block:
        raise RuntimeError("Rows must be inserted in the transaction of their change.")
    if not tables:
        return []
    shapes = tuple((model, _shape(model, len(kept))) for model, kept in tables.items())
    values = [value for model, kept in tables.items() for value in _columns(model, kept)]
    there = {(table, pk) for table, pk in run_statements([(_whole(shapes), values)])[0]}
    for kept in tables.values():
        for row in kept:
            row._state.adding, row._state.db = False, connection.alias
    sent = [(number, row) for number, kept in enumerate(tables.values()) for row in kept]
    return [row for number, row in sent if (number, str(row.pk)) not in there] if len(there) < len(sent) else []


@cache
def _shape(model: type[models.Model], rows: int) -> int:
    """How many rows travel as values; `MANY` where they travel as arrays.

    A null has no type, and a statement is prepared for the types of its values: of several rows with nulls here and
    there each would be another statement, where an array has one type whatever is in it.
    """
    values = rows == 1 or (rows <= FEW and not any(one.null for one in _fields(model)))
    return rows if values else MANY


@cache
def _fields(model: type[models.Model]) -> list[Any]:
    """What a row brings itself; a column that the database fills is left to it."""
    return [one for one in model._meta.concrete_fields if one.column and not one.generated and not one.has_db_default()]


@cache
def _whole(shapes: tuple[tuple[type[models.Model], int], ...]) -> str:
    """The statement that inserts into some tables, a few rows as values, many as an array for each column."""
    parts = ", ".join(f"i{n} AS ({_statement(model, rows)})" for n, (model, rows) in enumerate(shapes))
    keys = " UNION ALL ".join(
        f"SELECT {n}, {connection.ops.quote_name(str(model._meta.pk.column))}::text FROM i{n}"  # noqa: S608
        for n, (model, _rows) in enumerate(shapes)
    )
    return f"WITH {parts} {keys}"


@cache
def _statement(model: type[models.Model], rows: int) -> str:
    fields, quote = _fields(model), connection.ops.quote_name
    names = ", ".join(quote(str(one.column)) for one in fields)
    places = ", ".join(f"c{n}" for n in range(len(fields)))
    # An array of arrays cannot be taken apart row by row: those travel as texts.
    many = "[]" * (rows == MANY)
    sent = ", ".join(f"%s::{'text' if isinstance(f, ArrayField) else _type(f)}{many}" for f in fields)
    taken = ", ".join(f"c{n}::{_type(f)}" if isinstance(f, ArrayField) else f"c{n}" for n, f in enumerate(fields))
    source = f"unnest({sent})" if many else f"(VALUES {', '.join([f'({sent})'] * rows)})"
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT {taken} FROM {source} AS sent ({places})"  # noqa: S608 - names of columns
        f" ON CONFLICT DO NOTHING RETURNING {quote(str(model._meta.pk.column))}"
    )


def _type(field: Any) -> str:
    """A column's type; of a text without its length, because a cast would cut what is too long instead of refusing."""
    return re.sub(r"varchar\(\d+\)", "text", str(field.db_type(connection)))


def _columns(model: type[models.Model], rows: Sequence[models.Model]) -> list[Any]:
    """The values of a few rows, one after the other; of many a list for each column."""
    of = _values(model)
    if _shape(model, len(rows)) != MANY:
        return [value(row) for row in rows for value in of]
    return [[value(row) for row in rows] for value in of]


@cache
def _values(model: type[models.Model]) -> list[Callable[[Any], Any]]:
    """For each column, what of a row travels."""
    return [_value(one) for one in _fields(model)]


def _value(field: Any) -> Callable[[Any], Any]:
    here = connections[DEFAULT_DB_ALIAS]
    wanted, sent = _plain(field)
    plain = attrgetter(field.attname)

    def value(row: Any) -> Any:
        there = plain(row)
        if there is None or type(there) is wanted:
            return there if sent is None or there is None else sent(there)
        made = field.get_db_prep_save(field.pre_save(row, add=True), here)
        return _as_text(made) if isinstance(field, ArrayField) else made

    return value


def _plain(field: Any) -> tuple[type | None, Callable[[Any], Any] | None]:
    """The one type of a column's values that need no other conversion; None if all need it."""
    if isinstance(field, models.ForeignKey):
        return PLAIN.get(type(field.target_field)), None
    if type(field) in WHOLE:
        return int, WHOLE[type(field)]
    if isinstance(field, ArrayField):
        return (list, _as_text) if type(field.base_field) in PLAIN else (None, None)
    return PLAIN.get(type(field)), None


def _as_text(values: Sequence[Any] | None) -> str | None:
    """An array as PostgreSQL reads it from a text."""
    if values is None:
        return None
    return "{" + ",".join(map(_quoted, values)) + "}"


def _quoted(value: Any) -> str:
    if isinstance(value, (bytes, memoryview, psycopg.Binary)):
        raw = value.obj if isinstance(value, psycopg.Binary) else value
        return f'"\\\\x{bytes(raw).hex()}"'
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
