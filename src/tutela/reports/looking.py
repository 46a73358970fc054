"""What intake must know of the database, for any number of reports at once: two round trips, and locks in one order.

1. Reports by their ids (locked, so that twins under different keys meet), and the items that have rows.
2. Then everything that a report is compared with: its items and their bundles (locked: shared where a report has one,
   alone where it joins several), reports of the same identity (locked), what was decided before, what waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.events.asking import Question, together
from tutela.reports.history import WINDOW
from tutela.reports.lanes import AN_HOUR

LOCK_REPORTS = "SELECT pg_advisory_xact_lock(hashtextextended(one, 0)) FROM unnest(%s::text[]) AS one"
REPORTS = (
    "SELECT report_id, sha256, provider_id, receipt FROM reports_report"
    " WHERE organisation_id = %s AND report_id = ANY(%s::uuid[])"
)
ITEMS = (
    "SELECT i.blind, i.id, i.bundle_id, b.number, i.relevant, i.not_relevant FROM reports_item i"
    " JOIN reports_bundle b ON b.id = i.bundle_id WHERE i.organisation_id = %s AND i.blind = ANY(%s::bytea[])"
)
# Shared, so that a widely circulated item keeps nobody waiting.
SHARE = "SELECT id FROM reports_bundle WHERE id = ANY(%s::uuid[]) ORDER BY id FOR KEY SHARE"
ALONE = "SELECT id FROM reports_bundle WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE"
LOCK_IDENTITIES = "SELECT pg_advisory_xact_lock(hashtextextended(one, 1)) FROM unnest(%s::text[]) AS one"
EARLIER = (
    "SELECT identity, id, report_id, urgent, urgency, state, decision FROM reports_report"
    " WHERE organisation_id = %s AND identity = ANY(%s::bytea[]) AND duplicate_of_id IS NULL"
    " ORDER BY created_at, id FOR NO KEY UPDATE"
)
PROVIDER = (
    "SELECT count(*) FILTER (WHERE decision = 'forward'), count(*) FROM (SELECT decision FROM reports_report"
    " WHERE organisation_id = %s AND provider_id = %s AND duplicate_of_id IS NULL AND decided_at IS NOT NULL"
    " ORDER BY decided_at DESC LIMIT %s) newest"
)
EMPTY = (
    "SELECT count(*) FROM (SELECT FROM reports_report WHERE provider_id = %s AND empty AND created_at > %s"
    " LIMIT %s) recent"
)
ASKED = (
    "SELECT DISTINCT bundle_id FROM reports_report WHERE bundle_id = ANY(%s::uuid[]) AND provider_id = %s"
    " AND state = 'asked' AND duplicate_of_id IS NULL"
)


@dataclass(frozen=True)
class KnownItem:
    """An item that has a row: its bundle, and how often a report of it was decided either way."""

    id: UUID
    bundle: UUID
    number: str
    relevant: int
    not_relevant: int


@dataclass(frozen=True)
class Earlier:
    """A report that one of the same identity would repeat."""

    pk: UUID
    report_id: UUID
    urgent: bool
    urgency: int
    state: str
    decision: str


@dataclass
class Seen:
    """What there is. `reports`: digest, provider and receipt by id."""

    reports: dict[UUID, tuple[str, UUID, bytes]] = field(default_factory=dict)
    items: dict[bytes, KnownItem] = field(default_factory=dict)
    earlier: dict[bytes, Earlier] = field(default_factory=dict)
    provider: tuple[int, int] = (0, 0)
    asked: frozenset[UUID] = frozenset()
    # Of this provider within the hour.
    empty: int = 0


def questions(centre: UUID, report_ids: Iterable[UUID], keys: Iterable[bytes]) -> list[Question]:
    """The first look: lock the ids and say which are known, and which of the items have rows, for the second one."""
    ids = sorted(map(str, report_ids))
    return [(LOCK_REPORTS, [ids]), (REPORTS, [centre, ids]), (ITEMS, [centre, sorted(keys)])]


def first(answers: Sequence[list[tuple[Any, ...]]]) -> Seen:
    """What the first look found."""
    _, known, items = answers
    return Seen(reports={row[0]: (row[1], row[2], bytes(row[3])) for row in known}, items=_items(items))


def second(
    centre: UUID, provider: UUID, sets: Sequence[frozenset[bytes]], identities: Iterable[bytes], before: Seen
) -> Seen:
    """Lock what the reports, each with its set of items, will be joined to or repeat, and look again."""
    keys = sorted(frozenset().union(*sets))
    names = sorted(set(identities))
    while True:
        bundles = sorted({one.bundle for one in before.items.values()})
        lock = ALONE if len(bundles) > 1 and _joins(sets, before.items) else SHARE
        asks: list[Question] = [(lock, [bundles]), (ITEMS, [centre, keys])]
        asks += [
            (LOCK_IDENTITIES, [[one.hex() for one in names]]), (EARLIER, [centre, names]),
            (PROVIDER, [centre, provider, WINDOW]), (ASKED, [bundles, provider]),
            (EMPTY, [provider, clock.now() - timedelta(hours=1), AN_HOUR]),
        ]  # fmt: skip
        _, items, _, earlier, counted, asked, empty = together(asks)
        found = _items(items)
        if {one.bundle for one in found.values()} <= set(bundles):
            break
        before = Seen(items=found)  # somebody joined bundles meanwhile, or was faster with a new item
    yes, decided = counted[0]
    return Seen(
        items=found, earlier={bytes(row[0]): Earlier(*row[1:]) for row in earlier},
        provider=(yes, decided - yes), asked=frozenset(row[0] for row in asked), empty=empty[0][0],
    )  # fmt: skip


def _joins(sets: Sequence[frozenset[bytes]], items: dict[bytes, KnownItem]) -> bool:
    """Whether bundles may become one: a report has items of several, or two reports share one that is new."""
    new = [key for one in sets for key in one if key not in items]
    return len(new) != len(set(new)) or any(len({items[k].bundle for k in one if k in items}) > 1 for one in sets)


def _items(rows: Iterable[tuple[Any, ...]]) -> dict[bytes, KnownItem]:
    return {bytes(row[0]): KnownItem(*row[1:]) for row in rows}
