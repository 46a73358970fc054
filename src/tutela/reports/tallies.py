"""How many reports came how far, added up: of whole months from the kept rows, of days at the ends from the reports.

The kept rows are written in the transaction of what they count. Both are read by one question, so that no report is
counted twice or not at all while it moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.reports.models import Report, Tally

GATHER = """
WITH several AS (
  SELECT month, provider_id, country, reached, released FROM reports_tally WHERE organisation_id = %(centre)s
  GROUP BY month, provider_id, country, reached, released HAVING count(*) > 1
), gone AS (
  DELETE FROM reports_tally t USING several s WHERE t.organisation_id = %(centre)s AND t.month = s.month
    AND t.provider_id = s.provider_id AND t.country = s.country AND t.reached = s.reached AND t.released = s.released
  RETURNING t.created_at, t.month, t.provider_id, t.country, t.reached, t.released, t.reports
)
INSERT INTO reports_tally
  (id, organisation_id, created_at, month, provider_id, country, reached, released, reports)
SELECT gen_random_uuid(), %(centre)s, max(created_at), month, provider_id, country, reached, released, sum(reports)
FROM gone GROUP BY month, provider_id, country, reached, released HAVING sum(reports) <> 0
"""


# What is counted: (how far, what of it everybody may know, how many).
type Counted = list[tuple[int, int, int]]


@dataclass(frozen=True)
class Parts:
    """A time in parts: whole months, the end not included, with None for what has no end; and days before and after."""

    months: tuple[date | None, date | None] | None
    days: list[tuple[date, date]]


def parts(first: date | None, last: date | None) -> Parts:
    """The time from one day to another, both included; None has no end there."""
    begin, end = None, None
    if first is not None:
        begin = first if first.day == 1 else _next_month(first)
    if last is not None:
        after = last + timedelta(days=1)
        end = after.replace(day=1)
    if first is not None and last is not None and begin is not None and end is not None and begin >= end:
        return Parts(None, [(first, after)])
    days = [(first, begin)] if first and begin and first < begin else []
    days += [(end, after)] if end is not None and end < after else []
    return Parts((begin, end), days)


def counted(first: date | None, last: date | None, among: Q) -> Counted:
    """The reports of some days that repeat none, by how far they came. `among` says of which provider and country.

    Call inside `acting(actor)`.
    """
    span = parts(first, last)
    asked = [_plain(begin, end, among) for begin, end in span.days]
    if span.months is not None:
        asked.append(_kept(*span.months, among))
    rows = asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0]
    return list(rows)


def gather(actor: Actor) -> None:
    """Make one row of those that are added up anyhow. Whoever reads or writes meanwhile sees the same sums."""
    with acting(actor), connection.cursor() as cursor:
        cursor.execute(GATHER, {"centre": actor.organisation_id})


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _kept(begin: date | None, end: date | None, among: Q) -> QuerySet[Any]:
    rows = Tally.objects.filter(among)
    rows = rows.filter(month__gte=begin) if begin else rows
    rows = rows.filter(month__lt=end) if end else rows
    return rows.order_by().values_list("reached", "released").annotate(n=Sum("reports"))


def _plain(begin: date, end: date, among: Q) -> QuerySet[Any]:
    since, until = (datetime.combine(day, time(), UTC) for day in (begin, end))
    rows = Report.objects.filter(among, duplicate_of=None, created_at__gte=since, created_at__lt=until)
    return rows.order_by().values_list("reached", "released").annotate(n=Count("*"))
