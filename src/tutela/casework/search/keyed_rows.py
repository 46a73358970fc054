"""Columns `found_by`: the keys by which a row is found, read by an SQL function of its domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import BinaryField, F, Func, QuerySet, Value

from tutela.casework.search import keys
from tutela.casework.search import values as search_values
from tutela.events.actor import Actor


def find(function: str, actor: Actor, values: Sequence[search_values.Value], most: int) -> list[Any]:
    """The IDs that a domain's SQL function finds for any of these values, newest first. Call inside `acting(actor)`.

    The index of an array is not used under row-level security. So a function of the owner's reads it, for the
    organisation that acts alone.
    """
    wanted = [keys.key_of(actor.organisation_id, one) for one in values if one.kind in keys.KINDS]
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s::bytea[], %s)", [actor.organisation_id, wanted, most])
        return [one for (one,) in cursor.fetchall()]


def add(actor: Actor, rows: QuerySet[Any], value: search_values.Value) -> None:
    """Let rows be found by one more value. Call inside `acting(actor)`."""
    key = Value(keys.key_of(actor.organisation_id, value), output_field=BinaryField())
    rows.exclude(found_by=None).update(found_by=Func(F("found_by"), key, function="array_append"))
