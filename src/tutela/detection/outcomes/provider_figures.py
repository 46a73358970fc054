"""Outcomes of reports sent to a Centre, by the week or month of their first sending.

- A report counts by the Centre's last message: forwarded, unfounded, returned, open. These four add up.
- "Asked" also counts every report about which the Centre ever asked a question, whatever its outcome.
- Shares of forwarded and unfounded reports refer to the decided ones, as the Centre counts them.
- The figures reveal no more than the Centre has told: during a hold a report keeps its earlier status.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Value

from tutela import clock
from tutela.detection.models import Draft, Service
from tutela.detection.models.reinstatements import GivenBack
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.report.completeness import QUESTIONS
from tutela.exchange.report.unfounded_reasons import UnfoundedReason, text_of
from tutela.organisations.people import directory

WEEKS, MONTHS = 13, 12
STANDS = {
    "relevant": "forwarded",
    "closed": "forwarded",
    "not_relevant": "unfounded",
    "refused": "back",
    "unproven": "back",
    "discarded": "back",
}
LACKING_SHOWN = 13


@dataclass(frozen=True)
class FigureFilter:
    """Filter by `week` or `month`, and optionally by a service's name and a Centre's id."""

    by: str = "week"
    service: str = ""
    recipient: str = ""


@dataclass(frozen=True)
class Period:
    """The reports that were sent first in a week or month beginning with a day: counts, and shares of one or None."""

    begins: date
    sent: int = 0
    forwarded: int = 0
    unfounded: int = 0
    back: int = 0
    open: int = 0
    asked: int = 0
    # These are counts among unfounded reports: users reinstated, and reports without a recorded answer.
    reinstated: int = 0
    to_reinstate: int = 0
    # Of how many it is known what they lacked, and how many fields they lacked together.
    known: int = 0
    lacked: int = 0

    @property
    def forwarded_share(self) -> float | None:
        decided = self.forwarded + self.unfounded
        return self.forwarded / decided if decided else None

    @property
    def unfounded_share(self) -> float | None:
        decided = self.forwarded + self.unfounded
        return self.unfounded / decided if decided else None

    @property
    def asked_share(self) -> float | None:
        return self.asked / self.sent if self.sent else None

    @property
    def reinstated_share(self) -> float | None:
        return self.reinstated / self.unfounded if self.unfounded else None

    @property
    def completeness(self) -> float | None:
        """The share of the useful questions that these reports answered."""
        return 1 - self.lacked / (QUESTIONS * self.known) if self.known else None


@dataclass(frozen=True)
class Counted:
    """A reason or a field: its code, a text of the catalogue (none for a field), how many reports, and their share."""

    code: str
    text: str
    reports: int
    share: float


@dataclass(frozen=True)
class FigureChart:
    """Data of a chart."""

    title: object
    labels: list[str]
    values: list[float]
    kind: str = "bars"


@dataclass(frozen=True)
class ProviderFigures:
    """Figures: periods (oldest first), total, reasons of unfounded reports, missing fields, filter choices."""

    periods: list[Period]
    total: Period
    reasons: list[Counted]
    lacking: list[Counted]
    services: list[str]
    recipients: list[tuple[str, str]]


def became(actor: Actor, wanted: FigureFilter) -> ProviderFigures:
    """Count. What is wanted and is no service or Centre of these reports counts none."""
    actor.require("detection.read")
    begins = _begins(wanted.by)
    with acting(actor):
        rows = list(_groups(begins))
        services = dict(Service.objects.values_list("pk", "name"))
    names = directory.names({row["sent_to"] for row in rows if row["sent_to"]})
    kept = [
        row
        for row in rows
        if (not wanted.service or services.get(row["service"]) == wanted.service)
        and (not wanted.recipient or str(row["sent_to"]) == wanted.recipient)
    ]
    by_day: dict[date, list[dict[str, Any]]] = {}
    for row in kept:
        by_day.setdefault(row["begins"], []).append(row)
    return ProviderFigures(
        [_period(day, by_day.get(day, ())) for day in begins],
        _period(begins[0], kept),
        _reasons(kept),
        _lacking(kept),
        sorted(set(services.values())),
        _named(rows, names),
    )


def drawn(title: object, found: Sequence[Counted], say: Callable[[str], str]) -> FigureChart:
    """Reasons or fields as lying bars; `say` puts a text of the catalogue into words."""
    labels = [say(one.text) if one.text else one.code for one in found]
    return FigureChart(title, labels, [float(one.reports) for one in found], "funnel")


def over_time(title: object, periods: Sequence[Period], value: Callable[[Period], float | None]) -> FigureChart:
    """A bar for each period; nothing to divide by is no bar."""
    shown = "%Y-%m" if len(periods) == MONTHS else "%m-%d"
    labels = [one.begins.strftime(shown) for one in periods]
    return FigureChart(title, labels, [round(value(one) or 0.0, 1) for one in periods])


def _begins(by: str) -> list[date]:
    """The first days of the periods, oldest first."""
    today = clock.now().astimezone(UTC).date()
    if by != "month":
        monday = today - timedelta(days=today.weekday())
        return [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    months = [today.year * 12 + today.month - 1 - n for n in reversed(range(MONTHS))]
    return [date(n // 12, n % 12 + 1, 1) for n in months]


def _groups(begins: Sequence[date]) -> Iterable[dict[str, Any]]:
    """Count reports that are equal in every counted field: a few hundred rows for a million, from one index.

    One query for each period, all sent at once, so that none sorts the rows of another.
    """
    moments = [datetime.combine(day, time(), UTC) for day in begins]
    names = ("sent_to", "service", "state", "asked", "why_not", "given_back", "lacking")
    asked = []
    for begin, end in zip(moments, [*moments[1:], None], strict=True):
        rows = Draft.objects.filter(sent_at__gte=begin, **({"sent_at__lt": end} if end else {}))
        asked.append(rows.order_by().values(*names).annotate(n=Count("*"), begun=Value(begin)))
    for row in asked[0].union(*asked[1:], all=True):
        yield {**row, "begins": row["begun"].date()}


def _period(begins: date, rows: Iterable[dict[str, Any]]) -> Period:
    sums = Counter[str]()
    for row in rows:
        n = row["n"]
        sums["sent"] += n
        sums[STANDS.get(row["state"], "open")] += n
        sums["asked"] += n * row["asked"]
        if row["state"] == "not_relevant":
            sums["reinstated"] += n * (row["given_back"] == GivenBack.REINSTATED)
            sums["to_reinstate"] += n * (not row["given_back"])
        if row["lacking"] is not None:
            sums["known"] += n
            sums["lacked"] += n * len(row["lacking"])
    return Period(begins, **sums)


def _reasons(rows: Iterable[dict[str, Any]]) -> list[Counted]:
    counted, order = Counter[str](), ["", *UnfoundedReason]
    for row in rows:
        if STANDS.get(row["state"]) == "unfounded":
            counted[row["why_not"]] += row["n"]
    found = sorted(counted.items(), key=lambda pair: (-pair[1], order.index(pair[0])))
    return [Counted(code or "none", text_of(code), n, n / counted.total()) for code, n in found]


def _lacking(rows: Iterable[dict[str, Any]]) -> list[Counted]:
    counted, known = Counter[str](), 0
    for row in rows:
        if row["lacking"] is not None:
            known += row["n"]
            counted.update(dict.fromkeys(row["lacking"], row["n"]))
    found = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:LACKING_SHOWN]
    return [Counted(field, "", n, n / known) for field, n in found]


def _named(rows: Iterable[dict[str, Any]], names: dict[UUID, str]) -> list[tuple[str, str]]:
    ids = {row["sent_to"] for row in rows if row["sent_to"]}
    return sorted(((str(one), names.get(one, str(one))) for one in ids), key=lambda pair: pair[1])
