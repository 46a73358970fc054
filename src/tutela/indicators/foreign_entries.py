"""What stands in a list of another, as values, part by part: no transaction lasts as long as a list is long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.listing import listed as note_listed
from tutela.exchange.lists.listed import Listed
from tutela.indicators.foreign import opened
from tutela.indicators.models import ForeignEntry, ForeignList

AT_ONCE = 2000
PER_PAGE = 50
# NCMEC's short names.
_OURS = {"pdna": "photodna"}


@dataclass(frozen=True)
class Line:
    """An entry in a list's page: what it has, never a hash."""

    id: UUID
    key: str
    media_type: str
    kinds: list[str]
    classification: str
    at: datetime


def page(actor: Actor, list_id: UUID, number: int = 1) -> tuple[list[Line], bool]:
    """A page of the live entries, and whether there is another. Raises `NotFound`."""
    actor.require("sources.read")
    with acting(actor):
        row = ForeignList.objects.filter(pk=list_id).first()
        if row is None:
            raise NotFound
        start = (number - 1) * PER_PAGE
        live = ForeignEntry.objects.filter(list=row, withdrawn_at=None).order_by("pk")
        rows = list(live[start : start + PER_PAGE + 1])
        note_listed(actor, "foreign_entry", (one.pk for one in rows[:PER_PAGE]), page=number, list=row.list_id)
        return [_line(one) for one in rows[:PER_PAGE]], len(rows) > PER_PAGE


def listed(
    actor: Actor, slug: str, only: Sequence[UUID] = (), after: UUID | None = None
) -> Iterator[tuple[UUID, Listed]]:
    """Every live entry of a list with its id, or those alone, from the one after `after`; in the order of their ids.

    Each part is read in a transaction of its own; inside `acting(actor)` all of them are one.
    """
    last = after
    while True:
        with acting(actor):
            rows = ForeignEntry.objects.filter(list__list_id=slug, withdrawn_at=None).order_by("pk")
            rows = rows.filter(pk__in=list(only)) if only else rows
            part = list((rows.filter(pk__gt=last) if last else rows)[:AT_ONCE])
        for row in part:
            yield row.pk, of(row)
        if len(part) < AT_ONCE:
            return
        last = part[-1].pk


def of(row: ForeignEntry) -> Listed:
    """An entry as every format has it. Raises `CannotUnwrap`."""
    said = opened(row)
    known = {
        kind: tuple(value if isinstance(value, list) else [value])
        for kind, value in ((_OURS.get(kind, kind), value) for kind, value in said.get("hashes", {}).items())
    }
    return Listed(
        row.key, known, row.media_type, said.get("quality"), said.get("classification", ""), said.get("series", ""),
        said.get("reason", ""), row.at, said.get("facts", {}),
    )  # fmt: skip


def _line(row: ForeignEntry) -> Line:
    one = of(row)
    return Line(row.pk, row.key, row.media_type, sorted(one.hashes), one.classification, row.at)
