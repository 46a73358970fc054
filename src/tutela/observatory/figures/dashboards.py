"""Dashboards for everybody, from published figures alone: their speed does not depend on how many reports there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tutela.observatory.definitions.definition import Definition
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.figures.releases import ShownFigure, ShownRelease

FUNNEL = (
    "centre.reports.received",
    "centre.reports.relevant",
    "centre.reports.referred",
    "centre.reports.taken_up",
    "centre.reports.person_identified",
    "centre.reports.charged",
    "centre.reports.convicted",
)
VICTIMS = (*FUNNEL[:4], "centre.reports.victim_identified")


@dataclass(frozen=True)
class FigureChart:
    """Labels and values of a chart."""

    title: object
    labels: list[str]
    values: list[float]
    kind: str = "funnel"


@dataclass(frozen=True)
class FunnelDashboard:
    """Steps of the newest release of a Centre, with the definition of each."""

    release: ShownRelease
    steps: tuple[ShownFigure, ...]
    victims: tuple[ShownFigure, ...]

    @property
    def withheld(self) -> tuple[ShownFigure, ...]:
        """Steps whose number is not published."""
        return tuple(one for one in (*self.steps, *self.victims[-1:]) if one.value is None)

    def chart(self, steps: Sequence[ShownFigure], title: object) -> FigureChart:
        """A chart of the steps that are known; a withheld step is no bar of length zero."""
        known = [one for one in steps if one.value is not None]
        return FigureChart(title, [one.definition.title for one in known], [float(one.value or 0) for one in known])


@dataclass(frozen=True)
class SeriesPoint:
    """What one organisation published of one definition for a period, in its newest vintage."""

    organisation: str
    definition: Definition
    period: ReportingPeriod
    value: int | None
    published_at: datetime
    corrected: bool
    suspended: bool = False


def funnel(releases: Sequence[ShownRelease]) -> FunnelDashboard | None:
    """The funnel of the newest period that a Centre published; None without one."""
    centres = [one for one in releases if one.kind == "centre"]
    if not centres:
        return None
    newest = max(centres, key=lambda one: (one.period.end, one.number))
    figures = {one.definition.id: one for one in newest.figures}
    return FunnelDashboard(
        newest,
        tuple(figures[name] for name in FUNNEL if name in figures),
        tuple(figures[name] for name in VICTIMS if name in figures),
    )


def current(releases: Sequence[ShownRelease]) -> list[SeriesPoint]:
    """The newest period of each organisation; the dataset has all of them."""
    last: dict[str, ShownRelease] = {}
    for one in releases:
        known = last.setdefault(str(one.organisation_id), one)
        if (one.period.end, one.number) > (known.period.end, known.number):
            last[str(one.organisation_id)] = one
    shown = {(one.organisation_id, one.period) for one in last.values()}
    return newest_vintages([one for one in releases if (one.organisation_id, one.period) in shown])


def newest_vintages(releases: Sequence[ShownRelease]) -> list[SeriesPoint]:
    """Every figure once for each organisation and period: what it says now."""
    found: dict[tuple[str, str, ReportingPeriod], SeriesPoint] = {}
    for release in sorted(releases, key=lambda one: (one.published_at, one.number)):
        for figure in release.figures:
            key = str(release.organisation_id), figure.definition.key, release.period
            found[key] = SeriesPoint(
                release.organisation,
                figure.definition,
                release.period,
                figure.value,
                release.published_at,
                corrected=key in found,
                suspended=release.suspended,
            )
    return sorted(found.values(), key=lambda one: (one.organisation, one.definition.key, one.period))
