"""Weekly funnel from report to conviction: the present progress of the reports of each week.

- A week is that in which a report was received, from Monday, in UTC. Its steps count in this week whenever they were
  taken, so that a recent week shows less progress. Along each branch no week ever rises, as in the funnel.
- A child counts once: in the week of the first of the selected reports that led to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.reports.figures import funnel, progress_counts, safeguarded_children
from tutela.reports.figures.funnel import FunnelFilter, FunnelStep
from tutela.reports.figures.progress_counts import Progress, monday
from tutela.reports.figures.provider_quality import Chart
from tutela.reports.figures.safeguarded_children import WeekChildren

# This is the default number of weeks without a start date, and the maximum; both take the newest weeks.
WEEKS, MOST = 13, 53


@dataclass(frozen=True)
class Week:
    """A week by its Monday, with its steps and its children, and how many of these may be published."""

    monday: date
    steps: list[FunnelStep]
    children: int
    released: int

    @property
    def day(self) -> str:
        """Return the Monday in the form used in URLs."""
        return self.monday.isoformat()

    def of(self, name: str) -> int:
        """The number of reports that reached a step; or of children."""
        return self.children if name == "children" else next(one.reports for one in self.steps if one.name == name)


@dataclass(frozen=True)
class Weekly:
    """The weeks, the oldest first; `cut` where more were asked for than are shown."""

    weeks: list[Week]
    cut: bool


def weekly(actor: Actor, wanted: FunnelFilter) -> Weekly:
    """Count the steps reached by the wanted reports of each week: of the last weeks, or from the wanted day on."""
    actor.require("reports.read")
    first, last = _span(wanted)
    if first > last:
        return Weekly([], cut=False)
    with acting(actor):
        counted = progress_counts.weekly(first, last, funnel.whose(wanted))
    safeguarded = safeguarded_children.weekly(actor, wanted)
    begins = [monday(first) + timedelta(weeks=n) for n in range((last - monday(first)).days // 7 + 1)]
    none = WeekChildren(0, 0)
    weeks = [_week(begin, counted.get(begin, []), safeguarded.get(begin, none)) for begin in begins]
    return Weekly(weeks, cut=wanted.since is not None and wanted.since < first)


def of_week(wanted: FunnelFilter, week: date) -> FunnelFilter:
    """Restrict the filter to the week of a day."""
    begin = monday(week)
    end = begin + timedelta(days=6)
    return replace(wanted, since=max(wanted.since or begin, begin), until=min(wanted.until or end, end))


def charts(found: Weekly, titles: Mapping[str, object]) -> list[Chart]:
    """A chart of each figure that any week has."""
    labels = [week.monday.strftime("%m-%d") for week in found.weeks]
    drawn = [Chart(title, labels, [float(week.of(name)) for week in found.weeks]) for name, title in titles.items()]
    return [one for one in drawn if any(one.values)]


def _week(begin: date, counted: Sequence[Progress], safeguarded: WeekChildren) -> Week:
    return Week(begin, funnel.steps_of(counted), safeguarded.children, safeguarded.released)


def _span(wanted: FunnelFilter) -> tuple[date, date]:
    """Return the first and last day; the present week counts as a whole week, as in stored rows."""
    sunday = monday(clock.now().date()) + timedelta(days=6)
    last = min(wanted.until or sunday, sunday)
    weeks = WEEKS if wanted.since is None else MOST
    earliest = date.fromordinal(max(1, monday(last).toordinal() - 7 * (weeks - 1)))
    return max(wanted.since or earliest, earliest), last
