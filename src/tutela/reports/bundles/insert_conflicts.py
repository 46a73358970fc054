"""Resolve simultaneous inserts of the same new item: the slower takes the other's row and bundle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Model

from tutela.events.actor import Actor
from tutela.events.identifiers import NumberTaken
from tutela.reports.bundles import join
from tutela.reports.models import Bundle, Item, Report, Sighting


def resolve_insert_races(actor: Actor, rows: Iterable[Report], lost: Sequence[Model]) -> None:
    """Replace our rows by those that somebody else inserted first. Call inside `acting(actor)`.

    Only items may be lost: everything else of a report is its own. Raises `NumberTaken` if another report or bundle has
    the number.
    """
    if any(isinstance(row, Report | Bundle) for row in lost):
        raise NumberTaken
    ours = {bytes(row.blind): row for row in lost if isinstance(row, Item)}
    if len(ours) != len(lost):
        raise RuntimeError("A row of a new report already existed.")
    theirs = {bytes(row.blind): row for row in Item.objects.filter(blind__in=sorted(ours))}
    met: dict[UUID, set[UUID]] = {}
    for blind, row in ours.items():
        Sighting.objects.filter(item_id=row.pk).update(item=theirs[blind])
        met.setdefault(row.bundle_id, set()).add(theirs[blind].bundle_id)
    for bundle, others in met.items():
        found = sorted({bundle, *others})
        list(Bundle.objects.select_for_update().filter(pk__in=found).order_by("pk"))
        kept, moved = join.join(actor, found)
        for report in rows:
            if report.bundle_id in moved:
                report.bundle_id = kept
