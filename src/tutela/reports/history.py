"""What earlier decisions say about an item and a provider. A report counts by its newest decision alone."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q

from tutela.reports.models import Decision, Item, Report
from tutela.reports.scoring import History

# A provider's newest decided reports that count; old habits should not weigh for ever.
WINDOW = 500
DECIDED = Q(duplicate_of=None, decided_at__isnull=False)


def history_of(provider_id: UUID, items: list[Item]) -> History:
    """Counts of relevant and not relevant reports. Call inside `acting(actor)`."""
    relevant = Q(decision=Decision.FORWARD)
    same = Report.objects.filter(DECIDED, sightings__item__in=items).aggregate(
        yes=Count("pk", filter=relevant, distinct=True), no=Count("pk", filter=~relevant, distinct=True)
    )
    newest = Report.objects.filter(DECIDED, provider_id=provider_id).order_by("-decided_at")
    decisions = list(newest.values_list("decision", flat=True)[:WINDOW])
    yes = sum(1 for d in decisions if d == Decision.FORWARD)
    return History(same["yes"], same["no"], yes, len(decisions) - yes)
