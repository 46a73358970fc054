"""Rows counted a day, and the middle of their durations: what the small charts of start pages are made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, FloatField
from django.db.models.functions import TruncDate

from tutela import clock

DAYS = 14


def per_day(
    rows: Any, field: str = "created_at", *, days: int = DAYS, count: Aggregate | None = None
) -> tuple[list[str], list[float]]:
    """How many rows fell on each of the last days, today last, with a label a day. Call inside `acting(actor)`.

    `count` takes the place of their number, such as a sum.
    """
    since = clock.now() - timedelta(days=days)
    shown = [(since + timedelta(days=n + 1)).date() for n in range(days)]
    counted = rows.filter(**{f"{field}__gte": since}).annotate(day=TruncDate(field)).values_list("day")
    found = dict(counted.annotate(n=count or Count("*")).order_by())
    return [day.strftime("%d.%m.") for day in shown], [float(found.get(day, 0)) for day in shown]


class Median(Aggregate):
    """The middle one of some durations, in hours; computed where the rows are."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM %(expressions)s) / 3600)"


def median_hours(rows: Any, later: str, earlier: str, *, newest: int) -> float:
    """The median of hours between two times, over the newest rows; 0 where there are none. Within `acting(actor)`."""
    # Keys are in the order of time.
    span = ExpressionWrapper(F(later) - F(earlier), output_field=DurationField())
    # Chosen before they are joined: otherwise all are, and then the newest are taken.
    chosen = list(rows.order_by("-pk").values_list("pk", flat=True)[:newest])
    among = rows.model.objects.filter(pk__in=chosen).annotate(span=span)
    found = among.aggregate(hours=Median("span", output_field=FloatField()))
    return round(max(0.0, found["hours"] or 0.0), 1)
