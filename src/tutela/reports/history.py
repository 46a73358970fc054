"""What earlier decisions say about an item and a provider."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q

from tutela.reports.models import Assessment, Decision, Item
from tutela.reports.scoring import History

# A provider's newest decided reports that count; old habits should not weigh for ever.
WINDOW = 500


def history_of(provider_id: UUID, items: list[Item]) -> History:
    """Counts of relevant and not relevant decisions. Call inside `acting(actor)`."""
    not_relevant = Q(decision__in=(Decision.UNFOUNDED, Decision.ERRONEOUS))
    same = Assessment.objects.filter(report__sightings__item__in=items).aggregate(
        yes=Count("report", filter=Q(decision=Decision.FORWARD), distinct=True),
        no=Count("report", filter=not_relevant, distinct=True),
    )
    newest = Assessment.objects.filter(report__provider_id=provider_id).exclude(decision=Decision.ASK)
    decisions = list(newest.order_by("-created_at").values_list("decision", flat=True)[:WINDOW])
    yes = sum(1 for d in decisions if d == Decision.FORWARD)
    return History(same["yes"], same["no"], yes, len(decisions) - yes)
