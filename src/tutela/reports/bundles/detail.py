"""Page of a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.list_access import in_turn, listed
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.reports.bundles import merge_split
from tutela.reports.models import UNSHOWN, Bundle, BundleMove, Near, Report, Sighting
from tutela.reports.scoring import link_keys
from tutela.reports.scoring.link_keys import Alike

PER_PAGE = 50
# The list of bundles is made of so many of the newest open reports, and shows so many bundles, urgent ones
# first and then the largest.
NEWEST, MOST = 20_000, 500
OPEN = """
WITH o AS MATERIALIZED (
  SELECT bundle_id, count(*) AS cases, bool_or(urgent) AS urgent, max(urgency) AS urgency, min(created_at) AS first,
         max(created_at) AS last
  FROM (SELECT bundle_id, urgent, urgency, created_at FROM reports_report
        WHERE organisation_id = %(centre)s AND duplicate_of_id IS NULL AND state = 'open'
        ORDER BY created_at DESC LIMIT %(newest)s) newest
  GROUP BY bundle_id HAVING count(*) > 1 ORDER BY 3 DESC, 2 DESC, bundle_id LIMIT %(most)s
)
SELECT b.id, b.number, o.cases, o.urgent, o.urgency, o.first, o.last, n.distance
FROM o JOIN reports_bundle b ON b.id = o.bundle_id
CROSS JOIN LATERAL (SELECT max(m.distance) AS distance FROM reports_bundlemove m WHERE m.target_id = o.bundle_id
  AND m.kind = 'near' AND NOT EXISTS (SELECT FROM reports_bundlemove u WHERE u.undoes_id = m.id)) n
ORDER BY o.urgent DESC, o.cases DESC, b.id
"""


@dataclass(frozen=True)
class BundleLine:
    """A bundle with several open cases; `distance` is that of the least alike items that joined it."""

    id: UUID
    number: str
    cases: int
    urgent: bool
    urgency: int
    first: datetime
    last: datetime
    distance: int | None


@dataclass(frozen=True)
class BundleView:
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


def list_bundles(actor: Actor, form: str = "") -> list[BundleLine]:
    """List bundles with more than one open case: urgent first, then largest; records the view."""
    actor.require("reports.read")
    with acting(actor):
        with connection.cursor() as cursor:
            cursor.execute(OPEN, {"centre": actor.organisation_id, "newest": NEWEST, "most": MOST})
            found = [BundleLine(*row) for row in cursor.fetchall()]
        listed(actor, "bundle", (one.id for one in found), page=1, form=form)
    return found


def exists(actor: Actor, bundle_id: UUID) -> bool:
    """Whether the actor's organisation has this bundle."""
    with acting(actor):
        return Bundle.objects.filter(pk=bundle_id).exists()


def open_bundle(actor: Actor, bundle_id: UUID, page: int = 1) -> BundleView:
    """One bundle; the access is recorded. Raises `NotFound`."""
    actor.require("reports.read")
    with acting(actor):
        row = Bundle.objects.filter(pk=bundle_id).first()
        if row is None:
            raise NotFound
        record(actor, "bundle.viewed", "bundle", bundle_id)
        rows = Report.objects.filter(bundle=row)
        start = (page - 1) * PER_PAGE
        found = _shown(rows, start)
        return BundleView(
            row=row,
            reports=found[:PER_PAGE],
            more=len(found) > PER_PAGE,
            total=rows.count(),
            accounts=rows.filter(duplicate_of=None).count(),
            items=row.items.count(),
            near=link_keys.near_in(row),
            alike=link_keys.near_outside(row) + link_keys.alike(row),
            moves=merge_split.history(row.pk),
        )


def _shown(rows: QuerySet[Report], start: int) -> list[Report]:
    """A page of a bundle's reports and one more, urgent ones first, each with how many of its items it carries."""
    narrow = rows.select_related("duplicate_of").defer(*UNSHOWN, *(f"duplicate_of__{name}" for name in UNSHOWN))
    ordered = narrow.order_by("created_at", "pk")
    parts = (partial(_part, ordered.filter(urgent=urgent)) for urgent in (True, False))
    found: list[Any] = in_turn(parts, start, PER_PAGE + 1)
    counted = Sighting.objects.filter(report__in=[row.pk for row in found]).order_by().values_list("report")
    carried = dict(counted.annotate(n=Count("pk")))
    for row in found:
        row.carries = carried.get(row.pk, 0)
    return found


def _part(rows: QuerySet[Report], start: int, many: int) -> list[Report]:
    return list(rows[start : start + many])
