"""What the page of a bundle shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.recording import record
from tutela.reports import likeness, regrouping
from tutela.reports.likeness import Alike
from tutela.reports.models import Bundle, BundleMove, Near, Report

PER_PAGE = 50


@dataclass(frozen=True)
class Full:
    """A bundle: a page of its reports with how many of its items each carries, others like them, and its history."""

    row: Bundle
    reports: Sequence[Report]
    more: bool
    total: int
    accounts: int
    items: int
    near: list[Near]
    alike: list[Alike]
    moves: list[BundleMove]


def open_bundle(actor: Actor, bundle_id: UUID, page: int = 1) -> Full:
    """One bundle; the access is recorded. Raises `NotFound`."""
    actor.require("reports.read")
    with acting(actor):
        row = Bundle.objects.filter(pk=bundle_id).first()
        if row is None:
            raise NotFound
        record(actor, "bundle.viewed", "bundle", bundle_id)
        rows = Report.objects.filter(bundle=row)
        start = (page - 1) * PER_PAGE
        shown = rows.annotate(carries=Count("sightings")).select_related("duplicate_of").order_by("created_at", "pk")
        found = list(shown[start : start + PER_PAGE + 1])
        return Full(
            row=row, reports=found[:PER_PAGE], more=len(found) > PER_PAGE, total=rows.count(),
            accounts=rows.filter(duplicate_of=None).count(), items=row.items.count(),
            near=likeness.near_in(row), alike=likeness.near_outside(row) + likeness.alike(row),
            moves=regrouping.history(row.pk),
        )  # fmt: skip
