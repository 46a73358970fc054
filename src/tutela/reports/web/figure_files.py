"""CSV files of figures: lines of a table with its head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tutela.reports.figures.funnel import FunnelStep, ReachedReport
from tutela.reports.figures.funnel_by_week import Week
from tutela.reports.figures.provider_quality import ProviderLine
from tutela.reports.figures.safeguarded_children import ChildLine
from tutela.reports.figures.volumes import Table

type Lines = list[list[Any]]


def funnel_lines(steps: Iterable[FunnelStep]) -> Lines:
    """Table of the number of reports that reached each step."""
    return [["step", "branch", "reports", "released_for_statistics"], *map(_step, steps)]


def week_lines(weeks: Iterable[Week]) -> Lines:
    """Every figure of every week; children are counted as such."""
    lines: Lines = [["week", "step", "branch", "count", "released_for_statistics"]]
    for week in weeks:
        begin = week.monday.isoformat()
        lines += [[begin, *_step(one)] for one in week.steps]
        lines.append([begin, "children", "victims", week.children, week.released])
    return lines


def report_lines(found: Iterable[ReachedReport]) -> Iterator[list[Any]]:
    """The reports of a figure, one after the other."""
    yield ["report_id", "number", "created_at", "provider_name", "country", "state"]
    for one in found:
        yield [str(one.id), one.number, one.received.isoformat(), one.provider, one.country, one.state]


def child_lines(children: Iterable[ChildLine]) -> Lines:
    """Children with the reports that led to them."""
    head = ["child", "authority", "released_for_statistics", "reports", "report_ids"]
    return [
        head,
        *(
            [one.number, one.authority, "yes" if one.released else "no", len(one.report_ids), " ".join(one.report_ids)]
            for one in children
        ),
    ]


def volume_lines(found: Table) -> Lines:
    """Volumes by week; weeks by their Monday."""
    lines = [[one.label, *one.weeks, one.total] for one in found.rows]
    return [["value", *(week.isoformat() for week in found.weeks), "sum"], *lines]


def provider_lines(found: Sequence[ProviderLine]) -> Lines:
    """The quality of each provider's reports."""
    head = ["provider", "reports", "duplicates", "urgent", "completeness", "decided", "relevant", "unfounded"]
    rows = [
        [x.name, x.reports, x.duplicates, x.urgent, f"{x.completeness:.1f}", x.decided, x.relevant, x.unfounded]
        for x in found
    ]
    return [head, *rows]


def _step(one: FunnelStep) -> list[Any]:
    return [one.name, one.branch, one.reports, "" if one.released is None else one.released]
