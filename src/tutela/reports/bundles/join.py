"""Join reports into bundles: items merge, people do not.

- An item is known by its SHA-256, else by its SHA-1. The same item in a hundred reports is one row with a hundred
  sightings. Equal perceptual hashes are only a link, and MD5 can be forged. An item with nothing else is therefore a
  separate item. An equal MD5 is a link too (`link_keys`), which suggests and joins nothing.
- Reports that share an item share a bundle. A report that shares items with several bundles joins them into one.
  Bundles whose pictures are visually similar (`near_duplicates`) or whose items are of one series (`series`) are joined
  afterwards. This merges no items and makes no report a
  duplicate (`duplicates.detection`).
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.record import rows_of
from tutela.exchange.report.fields import Item as WireItem
from tutela.exchange.report.report import Report as Wire
from tutela.reports.duplicates.detection import digest_of
from tutela.reports.models import BundleMove, Item, Regrouping, Report
from tutela.reports.report_encryption import blind

# Joining more than this many reports inside an intake would keep others waiting; they stay two lines instead.
MOST_JOINED = 1000


def keys_of(report: Wire) -> frozenset[bytes]:
    """A keyed hash for each of a report's items."""
    return frozenset(key_of(report, item) for item in report.items)


def key_of(report: Wire, item: WireItem) -> bytes:
    """A keyed hash that two copies of an item share and nothing else does."""
    return blind("item", digest_of(item) or f"item:{report.report_id}:{item.item_id}")


def join(
    actor: Actor,
    found: list[UUID],
    distance: int | None = None,
    kind: Regrouping = Regrouping.JOINED,
    reason: str = "",
) -> tuple[UUID, frozenset[UUID]]:
    """Join locked bundles into the largest; return it and the bundles that are now part of it.

    The bundles share an item, or `kind` gives another cause: visually similar items with a distance in bits
    (`distance`), or one series (`reason`, its code). Bundles that people have split stay apart. Call inside
    `acting(actor)`.
    """
    sizes = dict(Report.objects.filter(bundle__in=found).values_list("bundle").annotate(n=Count("pk")))
    kept = max(found, key=lambda pk: (sizes.get(pk, 0), -pk.int))
    apart = _apart(kept, found)
    moved = [pk for pk in found if pk != kept and pk not in apart and sizes.get(pk, 0) <= MOST_JOINED]
    for pk in moved:
        row = BundleMove(
            organisation_id=actor.organisation_id,
            source_id=pk,
            target_id=kept,
            distance=distance,
            kind=kind,
            reason=reason,
            items=list(Item.objects.filter(bundle=pk).values_list("pk", flat=True)),
            reports=list(Report.objects.filter(bundle=pk).values_list("pk", flat=True)),
            by="rule",
            by_name="",
        )
        insert_all([row, *rows_of(actor, f"bundle.{row.kind}", "bundle", kept, source=pk, move=row.pk)])
    Item.objects.filter(bundle__in=moved).update(bundle=kept)
    Report.objects.filter(bundle__in=moved).update(bundle=kept)
    return kept, frozenset(moved)


def _apart(kept: UUID, found: list[UUID]) -> set[UUID]:
    """The bundles that people have split from another of these, and not put back."""
    split = Q(kind=Regrouping.SPLIT, undone=None)
    taken_apart = Q(kind=Regrouping.UNDONE) & ~Q(undoes__kind=Regrouping.SPLIT)
    rows = BundleMove.objects.filter(split | taken_apart, source__in=found, target__in=found)
    pairs = list(rows.values_list("source", "target"))
    return {one for pair in pairs if kept in pair for one in pair if one != kept}
