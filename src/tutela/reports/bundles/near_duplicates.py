"""Near-duplicates: join bundles with visually similar items and record the reason.

1. Intake notes that a report has pictures or videos to compare (`to_compare`), in its own transaction.
2. A job stores their hashes (`looks`), and searches the exact index for everything within 31 of 256 bits.
3. Bundles of similar items (`similarity`) are joined one after another, nearest first, each with its distance. Bundles
   that people have split or taken apart stay apart, and only the similarity is noted. The same applies if a picture is
   similar to a frame of a video: a title or a clip in many videos must not join their bundles.
4. Only then the note of step 1 is removed: a job killed at any point starts again, and does nothing twice.

Items and cases stay separate: no report becomes a duplicate, is decided or closed by this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Q

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report as Wire
from tutela.reports.bundles import image_index, join
from tutela.reports.bundles.image_index import Kept, Looks
from tutela.reports.bundles.similarity import Resemblance, resembling
from tutela.reports.models import Bundle, BundleMove, Item, Look, Near, Regrouping, Report
from tutela.reports.models.similarity import What
from tutela.reports.report_encryption import unseal_all

REPORTS_AT_ONCE = 200
# Of what circulates most, so many of the nearest are asked for their bundle: by then all of them share one.
MOST_ASKED = 20_000
# This many of the nearest pairs are noted in addition to the pair that joins the bundles.
NOTED = 3
# A bundle that became of more than this many is not followed further back.
MOST_LINES = 1000

# So many hashes are looked up at once: what is found of each may be much.
ASKED = 2000

COMPARED = """
UPDATE reports_report SET to_compare = NULL FROM unnest(%s::uuid[], %s::timestamptz[]) AS one(id, since)
WHERE reports_report.id = one.id AND to_compare = one.since
"""

type Found = dict[UUID, dict[int, Resemblance]]
type Pairs = Mapping[tuple[UUID, UUID], tuple[Resemblance, UUID]]


def compare(actor: Actor, kept: Looks) -> int:
    """Compare what reports that wait carry, the oldest first, at most `REPORTS_AT_ONCE`; returns how many reports."""
    waiting, since = _keep(actor)
    if not since:
        kept.let_go(actor)
        return 0
    kept.read(actor)
    near: dict[UUID, Found] = {pk: {} for pk in since}
    for some in _portions([(pk, one) for pk, seen in waiting.items() for one in seen]):
        _ask(kept, some, near)
    alone = {pk: at for pk, at in since.items() if not any(near[pk].values())}
    with acting(actor):
        _compared(alone)
    for pk in [pk for pk in since if pk not in alone]:
        with acting(actor):
            _settle(actor, pk, since[pk], near[pk])
    return len(since)


def _portions(looks: Sequence[tuple[UUID, Kept]]) -> Iterator[list[tuple[UUID, Kept]]]:
    """The looks in their order, so many at once that they have about `ASKED` hashes."""
    some, hashes = list[tuple[UUID, Kept]](), 0
    for one in looks:
        if some and hashes + len(one[1].view) > ASKED:
            yield some
            some, hashes = [], 0
        some.append(one)
        hashes += len(one[1].view)
    if some:
        yield some


def _ask(kept: Looks, asked: Sequence[tuple[UUID, Kept]], near: Mapping[UUID, Found]) -> None:
    """Look the hashes of some looks up; what resembles an item, and most of all, is added to what is `near` to it."""
    hits = kept.near([value for _pk, look in asked for value in look.view])
    sizes, begin = kept.sizes(np.unique(hits.number).tolist()), 0
    for pk, look in asked:
        end = begin + len(look.view)
        known = near[pk].setdefault(look.item, {})
        for number, one in resembling(len(look.view), hits.between(begin, end), sizes).items():
            if number != look.number:
                known[number] = min(one, known.get(number, one), key=lambda seen: seen.rank)
        begin = end


def _keep(actor: Actor) -> tuple[dict[UUID, list[Kept]], dict[UUID, datetime]]:
    """Step 2: the looks of reports that wait, and since when these do. What another process has is left to it."""
    with acting(actor):
        rows = Report.objects.select_for_update(skip_locked=True, of=("self",)).filter(to_compare__isnull=False)
        found = list(rows.order_by("to_compare", "pk")[:REPORTS_AT_ONCE])
        bodies = unseal_all("report", [(row.report_id, row.report_id, bytes(row.sealed_body)) for row in found])
        reports = {row: Wire.from_bytes(body) for row, body in zip(found, bodies, strict=True) if body is not None}
        return image_index.keep(actor, reports), {row.pk: row.to_compare for row in found if row.to_compare}


def _settle(actor: Actor, pk: UUID, since: datetime, found: Found) -> None:
    """Do steps 3 and 4 for one report; newer notes stay pending. Call inside `acting(actor)`."""
    if pairs := _pairs(found):
        _join(actor, pk, pairs, _locked(pk, {other for _item, other in pairs}))
    _compared({pk: since})


def _compared(since: Mapping[UUID, datetime]) -> None:
    """Do step 4 for reports; newer notes stay pending. Call inside `acting(actor)`."""
    with connection.cursor() as cursor:
        cursor.execute(COMPARED, [[*since], [*since.values()]])


def _pairs(found: Found) -> Pairs:
    """Map (item, other item) to their similarity and a report of the other; skip erased rows."""
    hits = [(one, item, number) for item, seen in found.items() for number, one in seen.items()]
    hits = sorted(hits, key=lambda hit: (hit[0].rank, hit[2]))[:MOST_ASKED]
    rows = {row.number: row for row in Look.objects.filter(number__in={hit[2] for hit in hits}).exclude(sealed=b"")}
    pairs: dict[tuple[UUID, UUID], tuple[Resemblance, UUID]] = {}
    for one, item, number in hits:
        row = rows.get(number)
        if row is not None and row.item_id != item:
            pairs.setdefault((item, row.item_id), (one, row.report_id))
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


def _join(actor: Actor, pk: UUID, pairs: Pairs, at: dict[UUID, UUID]) -> None:
    """Join the bundles of what is near, nearest first, and note why (3)."""
    ranked = sorted(pairs.items(), key=lambda pair: (pair[1][0].rank, pair[0]))
    mine, noted, seen = at[pk], list[Near](), set[UUID]()
    for number, ((item, other), (likeness, report)) in enumerate(ranked):
        bundle = at.get(other, mine)
        if report == pk:
            continue
        if number < NOTED or bundle not in seen | {mine}:
            noted.append(_note(actor, (item, pk), (other, report), likeness))
        if bundle == mine or bundle in seen:
            continue
        seen |= {bundle, mine}
        if likeness.what != What.FRAME and not apart(mine, bundle):
            mine, _moved = join.join(actor, [mine, bundle], likeness.distance, Regrouping.NEAR)
    insert_all(noted)


def _note(actor: Actor, one: tuple[UUID, UUID], two: tuple[UUID, UUID], likeness: Resemblance) -> Near:
    """A pair, (item, report) each, in one order: found from either side it is one row."""
    (item, report), (other_item, other) = sorted((one, two))
    shares = (likeness.percent, likeness.other_percent)
    percent, other_percent = shares if (item, report) == one else reversed(shares)
    return Near(
        organisation_id=actor.organisation_id,
        item_id=item,
        report_id=report,
        other_item_id=other_item,
        other_id=other,
        distance=likeness.distance,
        what=likeness.what.value,
        percent=percent,
        other_percent=other_percent,
    )


def apart(one: UUID, two: UUID) -> bool:
    """Whether people have split or taken apart what these bundles have become of. Call inside `acting(actor)`."""
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
            kind__in=(Regrouping.JOINED, Regrouping.NEAR, Regrouping.SERIES, Regrouping.MERGED)
        ).values_list("source", flat=True)
        last = set(rows) - found
        found |= last
    return found
