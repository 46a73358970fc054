"""Advisory locks by name, for cases without a row to lock; they last to the end of the transaction."""

from __future__ import annotations

from django.db import connection


def lock(*names: str) -> None:
    """Wait until no other transaction holds one of these names.

    Names are locked in one fixed order, so that transactions cannot deadlock. Must be called inside `acting(actor)`.
    """
    _take("pg_advisory_xact_lock", names)


def lock_shared(*names: str) -> None:
    """Keep others from locking these names, and let others do the same: for readers of what a lock protects."""
    _take("pg_advisory_xact_lock_shared", names)


def _take(function: str, names: tuple[str, ...]) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("A lock must be taken in the transaction that it protects.")
    with connection.cursor() as cursor:
        for name in sorted(set(names)):
            cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [name])
