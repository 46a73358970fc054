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

from django.db.models import Q, QuerySet

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.recording import record
from tutela.reports import desk, reaching, tallies
from tutela.reports.models import Report

STEPS = ("report", *reaching.STEPS)
# So many reports stand in one file; a figure of more has several.
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

    @property
    def files(self) -> range:
        """The numbers of the files that name every one of its reports."""
        return range(1, max(1, -(-self.reports // MOST_IDS)) + 1)


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

    def of(self, name: str) -> int:
        """How many reports came to a step."""
        return next(step.reports for step in self.steps if step.name == name)


def funnel(actor: Actor, wanted: Wanted) -> Funnel:
    """How many of the wanted reports came how far."""
    actor.require("reports.read")
    with acting(actor):
        counted = _counted(wanted)
    steps = [Step("report", sum(n for _has, _told, n in counted), None)]
    for name, bit in reaching.BITS.items():
        reached = sum(n for has, _told, n in counted if has & bit)
        released = sum(n for _has, told, n in counted if told & bit)
        steps.append(Step(name, reached, released if name in reaching.PROOFS else None))
    return Funnel(steps)


def count(step: str, wanted: Wanted) -> int:
    """How many of the wanted reports came as far as a step. Within `acting`."""
    return sum(n for has, _told, n in _counted(wanted) if has & reaching.BITS[step])


def reports(actor: Actor, step: str, wanted: Wanted, file: int = 1) -> list[list[Any]]:
    """The reports that a figure counts, as lines of a table with its head, oldest first: those of one of its files.

    The look is recorded. Raises `NotFound`.
    """
    actor.require("reports.read")
    if step not in STEPS:
        raise NotFound
    columns = ("report_id", "number", "created_at", "provider_name", "country", "state")
    with acting(actor):
        rows = reached(step, wanted).order_by("created_at", "id").values_list(*columns)
        rows = rows[(file - 1) * MOST_IDS : file * MOST_IDS]
        lines = [[str(row[0]), row[1], row[2].isoformat(), *row[3:]] for row in rows]
        record(actor, "report.listed", "list", "report", form="csv", page=file, step=step, count=len(lines))
    return [[*columns], *lines]


def as_csv(found: Iterable[Step]) -> list[list[Any]]:
    """The figures as lines of a table, with its head."""
    lines = [[one.name, one.reports, "" if one.released is None else one.released] for one in found]
    return [["step", "reports", "released_for_statistics"], *lines]


def reached(step: str, wanted: Wanted) -> QuerySet[Report]:
    """The wanted reports that came as far as a step. Within `acting`."""
    rows = _wanted(wanted)
    return rows if step == "report" else reaching.those(rows, step)


def _wanted(wanted: Wanted) -> QuerySet[Report]:
    return Report.objects.filter(among(wanted))


def _counted(wanted: Wanted) -> tallies.Counted:
    return tallies.counted(wanted.since, wanted.until, Q(**_whose(wanted)))


def among(wanted: Wanted, path: str = "") -> Q:
    """What the wanted reports have in common; `path` leads to them from other rows."""
    said: dict[str, object] = {"duplicate_of": None, **_whose(wanted)}
    if wanted.since:
        said["created_at__gte"] = datetime.combine(wanted.since, time(), UTC)
    if wanted.until:
        said["created_at__lt"] = datetime.combine(wanted.until + timedelta(days=1), time(), UTC)
    return Q(**{f"{path}{name}": value for name, value in said.items()})


def _whose(wanted: Wanted) -> dict[str, object]:
    said: dict[str, object] = {}
    if wanted.provider:
        said["provider_id__in"] = desk.providers_named(wanted.provider)
    if wanted.country:
        said["country"] = "" if wanted.country == "Europol" else wanted.country.upper()
    return said
