"""How good the reports of each provider are: what they lack, how many are repetitions, how many were relevant.

Here the Centre sees whom to talk to, and about which field.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, Sum

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.organisations import directory
from tutela.reports.models import Decision, Report, Volume

DAYS = 90
# What is missing is read from so many of the newest reports.
NEWEST = 1000
MISSING = """
SELECT regexp_replace(one->2->>'field', '\\.[0-9]+', '', 'g') AS field, count(DISTINCT r.id)
FROM (SELECT id, reasons FROM reports_report WHERE organisation_id = %s AND provider_id = %s
      ORDER BY created_at DESC LIMIT %s) r, jsonb_array_elements(r.reasons->'completeness') one
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12
"""


@dataclass(frozen=True)
class Line:
    """A provider over the last days: counts, and shares of one; None where there is nothing to divide by."""

    id: UUID
    name: str
    reports: int
    duplicates: int
    urgent: int
    completeness: float
    decided: int
    relevant: int
    unfounded: int

    @property
    def duplicate_share(self) -> float:
        return self.duplicates / max(self.reports, 1)

    @property
    def relevant_share(self) -> float | None:
        return self.relevant / self.decided if self.decided else None

    @property
    def unfounded_share(self) -> float | None:
        return self.unfounded / self.decided if self.decided else None


@dataclass(frozen=True)
class Chart:
    """Weeks of one provider, to be drawn."""

    title: object
    labels: list[str]
    values: list[float]
    kind: str = "bars"


@dataclass(frozen=True)
class Detail:
    """One provider: fields that its newest reports lack, with how many; reports a week; completeness a week."""

    line: Line | None
    missing: list[tuple[str, int]]
    of: int
    weeks: Chart
    completeness: Chart
    reasons: list[tuple[str, int]] = field(default_factory=list)


def providers(actor: Actor) -> list[Line]:
    """Every provider that filed within the last days, those that filed most first."""
    actor.require("reports.read")
    since = clock.now() - timedelta(days=DAYS)
    with acting(actor):
        sums = {name: Sum(name) for name in ("reports", "duplicates", "urgent", "complete")}
        rows = Volume.objects.filter(day__gt=since.date()).values("provider_id").annotate(**sums).order_by("-reports")
        counted: list[Any] = list(rows)
        forward = Count("decided_at", filter=Q(decision=Decision.FORWARD))
        decisions = Report.objects.filter(duplicate_of=None, decided_at__gt=since).values_list("provider_id")
        decided = {row[0]: row[1:] for row in decisions.annotate(n=Count("*"), yes=forward).order_by()}
    names = directory.names(row["provider_id"] for row in counted)
    return [_line(row, names, decided.get(row["provider_id"], (0, 0))) for row in counted]


def provider(actor: Actor, provider_id: UUID) -> Detail:
    """One provider, over time."""
    line = next((one for one in providers(actor) if one.id == provider_id), None)
    monday = clock.now().date() - timedelta(days=clock.now().weekday())
    weeks = [monday - timedelta(weeks=n) for n in reversed(range(13))]
    with acting(actor):
        with connection.cursor() as cursor:
            cursor.execute(MISSING, [actor.organisation_id, provider_id, NEWEST])
            missing = [(name, count) for name, count in cursor.fetchall() if name]
        of = len(Report.objects.filter(provider_id=provider_id).order_by().values("pk")[:NEWEST])
        rows = Volume.objects.filter(provider_id=provider_id, day__gte=weeks[0])
        daily = list(rows.values_list("day").annotate(n=Sum("reports"), c=Sum("complete")).order_by())
    counts, complete = dict.fromkeys(weeks, 0), dict.fromkeys(weeks, 0)
    for day, n, c in daily:
        week = day - timedelta(days=day.weekday())
        counts[week], complete[week] = counts.get(week, 0) + n, complete.get(week, 0) + c
    labels = [week.strftime("%d.%m.") for week in weeks]
    shares = [round(complete[w] / counts[w], 1) if counts[w] else 0.0 for w in weeks]
    return Detail(line, missing, of, Chart("", labels, [float(counts[w]) for w in weeks]), Chart("", labels, shares))


def as_csv(lines: list[Line]) -> list[list[Any]]:
    """The providers as lines of a table, with its head."""
    head = ["provider", "reports", "duplicates", "urgent", "completeness", "decided", "relevant", "unfounded"]
    rows = [
        [x.name, x.reports, x.duplicates, x.urgent, f"{x.completeness:.1f}", x.decided, x.relevant, x.unfounded]
        for x in lines
    ]
    return [head, *rows]


def _line(row: dict[str, Any], names: dict[UUID, str], decided: tuple[int, ...]) -> Line:
    pk, reports, (n, yes) = row["provider_id"], row["reports"], decided
    return Line(
        pk, names.get(pk, str(pk)), reports, row["duplicates"], row["urgent"], row["complete"] / max(reports, 1),
        n, yes, n - yes,
    )  # fmt: skip
