"""Audit record of list access: showing a list is an access to each item on it.

The event records what was shown, so that every access leaves a trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tutela.events.actor import Actor
from tutela.events.record import record

# A file holds no more rows than a person can plausibly have viewed; one event covers this many rows.
MOST_EXPORTED, CHUNK = 2000, 500


@dataclass(frozen=True)
class ListPage:
    """Rows of a database list to show: a page, in one of the list's orders; or a file's first rows."""

    page: int = 1
    sort: str = ""
    file: bool = False

    def of(self, rows: QuerySet[Any], sorts: Mapping[str, Sequence[Any]], size: int) -> tuple[list[Any], bool]:
        """The rows of this page, and whether more follow. A sort that is no key of `sorts` keeps their order.

        `sorts` holds orders that an index serves, or that sort few rows. Call inside `acting(actor)`.
        """
        rows = rows.order_by(*sorts[self.sort]) if self.sort in sorts else rows
        start, size = self.span(size)
        found = list(rows[start : start + size + 1])
        return found[:size], len(found) > size

    def span(self, size: int) -> tuple[int, int]:
        """Start and number of these rows, in a list with pages of this size."""
        return (0, MOST_EXPORTED) if self.file else ((self.page - 1) * size, size)


FIRST_PAGE = ListPage()


def in_turn[T](parts: Iterable[Callable[[int, int], list[T]]], start: int, many: int) -> list[T]:
    """Some rows of a list that is asked for in parts, one after another: each part answers from where on, how many.

    For what comes first in every order, such as what is urgent: an index serves the order of a part, both ways round.
    """
    found: list[T] = []
    for part in parts:
        page = part(start, many - len(found))
        found += page
        if len(found) >= many:
            break
        start = 0 if page or not start else start - len(part(0, start))
    return found


def listed(actor: Actor, kind: str, shown: Iterable[object], *, page: int, **wanted: str) -> None:
    """Record one event for one page of a list. Call inside `acting(actor)`.

    `shown` are the ids on the page. `wanted` holds the filters, as enumerated words only; for free text, the caller
    records only that there was some.
    """
    filters = {name: word[:40] for name, word in wanted.items() if word}
    record(actor, f"{kind}.listed", "list", kind, page=page, shown=[str(one) for one in shown], **filters)


def noted(actor: Actor, kind: str, shown: Iterable[object], part: ListPage, **wanted: str) -> None:
    """Record access as `listed`, for a page or a file: every row on it is an access."""
    if part.file:
        every(actor, kind, shown, form="csv", **wanted)
    else:
        listed(actor, kind, shown, page=part.page, **wanted)


def every(actor: Actor, kind: str, shown: Iterable[object], **wanted: str) -> None:
    """Record access as `listed`, for a whole list, in as many events as needed."""
    ids = list(shown)
    for start in range(0, max(len(ids), 1), CHUNK):
        listed(actor, kind, ids[start : start + CHUNK], page=start // CHUNK + 1, **wanted)
