"""From a report to a conviction: how many reports came how far, each figure with the reports that it counts.

- Reports are counted, not repetitions of them and not people; children have a figure of their own (`children`).
- Only referrals that stand count.
- A later step of an investigation implies the earlier ones, so that the steps never rise: whoever is convicted was
  charged, whoever is charged was identified, and all of it was taken up. That a victim was identified and safeguarded
  is a branch of its own beside them: a conviction does not imply it.
- A step counts as published only where its authority released it for statistics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.reports.models import Outcome, Report
from tutela.reports.standing import standing_referrals

# Each step with the outcomes that prove it: its own and whatever implies it.
PROOFS: dict[str, tuple[str, ...]] = {
    "taken_up": ("taken_up", "person_identified", "victim_identified", "charged", "convicted"),
    "person_identified": ("person_identified", "charged", "convicted"),
    "victim_identified": ("victim_identified",),
    "charged": ("charged", "convicted"),
    "convicted": ("convicted",),
}
STEPS = ("report", "referred", *PROOFS)
STATISTICS = "statistics"
MOST_IDS = 50_000


@dataclass(frozen=True)
class Wanted:
    """Reports received in a time, both days included; empty fields do not restrict."""

    since: date | None = None
    until: date | None = None
    provider: str = ""
    country: str = ""


@dataclass(frozen=True)
class Step:
    """A step, how many reports came so far, and how many of those may be told to everybody."""

    name: str
    reports: int
    released: int | None


@dataclass(frozen=True)
class Funnel:
    """The steps in their order, and as a chart."""

    steps: list[Step]
    title: object = ""
    kind: str = "funnel"
    labels: list[str] = field(default_factory=list)

    @property
    def values(self) -> list[float]:
        return [float(step.reports) for step in self.steps]


def funnel(actor: Actor, wanted: Wanted) -> Funnel:
    """How many of the wanted reports came how far."""
    actor.require("reports.read")
    with acting(actor):
        counted = [Step(name, *_counts(name, wanted)) for name in STEPS]
    return Funnel(counted)


def reports(actor: Actor, step: str, wanted: Wanted) -> list[list[Any]]:
    """The reports that a figure counts, as lines of a table with its head, oldest first. Raises `NotFound`."""
    actor.require("reports.read")
    if step not in STEPS:
        raise NotFound
    columns = ("report_id", "number", "created_at", "provider_name", "country", "state")
    with acting(actor):
        rows = reached(step, wanted).order_by("created_at").values_list(*columns)[:MOST_IDS]
        lines = [[str(row[0]), row[1], row[2].isoformat(), *row[3:]] for row in rows]
    return [[*columns], *lines]


def as_csv(found: Iterable[Step]) -> list[list[Any]]:
    """The figures as lines of a table, with its head."""
    lines = [[one.name, one.reports, "" if one.released is None else one.released] for one in found]
    return [["step", "reports", "released_for_statistics"], *lines]


def _counts(step: str, wanted: Wanted) -> tuple[int, int | None]:
    released = reached(step, wanted, released=True).count() if step in PROOFS else None
    return reached(step, wanted).count(), released


def reached(step: str, wanted: Wanted, *, released: bool = False) -> QuerySet[Report]:
    """The wanted reports that came as far as a step; `released` those of which everybody may know. Within `acting`."""
    rows = _wanted(wanted)
    if step == "report":
        return rows
    standing = standing_referrals().filter(report=OuterRef("pk"))
    if step == "referred":
        return rows.filter(Exists(standing))
    proof = Outcome.objects.filter(referral=OuterRef("pk"), kind__in=PROOFS[step])
    if released:
        proof = proof.filter(release=STATISTICS)
    return rows.filter(Exists(standing.filter(Exists(proof))))


def _wanted(wanted: Wanted) -> QuerySet[Report]:
    among = Q(duplicate_of=None)
    if wanted.since:
        among &= Q(created_at__gte=datetime.combine(wanted.since, time(), UTC))
    if wanted.until:
        among &= Q(created_at__lt=datetime.combine(wanted.until + timedelta(days=1), time(), UTC))
    if wanted.provider:
        among &= Q(provider_name__icontains=wanted.provider)
    if wanted.country:
        among &= Q(country="" if wanted.country == "Europol" else wanted.country.upper())
    return Report.objects.filter(among)
