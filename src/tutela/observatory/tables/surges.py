"""Surges of reports, computed from the published totals of weeks alone: everybody can compute them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tutela.observatory.tables.flows import FlowTable
from tutela.observatory.tables.store import WEEK, Week
from tutela.reports.figures import surge_detection
from tutela.reports.figures.surge_detection import Rise

WEEKS_SHOWN = 26


@dataclass(frozen=True)
class SurgeWeek:
    """A week with its published total, and the rise if it was a surge; None for what is not published."""

    monday: date
    name: str
    reports: int | None
    rise: Rise | None


def surge_weeks(newest_first: Sequence[Week[FlowTable]]) -> list[SurgeWeek]:
    """The newest weeks in the order of time."""
    weeks = list(reversed(newest_first))
    every = [SurgeWeek(one.monday, one.name, one.table.total, _rise(weeks[: n + 1])) for n, one in enumerate(weeks)]
    return every[-WEEKS_SHOWN:]


def _rise(weeks: Sequence[Week[FlowTable]]) -> Rise | None:
    """Whether the last of these weeks is a surge over the four before; None also if one of them is not known."""
    known = list[int]()
    for later, one in zip([None, *reversed(weeks)], reversed(weeks), strict=False):
        if one.table.total is None or (later is not None and later.monday - one.monday != WEEK):
            break
        known.insert(0, one.table.total)
        if len(known) > surge_detection.BEFORE // surge_detection.WINDOW:
            break
    # The rule is one of days: a week's total stands on its first.
    daily = [count for total in known for count in (total, *[0] * (surge_detection.WINDOW - 1))]
    return surge_detection.rise(daily)
