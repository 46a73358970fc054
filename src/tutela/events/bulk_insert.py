"""Insert rows of several tables in one round trip, without a query first."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, models

from tutela.events.sql import run_statements


def insert_ignore(row: models.Model) -> bool:
    """Whether the row was inserted; False where a unique constraint has another. Call inside `acting(actor)`.

    A twin that inserts the same at this moment is waited for. The row's defaults are those of its model.
    """
    return not insert_all([row])


def insert_all(rows: Iterable[models.Model]) -> list[models.Model]:
    """Insert rows of any tables. Returns those that were not, because a unique constraint has another.

    Call inside `acting(actor)`. The key of every row is new. References between the tables are checked at the end of
    the transaction.
    """
    tables: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        tables.setdefault(type(row), []).append(row)
    if not connection.in_atomic_block:
        raise RuntimeError("Rows must be inserted in the transaction of their change.")
    with connection.wrap_database_errors, connection.connection.pipeline():
        for model, kept in tables.items():
            model._base_manager.bulk_create(kept, ignore_conflicts=True)
    asked = [(_stored(model), [[row.pk for row in kept]]) for model, kept in tables.items()]
    there = {(model, str(pk)) for model, found in zip(tables, run_statements(asked), strict=True) for (pk,) in found}
    return [row for model, kept in tables.items() for row in kept if (model, str(row.pk)) not in there]


def _stored(model: type[models.Model]) -> str:
    key, quote = model._meta.pk, connection.ops.quote_name
    name = quote(str(key.column))
    return f"SELECT {name} FROM {quote(model._meta.db_table)} WHERE {name} = ANY(%s::{key.db_type(connection)}[])"  # noqa: S608
