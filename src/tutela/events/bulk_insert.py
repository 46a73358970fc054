"""Insert rows of several tables, or update rows of one, in one round trip, without a query first.

The values of a column travel as one array: the statement is the same for any number of rows, and is prepared once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from tutela.events.sql import run_statements

# Values of these types need no conversion by their field.
PLAIN = {type(None), str, bool, bytes, UUID, datetime}


def insert_ignore(row: models.Model) -> bool:
    """Whether the row was inserted; False where a unique constraint has another. Call inside `acting(actor)`.

    A twin that inserts the same at this moment is waited for. The row's defaults are those of its model.
    """
    return not insert_all([row])


def insert_all(rows: Iterable[models.Model]) -> list[models.Model]:
    """Insert rows of any tables. Returns those that were not, because a unique constraint has another.

    Call inside `acting(actor)`. References between the tables are checked at the end of the transaction.
    """
    tables: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        tables.setdefault(type(row), []).append(row)
    if not connection.in_atomic_block:
        raise RuntimeError("Rows belong in the transaction of the change that they are.")
    written = run_statements([(_statement(model), _columns(model, kept)) for model, kept in tables.items()])
    left = list[models.Model]()
    for kept, keys in zip(tables.values(), written, strict=True):
        there = {key for (key,) in keys}
        for row in kept:
            row._state.adding, row._state.db = False, connection.alias
            if str(row.pk) not in there:
                left.append(row)
    return left


def update_all(rows: Sequence[models.Model], names: tuple[str, ...]) -> None:
    """Write these fields of rows of one table, as Django's `bulk_update`, by one prepared statement.

    Call inside `acting(actor)`.
    """
    if not rows:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("Rows belong in the transaction of the change that they are.")
    model = type(rows[0])
    fields: list[Any] = [model._meta.pk, *(model._meta.get_field(one) for one in names)]
    columns = [[_value(field, getattr(row, field.attname)) for row in rows] for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_update(model, names), columns)


@cache
def _update(model: type[models.Model], names: tuple[str, ...]) -> str:
    fields: list[Any] = [model._meta.pk, *(model._meta.get_field(one) for one in names)]
    quote = connection.ops.quote_name
    sent = ", ".join(f"%s::{'text' if isinstance(one, ArrayField) else _type(one)}[]" for one in fields)
    places = ", ".join(f"c{n}" for n in range(len(fields)))
    written = ", ".join(f"{quote(str(one.column))} = c{n}::{_type(one)}" for n, one in enumerate(fields) if n)
    return (
        f"UPDATE {quote(model._meta.db_table)} SET {written} FROM unnest({sent}) AS sent ({places})"  # noqa: S608 - names of columns
        f" WHERE {quote(str(fields[0].column))} = c0"
    )


@cache
def _fields(model: type[models.Model]) -> list[Any]:
    """Fields that a row supplies; columns that the database fills are left to it."""
    return [one for one in model._meta.concrete_fields if one.column and not one.generated and not one.has_db_default()]


@cache
def _statement(model: type[models.Model]) -> str:
    fields, quote = _fields(model), connection.ops.quote_name
    names = ", ".join(quote(str(one.column)) for one in fields)
    # An array of arrays cannot be taken apart row by row: those travel as texts.
    sent = ", ".join(f"%s::{'text' if isinstance(one, ArrayField) else _type(one)}[]" for one in fields)
    taken = ", ".join(f"c{n}::{_type(one)}" for n, one in enumerate(fields))
    places = ", ".join(f"c{n}" for n in range(len(fields)))
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT {taken} FROM unnest({sent}) AS sent ({places})"  # noqa: S608 - names of columns
        f" ON CONFLICT DO NOTHING RETURNING {quote(str(model._meta.pk.column))}::text"
    )


def _type(field: Any) -> str:
    """A column's type; of a text without its length, because a cast would cut what is too long instead of refusing."""
    return re.sub(r"varchar\(\d+\)", "text", str(field.db_type(connection)))


def _columns(model: type[models.Model], rows: Sequence[models.Model]) -> list[list[Any]]:
    return [[_value(field, getattr(row, field.attname)) for row in rows] for field in _fields(model)]


def _value(field: Any, value: Any) -> Any:
    """Value as sent: an array as PostgreSQL reads it from text, anything else as Django prepares it."""
    if type(value) in PLAIN:
        return value
    if isinstance(field, ArrayField):
        return "{" + ",".join(map(_quoted, value)) + "}"
    return field.get_db_prep_save(value, connection)


def _quoted(value: Any) -> str:
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
