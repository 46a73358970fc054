"""Funnel from report to conviction: how many reports reached each step, and which reports.

- Reports are counted, without duplicates, and not people; children have a separate figure (`safeguarded_children`).
- Only valid referrals count.
- From "taken up" on there are two branches, and along each a later step implies the earlier ones, so that no branch
  ever rises. A convicted person was charged, a charged person was identified, and the report was taken up. A
  safeguarded victim also implies that the report was taken up. Neither branch implies the other: there are convictions
  without a known victim, and victims without a found offender.
- If a report names several kinds, the first counts, as in the volumes.
- A step counts as published only if its authority released it for statistics.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.list_access import listed
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.reports.figures import progress_counts
from tutela.reports.figures.progress_counts import Progress
from tutela.reports.models import Report
from tutela.reports.state import progress

STEM = ("report", "referred", "taken_up")
BRANCHES = {"prosecution": ("person_identified", "charged", "convicted"), "victims": ("victim_identified",)}
STEPS = (*STEM, *(step for steps in BRANCHES.values() for step in steps))
# The reports of a figure leave in such pieces; each is a question and an event of its own.
REPORTS_AT_ONCE = 500


@dataclass(frozen=True)
class FunnelFilter:
    """Reports received in a time, both days included; empty fields do not restrict."""

    since: date | None = None
    until: date | None = None
    provider: str = ""
    country: str = ""
    kind: str = ""


@dataclass(frozen=True)
class FunnelStep:
    """A step, the number of reports that reached it, and how many may be published; no branch before they part."""

    name: str
    reports: int
    released: int | None
    branch: str = ""


@dataclass(frozen=True)
class Branch:
    """The steps from a report to the end of a branch, as a chart."""

    name: str
    steps: list[FunnelStep]
    title: object = ""
    kind: str = "funnel"
    labels: list[str] = field(default_factory=list)

    @property
    def values(self) -> list[float]:
        return [float(step.reports) for step in self.steps]


@dataclass(frozen=True)
class Funnel:
    """The steps, branch after branch."""

    steps: list[FunnelStep]

    @property
    def branches(self) -> list[Branch]:
        """The branches, each with the steps before it."""
        return [Branch(name, [one for one in self.steps if one.branch in ("", name)]) for name in BRANCHES]

    def of(self, name: str) -> int:
        """The number of reports that reached a step."""
        return next(step.reports for step in self.steps if step.name == name)


@dataclass(frozen=True)
class ReachedReport:
    """A report counted in a figure; its country is empty if it is Europol's."""

    id: UUID
    number: str
    received: datetime
    provider: str
    country: str
    state: str


def funnel(actor: Actor, wanted: FunnelFilter) -> Funnel:
    """Count how many of the wanted reports reached each step."""
    actor.require("reports.read")
    with acting(actor):
        counted = _counted(wanted)
    return Funnel(steps_of(counted))


def steps_of(counted: Sequence[Progress]) -> list[FunnelStep]:
    """Every step with its figures."""
    steps = [FunnelStep("report", sum(one.reports for one in counted), None)]
    branch_of = {step: branch for branch, names in BRANCHES.items() for step in names}
    for name in STEPS[1:]:
        bit = progress.BITS[name]
        reached = sum(one.reports for one in counted if one.reached & bit)
        told = sum(one.reports for one in counted if one.released & bit)
        released = told if name in progress.PROOFS else None
        steps.append(FunnelStep(name, reached, released, branch_of.get(name, "")))
    return steps


def count(step: str, wanted: FunnelFilter) -> int:
    """The number of wanted reports that reached a step. Within `acting`."""
    return sum(one.reports for one in _counted(wanted) if one.reached & progress.BITS[step])


def reports(actor: Actor, step: str, wanted: FunnelFilter) -> Iterator[ReachedReport]:
    """Every report that a figure counts, oldest first; a look at each, on record.

    Raises `NotFound`.
    """
    actor.require("reports.read")
    if step not in STEPS:
        raise NotFound
    return _reports(actor, step, wanted)


def _reports(actor: Actor, step: str, wanted: FunnelFilter) -> Iterator[ReachedReport]:
    columns = ("report_id", "number", "created_at", "provider_name", "country", "state")
    after, page = Q(), 0
    while True:
        page += 1
        with acting(actor):
            found = _reached(step, wanted).filter(after).order_by("created_at", "pk")
            rows = list(found.values_list("pk", *columns)[:REPORTS_AT_ONCE])
            if rows or page == 1:
                listed(actor, "report", [row[1] for row in rows], page=page, form="csv", step=step)
        yield from (ReachedReport(*row[1:]) for row in rows)
        if len(rows) < REPORTS_AT_ONCE:
            return
        # With the plain bound an index begins where the piece before ended.
        last, at = rows[-1][0], rows[-1][3]
        after = Q(created_at__gte=at) & (Q(created_at__gt=at) | Q(pk__gt=last))


def _reached(step: str, wanted: FunnelFilter) -> QuerySet[Report]:
    """The wanted reports that came as far as a step. Within `acting`."""
    rows = _wanted(wanted)
    return rows if step == "report" else progress.those(rows, step)


def _wanted(wanted: FunnelFilter) -> QuerySet[Report]:
    return Report.objects.filter(among(wanted))


def _counted(wanted: FunnelFilter) -> list[Progress]:
    return progress_counts.counted(wanted.since, wanted.until, whose(wanted))


def among(wanted: FunnelFilter, path: str = "") -> Q:
    """Database filter for the wanted reports; `path` leads to them from other rows."""
    said: dict[str, object] = {"duplicate_of": None}
    if wanted.since:
        said["created_at__gte"] = datetime.combine(wanted.since, time(), UTC)
    if wanted.until:
        said["created_at__lt"] = datetime.combine(wanted.until + timedelta(days=1), time(), UTC)
    return Q(**{f"{path}{name}": value for name, value in said.items()}) & whose(wanted).reports(path)


def whose(wanted: FunnelFilter) -> progress_counts.Whose:
    """Filter for the wanted reports, regardless of their date. Within `acting`."""
    return progress_counts.Whose(
        providers=_providers_named(wanted.provider) if wanted.provider else None,
        country=("" if wanted.country == "Europol" else wanted.country.upper()) if wanted.country else None,
        kind=wanted.kind or None,
    )


def _providers_named(text: str) -> list[UUID]:
    """Providers whose current names match."""
    return [one.id for one in directory.list_organisations(text=text)]
