"""Merge and split bundles by hand, and undo either. Each change is a row with moves and reason.

A bundle shows one item once and decides nothing. People are never merged: every account keeps its report, its scores
and its referral in any bundle. Intake does not join again what people split or took apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import case_number
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.reports.models import Bundle, BundleMove, Item, Regrouping, Report, Sighting

# A larger bundle keeps others waiting while it moves.
MOST_REPORTS = 5000


def merge(actor: Actor, target: UUID, number: str, reason: str) -> None:
    """Put everything of the bundle with this number into `target`. Raises `Invalid` naming the field, `NotFound`."""
    actor.require("reports.assess")
    reason = _said(reason)
    with acting(actor):
        other = Bundle.objects.filter(number=number.strip().upper()).first()
        if other is None or other.pk == target:
            raise Invalid("Enter the number of another bundle, such as B-7K3M-Q9TD-X.", field="number")
        _lock(target, other.pk)
        items = list(Item.objects.filter(bundle=other).values_list("pk", flat=True)[: MOST_REPORTS + 1])
        reports = list(Report.objects.filter(bundle=other).values_list("pk", flat=True)[: MOST_REPORTS + 1])
        row = BundleMove(kind=Regrouping.MERGED, source=other, target_id=target, items=items, reports=reports)
        row.reason = reason
        _move(actor, row)


def split(actor: Actor, source: UUID, chosen: Sequence[UUID], reason: str) -> UUID:
    """Put some reports of a bundle, by their ids, into one of their own; returns it. Raises `Invalid`, `NotFound`.

    An item goes with them if no other report of the bundle carries it; one that is shared stays.
    """
    actor.require("reports.assess")
    reason = _said(reason)
    with acting(actor):
        _lock(source)
        rows = Report.objects.filter(bundle=source)
        pks = list(rows.filter(report_id__in=chosen).values_list("pk", flat=True))
        if not pks or len(pks) == rows.count():
            raise Invalid("Choose at least one report of the bundle, but not all.", field="reports")
        made = Bundle.objects.create(organisation_id=actor.organisation_id, number=case_number("B"))
        theirs = Sighting.objects.filter(report__in=pks).values("item")
        shared = Sighting.objects.filter(report__bundle=source, item__in=theirs).exclude(report__in=pks).values("item")
        items = list(
            Item.objects.filter(bundle=source, pk__in=theirs).exclude(pk__in=shared).values_list("pk", flat=True)
        )
        row = BundleMove(kind=Regrouping.SPLIT, source_id=source, target=made, items=items, reports=pks)
        row.reason = reason
        _move(actor, row)
    return UUID(str(made.pk))


def undo(actor: Actor, move_id: UUID, reason: str) -> None:
    """Take a change back: what went and is still there goes back. Raises `Invalid`, `NotFound`; once only."""
    actor.require("reports.assess")
    reason = _said(reason)
    with acting(actor):
        row = BundleMove.objects.filter(pk=move_id, undone=None).exclude(kind=Regrouping.UNDONE).first()
        if row is None:
            raise NotFound
        _lock(row.source_id, row.target_id)
        items = list(Item.objects.filter(pk__in=row.items, bundle=row.target_id).values_list("pk", flat=True))
        reports = list(Report.objects.filter(pk__in=row.reports, bundle=row.target_id).values_list("pk", flat=True))
        back = BundleMove(kind=Regrouping.UNDONE, source_id=row.target_id, target_id=row.source_id, undoes=row)
        back.items, back.reports, back.reason = items, reports, reason
        _move(actor, back)


def has(actor: Actor, bundle: UUID, move: UUID) -> bool:
    """Whether this change took reports out of this bundle, or brought some."""
    with acting(actor):
        return BundleMove.objects.filter(Q(source=bundle) | Q(target=bundle), pk=move).exists()


def history(bundle: UUID) -> list[BundleMove]:
    """Merges and splits of a bundle, newest first. Call inside `acting(actor)`."""
    rows = BundleMove.objects.filter(Q(source=bundle) | Q(target=bundle))
    return list(rows.select_related("source", "target", "undone").order_by("-created_at", "-id")[:200])


def _said(reason: str) -> str:
    if not (reason := typed(reason)):
        raise Invalid("Enter a reason; others will ask for it.", field="reason")
    return reason[:300]


def _lock(*bundles: UUID) -> None:
    """Lock bundles in a fixed order, as intake does."""
    found = Bundle.objects.select_for_update().filter(pk__in=bundles).order_by("pk")
    if len(list(found)) != len(set(bundles)):
        raise NotFound


def _move(actor: Actor, row: BundleMove) -> None:
    if max(len(row.items), len(row.reports)) > MOST_REPORTS:
        raise Invalid(
            "A bundle with more than {most} reports or items cannot be moved.", field="number", most=MOST_REPORTS
        )
    row.organisation_id, row.by, row.by_name = actor.organisation_id, actor.reference, actor.name[:200]
    if not insert_ignore(row):
        raise NotFound  # a colleague has taken it back
    Item.objects.filter(pk__in=row.items).update(bundle=row.target_id)
    Report.objects.filter(pk__in=row.reports).update(bundle=row.target_id)
    record(
        actor,
        f"bundle.{row.kind}",
        "bundle",
        row.target_id,
        source=row.source_id,
        reports=len(row.reports),
        move=row.pk,
    )
