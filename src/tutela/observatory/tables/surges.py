"""Surges of reports, computed from the published totals of weeks alone: everybody can compute them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tutela.observatory.tables.flows import FlowTable
from tutela.observatory.tables.store import WEEK, Week, week_name
from tutela.reports.figures import surge_detection
from tutela.reports.figures.surge_detection import Rise

WEEKS_SHOWN = 26
_BEFORE = surge_detection.BEFORE // surge_detection.WINDOW


@dataclass(frozen=True)
class SurgeWeek:
    """A week with its published total, and the rise if it was a surge.

    `reports` is None for what is not published. `judged` is false where the weeks before do not permit a statement.
    """

    monday: date
    reports: int | None
    rise: Rise | None = None
    judged: bool = False

    @property
    def name(self) -> str:
        """The week by ISO 8601, such as `2026-W47`."""
        return week_name(self.monday)


def surge_weeks(newest_first: Sequence[Week[FlowTable]]) -> list[SurgeWeek]:
    """The newest weeks in the order of time.

    - A week without a table is not known, nor is one that is withheld. A week without a report has a table with zero.
    - A week is judged by the four weeks before it. Nothing is said of a surge if one of the five is not known.
    - At the beginning of the tables a week is judged by as many weeks as there are. The first week is not judged.
    """
    if not newest_first:
        return []
    known = {one.monday: one.table.total for one in newest_first}
    first, last = min(known), max(known)
    mondays = [first + n * WEEK for n in range((last - first) // WEEK + 1)]
    totals = [known.get(one) for one in mondays]
    return [_judged(monday, totals[max(0, n - _BEFORE) : n + 1]) for n, monday in enumerate(mondays)][-WEEKS_SHOWN:]


def _judged(monday: date, totals: Sequence[int | None]) -> SurgeWeek:
    """The last of these weeks, next to those before."""
    counted = [one for one in totals if one is not None]
    if len(totals) < 2 or len(counted) < len(totals):
        return SurgeWeek(monday, totals[-1])
    # The rule is one of days: a week's total stands on its first.
    daily = [count for total in counted for count in (total, *[0] * (surge_detection.WINDOW - 1))]
    return SurgeWeek(monday, totals[-1], surge_detection.rise(daily), judged=True)
