"""Locks by name, for what no row can stand for: they last to the end of the transaction."""

from __future__ import annotations

from django.db import connection


def lock(*names: str) -> None:
    """Wait until no other transaction holds one of these names; taken in one order, so that none waits in a ring.

    Must be called inside `acting(actor)`.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A lock belongs in the transaction that it protects.")
    with connection.cursor() as cursor:
        for name in sorted(set(names)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
