"""Rows per day and median durations, for the small charts of start pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, FloatField, QuerySet, Subquery
from django.db.models.functions import TruncDate

from tutela import clock

DAYS_SHOWN = 14


def first_shown(days: int = DAYS_SHOWN) -> datetime:
    """The beginning, in UTC, of the first of the last days, today last: what is counted since then is what is shown."""
    return datetime.combine(clock.now().astimezone(UTC).date() - timedelta(days=days - 1), time.min, UTC)


def per_day(
    rows: Any, field: str = "created_at", *, days: int = DAYS_SHOWN, count: Aggregate | None = None
) -> tuple[list[str], list[float]]:
    """The number of rows on each of the last days, today last, with a label per day. Call inside `acting(actor)`.

    `count` replaces their number, for example by a sum.
    """
    counted = rows.filter(**{f"{field}__gte": first_shown(days)}).annotate(day=TruncDate(field)).values_list("day")
    return shown(dict(counted.annotate(n=count or Count("*")).order_by()), days)


def shown(counted: Mapping[date, int], days: int = DAYS_SHOWN) -> tuple[list[str], list[float]]:
    """Counts of each of the last days, today last, with a label per day."""
    every = [first_shown(days).date() + timedelta(days=n) for n in range(days)]
    return [day.strftime("%m-%d") for day in every], [float(counted.get(day, 0)) for day in every]


class Median(Aggregate):
    """The middle one of some durations, in hours; computed where the rows are."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM %(expressions)s) / 3600)"


def median_hours(rows: Any, later: str, earlier: QuerySet[Any], *, newest: int) -> float:
    """Median of the hours between two times in the newest rows, of those that have both; 0 if there are none.

    `earlier` is the row of another table, queried for each row: a join would read all rows before taking the newest.
    Call inside `acting(actor)`.
    """
    # Keys are in the order of time.
    span = ExpressionWrapper(F(later) - Subquery(earlier[:1]), output_field=DurationField())
    chosen = rows.order_by("-pk").annotate(span=span).values("span")[:newest]
    found = chosen.aggregate(hours=Median("span", output_field=FloatField()))
    return round(max(0.0, found["hours"] or 0.0), 1)
