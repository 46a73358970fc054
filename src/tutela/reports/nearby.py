"""Near duplicates: bundles whose pictures look alike become one, with the reason; nothing else follows from it.

1. Intake notes that a report has pictures to compare (`to_compare`), in its own transaction.
2. A job keeps how they look (`looks`), and asks the exact index for all that is within 31 of 256 bits.
3. The bundles of what it finds are joined one after another, nearest first, each with its distance; what people have
   split or taken apart stays apart, and then the likeness alone is noted.
4. Only then the note of step 1 is taken away: killed anywhere, the job begins again, and does nothing twice.

Items stay items, cases stay cases: no report becomes a duplicate, is decided or closed by this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.inserting import insert_all
from tutela.organisations.errors import Erased
from tutela.reports import bundling, looks
from tutela.reports.looks import Looks
from tutela.reports.models import Bundle, BundleMove, Item, Look, Near, Regrouping, Report
from tutela.reports.triage import body_of

BATCH = 200
# Of what circulates most, so many of the nearest are asked for their bundle: by then all of them share one.
MOST_ASKED = 20_000
# Besides the pair that joins bundles, so many of the nearest are noted.
NOTED = 3
# A bundle that became of more than this many is not followed further back.
MOST_LINES = 1000

type Distances = Mapping[tuple[UUID, UUID], tuple[int, UUID]]


def compare(actor: Actor, kept: Looks) -> int:
    """Compare the pictures of reports that wait, the oldest first, at most `BATCH`; returns how many reports."""
    waiting = _keep(actor)
    if not waiting:
        kept.let_go(actor)
        return 0
    kept.read(actor)
    questions = [(pk, item, value) for pk, (_since, pictures) in waiting.items() for item, value in pictures]
    answers = kept.near([value for _pk, _item, value in questions])
    near: dict[UUID, dict[UUID, list[tuple[int, int]]]] = {pk: {} for pk in waiting}
    for (pk, item, _value), hits in zip(questions, answers, strict=True):
        near[pk].setdefault(item, []).extend(hits)
    for pk, found in near.items():
        with acting(actor):
            _settle(actor, pk, waiting[pk][0], found)
    return len(waiting)


def _keep(actor: Actor) -> dict[UUID, tuple[Any, list[tuple[UUID, str]]]]:
    """Step 2, for the reports that wait: since when, and their pictures. What another process has is left to it."""
    found: dict[UUID, tuple[Any, list[tuple[UUID, str]]]] = {}
    with acting(actor):
        rows = Report.objects.select_for_update(skip_locked=True, of=("self",)).filter(to_compare__isnull=False)
        for row in rows.order_by("to_compare", "pk")[:BATCH]:
            try:
                found[row.pk] = row.to_compare, looks.keep(actor, row, body_of(row))
            except Erased:
                found[row.pk] = row.to_compare, []
    return found


def _settle(actor: Actor, pk: UUID, since: Any, found: Mapping[UUID, list[tuple[int, int]]]) -> None:
    """Steps 3 and 4 for one report; what waits anew since then goes on waiting. Call inside `acting(actor)`."""
    pairs = _pairs(found)
    if pairs:
        at = _locked(pk, {other for _item, other in pairs})
        _join(actor, pk, pairs, at)
    Report.objects.filter(pk=pk, to_compare=since).update(to_compare=None)


def _pairs(found: Mapping[UUID, list[tuple[int, int]]]) -> Distances:
    """(item, other item) → the least distance and a report of the other. A look that is gone says nothing."""
    numbers = sorted({hit for hits in found.values() for hit in hits}, key=lambda hit: hit[1])[:MOST_ASKED]
    rows = {
        row.number: row
        for row in Look.objects.filter(number__in=[number for number, _d in numbers]).exclude(sealed=b"")
    }
    pairs: dict[tuple[UUID, UUID], tuple[int, UUID]] = {}
    for item, hits in found.items():
        for number, distance in hits:
            row = rows.get(number)
            if row is not None and row.item_id != item:
                said = (distance, row.report_id)
                pairs[item, row.item_id] = min(said, pairs.get((item, row.item_id), said))
    return pairs


def _locked(pk: UUID, others: set[UUID]) -> dict[UUID, UUID]:
    """The bundle of the report and of each other item, all locked in one order, as intake does."""
    held: set[UUID] = set()
    while True:
        at = dict(Item.objects.filter(pk__in=others).values_list("pk", "bundle"))
        at[pk] = Report.objects.values_list("bundle", flat=True).get(pk=pk)
        if set(at.values()) <= held:
            return at
        held = set(at.values())
        list(Bundle.objects.select_for_update().filter(pk__in=held).order_by("pk"))


def _join(actor: Actor, pk: UUID, pairs: Distances, at: dict[UUID, UUID]) -> None:
    """Join the bundles of what is near, nearest first, and note why (3)."""
    ranked = sorted(pairs.items(), key=lambda pair: (pair[1][0], pair[0]))
    mine, noted, seen = at[pk], list[Near](), set[UUID]()
    for number, ((item, other), (distance, report)) in enumerate(ranked):
        bundle = at.get(other, mine)
        if report == pk:
            continue
        if number < NOTED or bundle not in seen | {mine}:
            noted.append(_note(actor, (item, pk), (other, report), distance))
        if bundle == mine or bundle in seen:
            continue
        seen |= {bundle, mine}
        if not _apart(mine, bundle):
            mine, _moved = bundling.join(actor, [mine, bundle], distance)
    insert_all(noted)


def _note(actor: Actor, one: tuple[UUID, UUID], two: tuple[UUID, UUID], distance: int) -> Near:
    """A pair, (item, report) each, in one order: found from either side it is one row."""
    (item, report), (other_item, other) = sorted((one, two))
    return Near(
        organisation_id=actor.organisation_id, item_id=item, report_id=report, other_item_id=other_item,
        other_id=other, distance=distance,
    )  # fmt: skip


def _apart(one: UUID, two: UUID) -> bool:
    """Whether people have split or taken apart what these bundles have become of."""
    here, there = _line(one), _line(two)
    split = Q(kind=Regrouping.SPLIT, undone=None)
    taken_apart = Q(kind=Regrouping.UNDONE) & ~Q(undoes__kind=Regrouping.SPLIT)
    between = Q(source__in=here, target__in=there) | Q(source__in=there, target__in=here)
    return BundleMove.objects.filter(split | taken_apart).filter(between).exists()


def _line(bundle: UUID) -> set[UUID]:
    """A bundle and those that went into it and stayed."""
    found, last = {bundle}, {bundle}
    while last and len(found) < MOST_LINES:
        into = BundleMove.objects.filter(target__in=last, undone=None)
        rows: Iterable[UUID] = into.filter(
            kind__in=(Regrouping.JOINED, Regrouping.NEAR, Regrouping.MERGED)
        ).values_list("source", flat=True)  # fmt: skip
        last = set(rows) - found
        found |= last
    return found
