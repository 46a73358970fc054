"""Count safeguarded children: each once, however many reports led to it.

- A child is an authority's pseudonym. Two authorities that safeguard the same child count it twice, and the page says
  so.
- By week a child counts in the week of the first of its selected reports, and in no other.
- Only valid referrals count, as in the funnel, whose selected reports these are.
- An outcome that names no child is shown separately: the number of its children is unknown, and nothing is added for
  it.
- A child is published only if an outcome that names it was released for statistics.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date
from typing import NamedTuple
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.list_access import every
from tutela.events.sql import these
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.reports.figures import funnel
from tutela.reports.figures.funnel import FunnelFilter, among
from tutela.reports.figures.progress_counts import monday
from tutela.reports.models import Report, SafeguardedChild
from tutela.reports.state.progress import STATISTICS
from tutela.reports.state.status import standing_referrals

STEP = "victim_identified"


@dataclass(frozen=True)
class Children:
    """Children, each counted once; how many may be published; and the number of reports that name none."""

    children: int
    released: int
    reports: int
    reports_without: int


@dataclass(frozen=True)
class WeekChildren:
    """Number of children counted in a week, and how many may be published."""

    children: int
    released: int


@dataclass(frozen=True)
class ChildLine:
    """A child by its place in a list, with its authority and the reports that led to it.

    `released`: whether it may be published. Contains no pseudonym.
    """

    number: int
    authority: str
    released: bool
    report_ids: list[str]


class _Named(NamedTuple):
    """A child that an outcome names: whose, its pseudonym, how far the outcome may travel, its report's key and day."""

    authority: UUID
    pseudonym: str
    release: str
    report: UUID
    day: date

    @property
    def child(self) -> tuple[UUID, str]:
        return self.authority, self.pseudonym


def count(actor: Actor, wanted: FunnelFilter, reports: int | None = None) -> Children:
    """Count the children of the wanted reports. `reports`: how many reports reached the step, if already known."""
    actor.require("reports.read")
    with acting(actor):
        rows = _named(wanted)
        reports = funnel.count(STEP, wanted) if reports is None else reports
    children, released = {row.child for row in rows}, _released(rows)
    # An outcome that names a child is one of the step, so that these are some of the reports.
    return Children(len(children), len(released), reports, reports - len({row.report for row in rows}))


def weekly(actor: Actor, wanted: FunnelFilter) -> dict[date, WeekChildren]:
    """Children by the week (its Monday) of their first wanted report, and how many may be published."""
    actor.require("reports.read")
    with acting(actor):
        rows = _named(wanted)
    released, counted, told = _released(rows), Counter[date](), Counter[date]()
    for child, week in _weeks(rows).items():
        counted[week] += 1
        told[week] += child in released
    return {week: WeekChildren(many, told[week]) for week, many in counted.items()}


def lines(actor: Actor, wanted: FunnelFilter, week: date | None = None) -> list[ChildLine]:
    """Every child with the reports that led to it.

    With the Monday of a week those that count in it. A look at each of these reports, on record.
    """
    actor.require("reports.read")
    with acting(actor):
        rows = _named(wanted)
        if week is not None:
            weeks = _weeks(rows)
            rows = [row for row in rows if weeks[row.child] == week]
        names = directory.names(row.authority for row in rows)
        reports = Report.objects.filter(pk__in=these({row.report for row in rows}))
        id_of = dict(reports.values_list("pk", "report_id"))
        every(actor, "report", id_of.values(), form="csv", step="children")
    found: dict[tuple[UUID, str], tuple[set[str], set[str]]] = {}
    for row in rows:
        ids, releases = found.setdefault(row.child, (set(), set()))
        ids.add(str(id_of[row.report]))
        releases.add(row.release)
    return [
        ChildLine(number, names.get(key[0], "?"), STATISTICS in releases, sorted(ids))
        for number, (key, (ids, releases)) in enumerate(sorted(found.items(), key=lambda one: str(one[0])), 1)
    ]


def _released(rows: list[_Named]) -> set[tuple[UUID, str]]:
    return {row.child for row in rows if row.release == STATISTICS}


def _weeks(rows: list[_Named]) -> dict[tuple[UUID, str], date]:
    """The week of each child's first report, by its Monday."""
    found: dict[tuple[UUID, str], date] = {}
    for row in rows:
        found[row.child] = min(monday(row.day), found.get(row.child, date.max))
    return found


def _named(wanted: FunnelFilter) -> list[_Named]:
    """Children that outcomes of standing referrals of the wanted reports name.

    They are few, and everything else is many: all begins with them, whatever the database thinks.
    """
    columns = ("authority_id", "pseudonym", "outcome__release", "outcome__referral")
    rows = list(SafeguardedChild.objects.filter(outcome__kind=STEP).values_list(*columns))
    about = standing_referrals().filter(pk__in=these({row[3] for row in rows}))
    if wanted != FunnelFilter():  # what was referred repeats nothing
        about = about.filter(among(wanted, "report__"))
    report_of = {pk: (report, at) for pk, report, at in about.values_list("pk", "report", "report__created_at")}
    return [
        _Named(authority, pseudonym, release, report_of[referral][0], report_of[referral][1].astimezone(UTC).date())
        for authority, pseudonym, release, referral in rows
        if referral in report_of
    ]
