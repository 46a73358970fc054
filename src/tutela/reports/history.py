"""What earlier decisions say about an item and a provider. A report counts by its newest decision alone."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Q

from tutela.reports.models import Decision, Item, Report
from tutela.reports.scoring import History

# A provider's newest decided reports that count; old habits should not weigh for ever.
WINDOW = 500
DECIDED = Q(duplicate_of=None, decided_at__isnull=False)


def history_of(provider_id: UUID, items: list[Item]) -> History:
    """Counts of relevant and not relevant reports. Call inside `acting(actor)`."""
    newest = Report.objects.filter(DECIDED, provider_id=provider_id).order_by("-decided_at")
    decisions = list(newest.values_list("decision", flat=True)[:WINDOW])
    yes = sum(1 for d in decisions if d == Decision.FORWARD)
    return of_items([(item.relevant, item.not_relevant) for item in items], yes, len(decisions) - yes)


def of_items(items: Iterable[tuple[int, int]], provider_relevant: int, provider_not: int) -> History:
    """The same of counts at hand. Of several items the one that was decided most often counts, each way."""
    counted = list(items)
    return History(
        max((yes for yes, _ in counted), default=0), max((no for _, no in counted), default=0),
        provider_relevant, provider_not,
    )  # fmt: skip


def note(row: Report, decision: str, decided: bool) -> None:
    """Keep the items' counts in step with a report that is about to change from what its columns say.

    A repetition is no decision of its own. Call inside `acting(actor)`, with the row locked.
    """
    before, after = _way(row.decision, row.decided_at is not None), _way(decision, decided)
    if row.duplicate_of_id or before == after:
        return
    changes = {name: F(name) - 1 for name in before} | {name: F(name) + 1 for name in after}
    Item.objects.filter(pk__in=row.sightings.values("item")).update(**changes)


def _way(decision: str, decided: bool) -> tuple[str, ...]:
    if not decided:
        return ()
    return ("relevant",) if decision == Decision.FORWARD else ("not_relevant",)
