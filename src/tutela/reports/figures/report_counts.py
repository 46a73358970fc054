"""Counts of received reports by provider, as denominators of error rates."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count

from tutela.reports.models import Report


def by_provider(since: datetime, until: datetime) -> dict[UUID, int]:
    """Reports of a period by their sender, without duplicates. Call inside `acting(actor)`."""
    rows = Report.objects.filter(created_at__gte=since, created_at__lt=until, duplicate_of=None)
    return dict(rows.order_by().values_list("provider_id").annotate(n=Count("pk")))


def received(since: datetime, until: datetime) -> int:
    """Reports of a period, duplicates included. Call inside `acting(actor)`."""
    return Report.objects.filter(created_at__gte=since, created_at__lt=until).count()
