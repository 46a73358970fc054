"""History of an item, an account and a provider. A report counts by its newest decision alone.

The circulation of an item shows before any decision, by the number of accounts that came with it (`arrivals`).

An account is known by keyed hashes of its names at one provider. Only relevant reports count for an account, and only
while such a report has its contents.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.events.sql import Statement, run_statements
from tutela.reports.models import Account, Decision, Item, Report
from tutela.reports.scoring.link_keys import accounts_in
from tutela.reports.scoring.scores import RULES, History, circulates

# A provider's newest decided reports that count; old habits should not weigh for ever.
MOST_REPORTS = 500
MORE = """
INSERT INTO reports_account (organisation_id, created_at, provider_id, id, blind, relevant)
SELECT %s, %s, %s, one.id, one.blind, 1 FROM unnest(%s::uuid[], %s::bytea[]) AS one (id, blind) ORDER BY one.blind
ON CONFLICT (organisation_id, provider_id, blind) DO UPDATE SET relevant = reports_account.relevant + 1
"""
FEWER = """
UPDATE reports_account SET relevant = relevant - 1
WHERE organisation_id = %s AND provider_id = %s AND blind = ANY(%s::bytea[])
"""
# Of so many items of what comes together the accounts are counted; of others none, which puts nothing behind.
MOST_ITEMS = 500
# With how many accounts items came, by a function that reads the newest reports of each alone.
ARRIVALS = "SELECT * FROM reports_arrivals(%s::uuid[], %s, %s::integer, %s::integer, %s::integer, %s::uuid)"
DECIDED = Q(duplicate_of=None, decided_at__isnull=False)


class Countable(Protocol):
    """An item: its row, and how many reports of it are decided either way."""

    @property
    def id(self) -> UUID: ...
    @property
    def relevant(self) -> int: ...
    @property
    def not_relevant(self) -> int: ...


def arrivals(provider_id: UUID, items: Iterable[Countable], but: UUID | None = None) -> Statement:
    """Query with how many accounts these items came, for a report of this provider.

    `but` is the report itself, if it is stored already. Items decided so often that they circulate widely anyway are
    left out. The cost is bounded for any number of items and arrivals.
    """
    rules = RULES["relevance"]
    asked = sorted(one.id for one in items if one.relevant + one.not_relevant < rules["circulates_from"])[:MOST_ITEMS]
    bounds = [rules["accounts_from"], rules["accounts_a_sender"], rules["newest_reports"]]
    return ARRIVALS, [asked, provider_id, *bounds, but]


def circulating(provider_id: UUID, keys: Iterable[bytes]) -> frozenset[bytes]:
    """Return the items, by keyed hashes, that circulate widely for a report of this provider. Call inside
    `acting(actor)`.
    """
    rows = list(Item.objects.filter(blind__in=sorted(keys)))
    [came] = run_statements([arrivals(provider_id, rows)])
    counts = dict(came)
    known = [(row, of_items([(row.relevant, row.not_relevant, counts.get(row.pk, 0))], 0, 0)) for row in rows]
    return frozenset(bytes(row.blind) for row, past in known if circulates(past))


def history_of(row: Report, items: list[Item]) -> History:
    """Return the earlier history for a stored report. Call inside `acting(actor)`."""
    provider_id = row.provider_id
    newest = Report.objects.filter(DECIDED, provider_id=provider_id).order_by("-decided_at")
    decisions = list(newest.values_list("decision", flat=True)[:MOST_REPORTS])
    yes = sum(1 for d in decisions if d == Decision.FORWARD)
    [came] = run_statements([arrivals(provider_id, items, row.pk)])
    counts = dict(came)
    known = [(item.relevant, item.not_relevant, counts.get(item.pk, 0)) for item in items]
    return of_items(known, yes, len(decisions) - yes)


def of_items(
    items: Iterable[tuple[int, int, int]], provider_relevant: int, provider_not: int, account_relevant: int = 0
) -> History:
    """History from given counts: relevant, not relevant, accounts; of a new item nothing.

    Among several items, the one decided most often counts, each way, and the one that came with fewest accounts.
    """
    counted = list(items)
    return History(
        max((yes for yes, _, _ in counted), default=0),
        max((no for _, no, _ in counted), default=0),
        provider_relevant,
        provider_not,
        account_relevant,
        min((accounts for _, _, accounts in counted), default=0),
    )


def note(row: Report, decision: str, decided: bool) -> None:
    """Update the counts of items and accounts for a report before its columns change.

    A duplicate is no separate decision. Call inside `acting(actor)`, with the row locked.
    """
    before, after = _way(row.decision, row.decided_at is not None), _way(decision, decided)
    if row.duplicate_of_id or before == after:
        return
    changes = {name: F(name) - 1 for name in before} | {name: F(name) + 1 for name in after}
    Item.objects.filter(pk__in=row.sightings.values("item")).update(**changes)
    _count_accounts(row, ("relevant" in after) - ("relevant" in before))


def forget(row: Report) -> None:
    """Remove a report whose contents are about to be erased from the counts of its accounts. Call inside
    `acting(actor)`.
    """
    if row.duplicate_of_id is None and "relevant" in _way(row.decision, row.decided_at is not None):
        _count_accounts(row, -1)


def _count_accounts(row: Report, by: int) -> None:
    names = accounts_in(row.traits)
    if not names or not by:
        return
    with connection.cursor() as cursor:
        if by > 0:
            ids, now = [uuid7() for _ in names], clock.now()
            cursor.execute(MORE, [row.organisation_id, now, row.provider_id, ids, names])
        else:
            cursor.execute(FEWER, [row.organisation_id, row.provider_id, names])
            Account.objects.filter(provider_id=row.provider_id, blind__in=names, relevant__lte=0).delete()


def _way(decision: str, decided: bool) -> tuple[str, ...]:
    if not decided:
        return ()
    return ("relevant",) if decision == Decision.FORWARD else ("not_relevant",)
