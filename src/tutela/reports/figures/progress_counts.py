"""Sums of report progress: whole months or weeks from stored rows, single days from reports.

The stored rows are written in the transaction of the change that they count. Both sources are read by one query, so
that a report that changes meanwhile is counted exactly once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, DateField, F, Q, QuerySet, Sum, Value

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.reports.models import Report, Span, Tally

OF = "span, begin, provider_id, country, kind, reached, released"
GATHER = f"""
WITH several AS (
  SELECT {OF} FROM reports_tally WHERE organisation_id = %(centre)s GROUP BY {OF} HAVING count(*) > 1
), gone AS (
  DELETE FROM reports_tally t USING several s WHERE t.organisation_id = %(centre)s AND t.span = s.span
    AND t.begin = s.begin AND t.provider_id = s.provider_id AND t.country = s.country AND t.kind = s.kind
    AND t.reached = s.reached AND t.released = s.released
  RETURNING t.*
)
INSERT INTO reports_tally (id, organisation_id, created_at, {OF}, reports)
SELECT gen_random_uuid(), %(centre)s, max(created_at), {OF}, sum(reports)
FROM gone GROUP BY {OF} HAVING sum(reports) <> 0
"""  # noqa: S608 - columns


@dataclass(frozen=True)
class Progress:
    """Number of reports with the same progress: the steps `reached`, and those `released` to everybody, as bits."""

    reached: int
    released: int
    reports: int


@dataclass(frozen=True)
class Whose:
    """Filter by providers, country and first kind.

    None means no filter; no country means Europol.
    """

    providers: Iterable[UUID] | None = None
    country: str | None = None
    kind: str | None = None

    def among(self, kind: str = "kind", path: str = "") -> Q:
        """Database filter; `kind` is the column's name, `path` leads to it from other rows."""
        said = {"provider_id__in": self.providers, "country": self.country, kind: self.kind}
        return Q(**{f"{path}{name}": value for name, value in said.items() if value is not None})

    def reports(self, path: str = "") -> Q:
        """Database filter for reports."""
        return self.among("kinds__0", path)


@dataclass(frozen=True)
class Days:
    """Days from the first to the one after the last."""

    begin: date
    after: date


@dataclass(frozen=True)
class Months:
    """Whole months from the first to the one after the last; None for what has no end."""

    begin: date | None
    after: date | None


@dataclass(frozen=True)
class Parts:
    """A time in parts: whole months, and days before and after them."""

    months: Months | None
    days: list[Days]


def parts(first: date | None, last: date | None) -> Parts:
    """The time from one day to another, both included; None has no end there."""
    begin, end = None, None
    if first is not None:
        begin = first if first.day == 1 else _next_month(first)
    if last is not None:
        after = last + timedelta(days=1)
        end = after.replace(day=1)
    if first is not None and last is not None and begin is not None and end is not None and begin >= end:
        return Parts(None, [Days(first, after)])
    days = [Days(first, begin)] if first and begin and first < begin else []
    days += [Days(end, after)] if end is not None and end < after else []
    return Parts(Months(begin, end), days)


def counted(first: date | None, last: date | None, whose: Whose) -> list[Progress]:
    """The reports of some days that repeat none, by how far they came. Call inside `acting(actor)`."""
    span = parts(first, last)
    asked = [_plain(one.begin, one.after, whose) for one in span.days]
    if span.months is not None:
        asked.append(_kept(Span.MONTH, span.months.begin, span.months.after, whose))
    return [Progress(*row) for row in _together(asked)]


def weekly(first: date, last: date, whose: Whose) -> dict[date, list[Progress]]:
    """Count the reports of each week, by its Monday, in the days from first to last only. Call inside `acting`."""
    begin, after = monday(first + timedelta(days=6)), last + timedelta(days=1)
    end = monday(after)
    days = [(first, begin), (end, after)] if begin <= end else [(first, after)]
    asked = [
        _plain(since, until, whose, week=Value(monday(since), DateField())) for since, until in days if since < until
    ]
    if begin < end:
        asked.append(_kept(Span.WEEK, begin, end, whose, week=F("begin")))
    found: dict[date, list[Progress]] = {}
    for week, reached, released, n in _together(asked) if asked else ():
        found.setdefault(week, []).append(Progress(reached, released, n))
    return found


def gather(actor: Actor) -> None:
    """Combine rows that are always added up. Concurrent readers and writers see the same sums."""
    with acting(actor), connection.cursor() as cursor:
        cursor.execute(GATHER, {"centre": actor.organisation_id})


def monday(day: date) -> date:
    """The first day of a day's week."""
    return day - timedelta(days=day.weekday())


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _together(asked: list[QuerySet[Any]]) -> QuerySet[Any]:
    """All of it by one question."""
    return asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0]


def _kept(span: Span, begin: date | None, end: date | None, whose: Whose, **also: Any) -> QuerySet[Any]:
    rows = Tally.objects.filter(whose.among(), span=span)
    rows = rows.filter(begin__gte=begin) if begin else rows
    rows = rows.filter(begin__lt=end) if end else rows
    return rows.order_by().annotate(**also).values_list(*also, "reached", "released").annotate(n=Sum("reports"))


def _plain(begin: date, end: date, whose: Whose, **also: Any) -> QuerySet[Any]:
    since, until = (datetime.combine(day, time(), UTC) for day in (begin, end))
    rows = Report.objects.filter(whose.reports(), duplicate_of=None, created_at__gte=since, created_at__lt=until)
    return rows.order_by().annotate(**also).values_list(*also, "reached", "released").annotate(n=Count("*"))
