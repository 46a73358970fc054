"""Prefetch for intake: read the database twice per batch and take locks in a fixed order.

1. Ids and identities are locked, so that simultaneous duplicates meet. The first query finds known reports, possible
   originals of duplicates and items with rows. The query also finds earlier decisions on this provider and on these
   accounts.
2. The second query runs if a report will be joined to something or is a duplicate. The query reads the items again and
   their bundles (locked: shared where a report has one, exclusively where it joins several). The query also reads
   earlier reports (locked), pending questions, and the number of accounts per item. New items alone need no lock: a
   simultaneous insert of the same item is resolved in `insert_conflicts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.events.sql import Statement, run_statements
from tutela.law.clock_kinds import KINDS
from tutela.reports.scoring.history import MOST_REPORTS, arrivals
from tutela.reports.scoring.lanes import AN_HOUR, URGENT_AN_HOUR
from tutela.reports.scoring.link_keys import ACCOUNT

# Reports by their ids, then identities.
LOCK = (
    "SELECT pg_advisory_xact_lock(hashtextextended(one, seed))"
    " FROM unnest(%s::text[], %s::bigint[]) AS named (one, seed)"
)
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
EARLIER = (
    "SELECT identity, id, report_id, urgent, urgency, state, decision FROM reports_report"
    " WHERE organisation_id = %s AND identity = ANY(%s::bytea[]) AND duplicate_of_id IS NULL"
    " ORDER BY created_at, id"
)
# Counts for a provider: forwarded among its newest decided reports and their total, its recent empty reports, and its
# recent urgent ones; the review deadline tells since when a report is urgent.
COUNTS = (
    "SELECT count(*) FILTER (WHERE decision = 'forward'), count(*), (SELECT count(*) FROM (SELECT FROM reports_report"
    " WHERE provider_id = %s AND empty AND created_at > %s LIMIT %s) recent), (SELECT count(*) FROM (SELECT"
    " FROM reports_report WHERE provider_id = %s AND urgent AND duplicate_of_id IS NULL AND look_by > %s"
    " AND look_by < %s LIMIT %s) calling) FROM (SELECT decision FROM reports_report"
    " WHERE organisation_id = %s AND provider_id = %s AND duplicate_of_id IS NULL AND decided_at IS NOT NULL"
    " ORDER BY decided_at DESC LIMIT %s) newest"
)
ACCOUNTS = (
    "SELECT blind, relevant FROM reports_account"
    " WHERE organisation_id = %s AND provider_id = %s AND blind = ANY(%s::bytea[])"
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
class KnownReports:
    """Data already stored that intake needs. `reports`: digest, provider and receipt by id."""

    reports: dict[UUID, tuple[str, UUID, bytes]] = field(default_factory=dict)
    items: dict[bytes, KnownItem] = field(default_factory=dict)
    earlier: dict[bytes, Earlier] = field(default_factory=dict)
    provider: tuple[int, int] = (0, 0)
    asked: frozenset[UUID] = frozenset()
    # These are counts of this provider within the hour: reports without account and address, and urgent reports.
    empty: int = 0
    urgent: int = 0
    # Of each account that was named before, by its keyed hash: how many reports were found relevant.
    accounts: dict[bytes, int] = field(default_factory=dict)
    # With how many accounts each item came, as counts for this provider.
    arrivals: dict[UUID, int] = field(default_factory=dict)
    # Accounts with which each item came in what is taken in at this moment, by its keyed hash.
    came: dict[bytes, set[bytes]] = field(default_factory=dict)

    def of(self, key: bytes) -> tuple[int, int, int]:
        """Return relevant and not relevant reports of an item, and its number of accounts.

        The number is the larger of earlier accounts and accounts in this batch. An account may be in both: a sum could
        count it twice and lower another report's place.
        """
        one, in_batch = self.items.get(key), len(self.came.get(key, ()))
        return (
            (one.relevant, one.not_relevant, max(self.arrivals.get(one.id, 0), in_batch)) if one else (0, 0, in_batch)
        )

    def came_with(self, keys: Iterable[bytes], traits: Sequence[bytes]) -> None:
        """A report of these items counts for the next ones, as `reports_arrivals` will count it."""
        account = next((one for one in traits[:1] if one[:1] == ACCOUNT), b"")
        for key in keys:
            self.came.setdefault(key, set()).add(account)


def questions(
    centre: UUID,
    provider: UUID,
    report_ids: Iterable[UUID],
    keys: Iterable[bytes],
    identities: Iterable[bytes],
    accounts: Iterable[bytes],
) -> list[Statement]:
    """Return the first query, to be combined with other queries (`known_reports`)."""
    ids, names = sorted(map(str, report_ids)), sorted(set(identities))
    locked, seeds = [*ids, *(one.hex() for one in names)], [0] * len(ids) + [1] * len(names)
    now, hour = clock.now(), timedelta(hours=1)
    soon = KINDS["urgent_referral"].length.after(now)
    return [
        (LOCK, [locked, seeds]),
        (REPORTS, [centre, ids]),
        (ITEMS, [centre, sorted(keys)]),
        (EARLIER, [centre, names]),
        (
            COUNTS,
            [
                provider,
                now - hour,
                AN_HOUR,
                provider,
                soon - hour,
                soon + hour,
                URGENT_AN_HOUR,
                centre,
                provider,
                MOST_REPORTS,
            ],
        ),
        (ACCOUNTS, [centre, provider, sorted(accounts)]),
    ]


def known_reports(answers: Sequence[list[tuple[Any, ...]]]) -> KnownReports:
    """Convert the answers of the first queries."""
    _, known, items, earlier, ((yes, decided, empty, urgent),), accounts = answers
    return KnownReports(
        reports={row[0]: (row[1], row[2], bytes(row[3])) for row in known},
        items=_items(items),
        earlier=_earlier(earlier),
        provider=(yes, decided - yes),
        empty=empty,
        urgent=urgent,
        accounts={bytes(blind): relevant for blind, relevant in accounts},
    )


def related_rows(
    centre: UUID, provider: UUID, sets: Sequence[frozenset[bytes]], identities: Iterable[bytes], before: KnownReports
) -> KnownReports:
    """Lock what the reports, each with its set of items, will be joined to or repeat, and look again."""
    keys, names = sorted(frozenset().union(*sets)), sorted(set(identities))
    known = before.items
    while known or before.earlier:
        bundles = sorted({one.bundle for one in known.values()})
        lock = ALONE if len(bundles) > 1 and _joins(sets, known) else SHARE
        _, items, earlier, asked, came = run_statements(
            [
                (lock, [bundles]),
                (ITEMS, [centre, keys]),
                (f"{EARLIER} FOR NO KEY UPDATE", [centre, names]),
                (ASKED, [bundles, provider]),
                arrivals(provider, known.values()),
            ]
        )
        found = _items(items)
        if {one.bundle for one in found.values()} <= set(bundles):
            waits = frozenset(row[0] for row in asked)
            return replace(before, items=found, earlier=_earlier(earlier), asked=waits, arrivals=dict(came))
        known = found  # somebody joined bundles meanwhile, or was faster with a new item
    return before


def _joins(sets: Sequence[frozenset[bytes]], items: dict[bytes, KnownItem]) -> bool:
    """Whether bundles may become one: a report has items of several, or two reports share one that is new."""
    new = [key for one in sets for key in one if key not in items]
    return len(new) != len(set(new)) or any(len({items[k].bundle for k in one if k in items}) > 1 for one in sets)


def _earlier(rows: Iterable[tuple[Any, ...]]) -> dict[bytes, Earlier]:
    return {bytes(row[0]): Earlier(*row[1:]) for row in rows}


def _items(rows: Iterable[tuple[Any, ...]]) -> dict[bytes, KnownItem]:
    return {bytes(row[0]): KnownItem(*row[1:]) for row in rows}
