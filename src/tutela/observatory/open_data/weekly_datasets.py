"""Datasets of the dashboards: flows and quality of reports by week, and times to removal by quarter."""

from __future__ import annotations

from datetime import date

from tutela.observatory.definitions.units import Missing
from tutela.observatory.open_data.dataset import Cell, Change, DataColumn, Dataset
from tutela.observatory.open_data.growth import Part
from tutela.observatory.tables import removal_times, store
from tutela.observatory.tables.flows import FlowTable
from tutela.observatory.tables.quality import QualityLine
from tutela.observatory.tables.removal_times import HotlineQuarter

TEXT, NUMBER, DECIMAL = "string", "integer", "double"
ALL = "all"
_BEGUN = date(2026, 11, 30)
_WEEK = DataColumn("week", "Week", TEXT, "Week by ISO 8601", required=True)
_MISSING = DataColumn("missing", "Missing", TEXT, "Code of a value that is not published")

FLOWS = Dataset(
    "report-flows",
    "Reports by country of the provider and responsible country",
    "Reports of each ISO week. The rows with `all` are the margins. A table is written once. If an older rule of "
    "disclosure protected it, the week has one row without a number.",
    (
        _WEEK,
        DataColumn("origin", "Origin", TEXT, "Country of the provider, or all", required=True),
        DataColumn("destination", "Destination", TEXT, "Responsible country, Europol, or all", required=True),
        DataColumn("reports", "Reports", NUMBER, "Empty if it is not published"),
        _MISSING,
    ),
    (),
    _BEGUN,
    "WEEKLY",
)
QUALITY = Dataset(
    "report-quality",
    "Quality of reports by provider",
    "Reports of each ISO week by provider. Providers with few reports are one line without a name. A week has no row "
    "if an older rule of disclosure protected its table.",
    (
        _WEEK,
        DataColumn("provider", "Provider", TEXT, "Name of the provider; empty for all others together"),
        DataColumn("reports", "Reports", NUMBER, "Reports received, duplicates included", required=True),
        DataColumn(
            "duplicates", "Duplicates", NUMBER, "Reports that repeat an earlier one; empty if 1 to 4, or all but 1 to 4"
        ),
        DataColumn("completeness", "Completeness", NUMBER, "Mean completeness in percent", required=True),
        DataColumn(
            "decided", "Decided", NUMBER, "Decided reports that repeat none; empty if fewer than 20, or all but 1 to 4"
        ),
        DataColumn(
            "relevant",
            "Relevant",
            NUMBER,
            "Those of `decided` that a person found relevant; empty if 1 to 4, or all but 1 to 4",
        ),
        DataColumn("low", "Low", DECIMAL, "Lower end of the exact interval of the share, 95 %"),
        DataColumn("high", "High", DECIMAL, "Upper end of the exact interval of the share, 95 %"),
    ),
    (),
    _BEGUN,
    "WEEKLY",
)
REMOVAL = Dataset(
    "time-to-removal",
    "Hours from the first notice to the verified removal",
    "Quarters of 13 ISO weeks by hotline: all, by hosting country and by provider. The last quarter of a year with 53 "
    "weeks has 14.",
    (
        DataColumn("hotline", "Hotline", TEXT, "Hotline that sent the notices", required=True),
        DataColumn("first_week", "First week", TEXT, "First ISO week of the quarter", required=True),
        DataColumn("last_week", "Last week", TEXT, "Last ISO week of the quarter", required=True),
        DataColumn("by", "By", TEXT, "all, country or provider", required=True),
        DataColumn("name", "Name", TEXT, "Country or provider; empty for all others together"),
        DataColumn("removed", "Removed", NUMBER, "Cases with a verified removal; empty if it is not published"),
        DataColumn("reappeared", "Reappeared", NUMBER, "Cases that reappeared; empty if it is not published"),
        DataColumn("median_hours", "Median hours", NUMBER, "Empty under 10 removals"),
        DataColumn("p90_hours", "p90 hours", NUMBER, "Empty under 10 removals"),
    ),
    (),
    _BEGUN,
    "QUARTERLY",
)


def flow_parts() -> list[Part]:
    """A part for each week, the oldest first."""
    return [Part(_flow_rows(one.name, one.table), Change(one.published, one.name)) for one in reversed(store.flows())]


def quality_parts() -> list[Part]:
    """A part for each week, the oldest first."""
    weeks = reversed(store.quality())
    return [
        Part(tuple(_quality_row(one.name, line) for line in one.table), Change(one.published, one.name))
        for one in weeks
    ]


def removal_parts() -> list[Part]:
    """A part for each quarter of a hotline, the oldest first."""
    return [_quarter(one) for one in removal_times.quarters()]


def flow_cells(table: FlowTable) -> list[tuple[str, str, int | None]]:
    """Origin, destination and count of every cell and margin; None is not published."""
    lines = [*zip(table.origins, table.cells, table.origin_totals, strict=True)]
    return [
        (origin, to, value)
        for origin, row, total in [*lines, (ALL, table.destination_totals, table.total)]
        for to, value in zip((*table.destinations, ALL), (*row, total), strict=True)
    ]


def _flow_rows(week: str, table: FlowTable) -> tuple[tuple[Cell, ...], ...]:
    return tuple((week, *one, Missing.SUPPRESSED.value if one[2] is None else None) for one in flow_cells(table))


def _quality_row(week: str, line: QualityLine) -> tuple[Cell, ...]:
    low, high = line.interval or (None, None)
    ends = (None if one is None else round(one, 4) for one in (low, high))
    counts = (line.reports, line.duplicates, line.completeness, line.decided, line.relevant)
    return (week, line.provider or None, *counts, *ends)


def _quarter(one: HotlineQuarter) -> Part:
    figures = one.figures
    begin = (one.hotline, figures.first_week, figures.last_week)
    every = (*begin, ALL, None, figures.removed, figures.reappeared, figures.median_hours, figures.p90_hours)
    lines = [
        (*begin, by, line.name or None, line.removed, line.reappeared, line.median_hours, line.p90_hours)
        for by, some in (("country", figures.countries), ("provider", figures.providers))
        for line in some
    ]
    year, _dash, week = figures.last_week.partition("-W")
    at = date.fromisocalendar(int(year), int(week), 7)
    return Part((every, *lines), Change(at, f"{one.hotline}, {figures.first_week} to {figures.last_week}"))
