"""Mapping between public log numbers and database positions; they differ only after a restore.

A database older than the log lacks the last entries and continues numbering from its own last position. The lost
entries stay in the log, and later entries are numbered after them. Each such gap is one row that never changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from tutela.accountability.models import AdoptedEntries


def index_of(position: int, among: Sequence[tuple[int, int]] | None = None) -> int:
    """Log number of a database row; `among` are the gaps, if known."""
    for at, count in gaps() if among is None else among:
        if position >= at:
            position += count
    return position


def position_of(index: int) -> int | None:
    """The row of the database for a number in the log; None where the database lost it."""
    for at, count in reversed(gaps()):
        if index >= at + count:
            index -= count
        elif index >= at:
            return None
    return index


def adopt(at: int, count: int) -> None:
    """Entries `at` to `at + count - 1` of the log are not in the database; it counts on behind them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT accountability_adopt(%s, %s)", [at, count])


def gaps() -> list[tuple[int, int]]:
    """Number of the first entry, and how many, of each gap; the oldest first."""
    return list(AdoptedEntries.objects.order_by("at").values_list("at", "count"))
