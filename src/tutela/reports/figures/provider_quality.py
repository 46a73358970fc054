"""Quality of each provider's reports: missing fields, share of duplicates, share of relevant ones.

The Centre sees which provider to contact, about which field, and why reports were unfounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q, Sum

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.report.unfounded_reasons import UnfoundedReason, text_of
from tutela.organisations.people import directory
from tutela.reports.figures.progress_counts import monday
from tutela.reports.models import Assessment, Decision, Report, Volume

DAYS_COUNTED = 90
# What is missing is read from so many of the newest reports.
MOST_ROWS_COUNTED = 1000
MISSING = """
SELECT regexp_replace(one->2->>'field', '\\.[0-9]+', '', 'g') AS field, count(DISTINCT r.id)
FROM (SELECT id, reasons FROM reports_report WHERE organisation_id = %s AND provider_id = %s
      ORDER BY created_at DESC LIMIT %s) r, jsonb_array_elements(r.reasons->'completeness') one
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12
"""


@dataclass(frozen=True)
class ProviderLine:
    """Statistics of a provider over the last days: counts, and shares of 1; None if there is nothing to divide by."""

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
    """Data for a chart of one figure over some weeks."""

    title: object
    labels: list[str]
    values: list[float]
    kind: str = "bars"


@dataclass(frozen=True)
class UnfoundedCount:
    """A reason for unfounded reports: a code (empty for old rows without codes), the number, and the share of all."""

    code: str
    text: str
    reports: int
    share: float


@dataclass(frozen=True)
class MissingField:
    """A field that reports lack, and how many."""

    field: str
    reports: int


@dataclass(frozen=True)
class Detail:
    """One provider: fields that its newest reports lack, with how many; reports a week; completeness a week."""

    line: ProviderLine | None
    missing: list[MissingField]
    of: int
    weeks: Chart
    completeness: Chart
    reasons: list[UnfoundedCount]


def providers(actor: Actor) -> list[ProviderLine]:
    """Every provider that filed within the last days, those that filed most first."""
    actor.require("reports.read")
    return _lines(actor, Q())


def _lines(actor: Actor, among: Q) -> list[ProviderLine]:
    since = clock.now() - timedelta(days=DAYS_COUNTED)
    with acting(actor):
        sums = {name: Sum(name) for name in ("reports", "duplicates", "urgent", "complete")}
        rows = Volume.objects.filter(among, day__gt=since.date()).values("provider_id").annotate(**sums)
        counted: list[Any] = list(rows.order_by("-reports"))
        forward = Count("decided_at", filter=Q(decision=Decision.FORWARD))
        # By name, so that the index of decisions by provider is read from the first day on, not from the beginning.
        named = Q(provider_id__in=[row["provider_id"] for row in counted])
        decisions = Report.objects.filter(named, duplicate_of=None, decided_at__gt=since).values_list("provider_id")
        decided = {row[0]: row[1:] for row in decisions.annotate(n=Count("*"), yes=forward).order_by()}
    names = directory.names(row["provider_id"] for row in counted)
    return [_line(row, names, decided.get(row["provider_id"], (0, 0))) for row in counted]


def provider(actor: Actor, provider_id: UUID) -> Detail:
    """One provider, over time."""
    actor.require("reports.read")
    line = next(iter(_lines(actor, Q(provider_id=provider_id))), None)
    now = monday(clock.now().date())
    weeks = [now - timedelta(weeks=n) for n in reversed(range(13))]
    with acting(actor):
        with connection.cursor() as cursor:
            cursor.execute(MISSING, [actor.organisation_id, provider_id, MOST_ROWS_COUNTED])
            missing = [MissingField(name, count) for name, count in cursor.fetchall() if name]
        of = len(Report.objects.filter(provider_id=provider_id).order_by().values("pk")[:MOST_ROWS_COUNTED])
        reasons = _reasons(provider_id)
        rows = Volume.objects.filter(provider_id=provider_id, day__gte=weeks[0])
        daily = list(rows.values_list("day").annotate(n=Sum("reports"), c=Sum("complete")).order_by())
    counts, complete = dict.fromkeys(weeks, 0), dict.fromkeys(weeks, 0)
    for day, n, c in daily:
        week = monday(day)
        counts[week], complete[week] = counts.get(week, 0) + n, complete.get(week, 0) + c
    labels = [week.strftime("%m-%d") for week in weeks]
    shares = [round(complete[w] / counts[w], 1) if counts[w] else 0.0 for w in weeks]
    return Detail(
        line, missing, of, Chart("", labels, [float(counts[w]) for w in weeks]), Chart("", labels, shares), reasons
    )


def reasons(actor: Actor, provider_id: UUID | None = None) -> list[UnfoundedCount]:
    """Reasons for unfounded reports of all providers, or of one, in the last days; the most frequent first."""
    actor.require("reports.read")
    with acting(actor):
        return _reasons(provider_id)


def drawn(found: Sequence[UnfoundedCount], title: object, say: Callable[[str], str]) -> Chart:
    """Reasons as lying bars; `say` puts a text of the catalogue into words."""
    return Chart(title, [say(one.text) for one in found], [float(one.reports) for one in found], "funnel")


def _reasons(provider_id: UUID | None) -> list[UnfoundedCount]:
    """Count the reasons of valid decisions; an undone decision does not count.

    A duplicate has no decision of its own.
    """
    since = clock.now() - timedelta(days=DAYS_COUNTED)
    rows = Assessment.objects.filter(
        decision=Decision.UNFOUNDED,
        created_at__gt=since,
        report__decision=Decision.UNFOUNDED,
        report__decided_at=F("created_at"),
        report__decided_at__gt=since,
        report__duplicate_of=None,
    )
    if provider_id is not None:
        rows = rows.filter(report__provider_id=provider_id)
    counted = dict(rows.order_by().values_list("reason_code").annotate(n=Count("*")))
    every = sum(counted.values())
    order = ["", *UnfoundedReason]
    return [
        UnfoundedCount(code, text_of(code), n, n / every)
        for code, n in sorted(counted.items(), key=lambda pair: (-pair[1], order.index(pair[0])))
    ]


def _line(row: dict[str, Any], names: dict[UUID, str], decided: tuple[int, ...]) -> ProviderLine:
    pk, reports, (n, yes) = row["provider_id"], row["reports"], decided
    return ProviderLine(
        pk,
        names.get(pk, str(pk)),
        reports,
        row["duplicates"],
        row["urgent"],
        row["complete"] / max(reports, 1),
        n,
        yes,
        n - yes,
    )
