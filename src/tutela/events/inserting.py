"""Insert a row unless one like it is there: one question, where `get_or_create` asks four."""

from __future__ import annotations

from django.db import connection, models


def insert_once(row: models.Model) -> bool:
    """Whether the row was inserted; False where a unique constraint has another. Call inside `acting(actor)`.

    A twin that inserts the same at this moment is waited for. The row's defaults are those of its model.
    """
    meta = type(row)._meta
    fields = [one for one in meta.concrete_fields if one.column and not one.generated]
    values = [one.get_db_prep_save(one.pre_save(row, add=True), connection) for one in fields]
    names = ", ".join(connection.ops.quote_name(str(one.column)) for one in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING RETURNING 1", values)  # noqa: S608 - names of columns
        return cursor.fetchone() is not None
