"""Totals of reports of some days by provider and country, and what was decided about them, for public tables.

Reports are read from the daily volumes. Decisions are read from the reports of these days by an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Q, Sum

from tutela.reports.models import Decision, Report, Volume


@dataclass(frozen=True)
class FlowTotal:
    """Reports from one provider to one country, duplicates included. An empty country is Europol's."""

    provider_id: UUID
    country: str
    reports: int


@dataclass(frozen=True)
class QualityTotal:
    """Reports of a provider, and decisions about those that repeat none. `complete` is a sum of percents."""

    provider_id: UUID
    reports: int
    duplicates: int
    complete: int
    decided: int
    relevant: int


def flows(first: date, last: date) -> list[FlowTotal]:
    """Reports of some days, both included. Call inside `acting(actor)`."""
    rows = Volume.objects.filter(day__gte=first, day__lte=last).order_by()
    return [FlowTotal(*row) for row in rows.values_list("provider_id", "country").annotate(n=Sum("reports"))]


def quality(first: date, last: date) -> list[QualityTotal]:
    """Providers with reports in some days, both included. Call inside `acting(actor)`."""
    since, until = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
    own = Report.objects.filter(duplicate_of=None, created_at__gte=since, created_at__lt=until).order_by()
    counts = {"n": Count("decided_at"), "yes": Count("decided_at", filter=Q(decision=Decision.FORWARD))}
    decided = {row[0]: row[1:] for row in own.values_list("provider_id").annotate(**counts)}
    sums = [Sum(name) for name in ("reports", "duplicates", "complete")]
    rows = Volume.objects.filter(day__gte=first, day__lte=last).order_by().values_list("provider_id").annotate(*sums)
    return [QualityTotal(*row, *decided.get(row[0], (0, 0))) for row in rows]


def first_day() -> date | None:
    """The first day with reports; None without any. Call inside `acting(actor)`."""
    return Volume.objects.order_by("day").values_list("day", flat=True).first()
