"""Public dashboards of tables that are written once: each with definition, table, download and what is not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.casework.charts.tile_map import Tile, TileMap
from tutela.observatory.comparison import coverage_map
from tutela.observatory.definitions import catalogue
from tutela.observatory.figures import dashboards, releases
from tutela.observatory.figures.dashboards import FigureChart
from tutela.observatory.tables import removal_times, store, surges
from tutela.observatory.tables.flows import FlowTable
from tutela.observatory.tables.store import Week
from tutela.observatory.web.map_groups import group_of, sign_of
from tutela.organisations.web.page_access import public

# So many pairs of countries are drawn; the table has all of them.
MOST_DRAWN = 20
WEEKS_OFFERED = 53


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: its texts, the definitions of what it counts, the dataset to download, and what fills its page."""

    slug: str
    title: object
    lead: object
    definitions: tuple[str, ...]
    dataset: str
    made: Callable[[HttpRequest], dict[str, Any]]
    unknown: tuple[object, ...] = field(default=())


@public()
def dashboard(request: HttpRequest, dashboard: str) -> HttpResponse:
    """One dashboard."""
    found = DASHBOARDS.get(dashboard)
    if found is None:
        raise Http404
    context = {
        "dashboard": found,
        "dashboards": DASHBOARDS.values(),
        "definitions": [catalogue.definition(one) for one in found.definitions],
        **found.made(request),
    }
    return render(request, f"observatory/public/dashboards/{found.slug}.html", context)


def _funnel(request: HttpRequest) -> dict[str, Any]:
    found = dashboards.funnel(releases.everybody("centre"))
    if found is None:
        return {}
    charts = [
        found.chart(found.steps, _("From report to conviction")),
        found.chart(found.victims, _("From report to child safeguarded")),
    ]
    own = {one.definition.key for one in (*found.steps, *found.victims)}
    return {"funnel": found, "charts": charts, "definitions": [catalogue.definition(one) for one in sorted(own)]}


def _map(request: HttpRequest) -> dict[str, Any]:
    week, weeks = _chosen(request, store.flows(WEEKS_OFFERED))
    if week is None:
        return {}
    counted = [(one, week.table.to(one.state)) for one in coverage_map.grid()]
    tiles = tuple(
        Tile(one.state, one.row, one.column, _(group_of(count).text), sign_of(count), group_of(count).tone)
        for one, count in counted
    )
    rows = sorted((one.state, sign_of(count), _(group_of(count).text)) for one, count in counted)
    return {"week": week, "weeks": weeks, "map": TileMap(_("Reports by responsible Member State"), tiles), "rows": rows}


def _flows(request: HttpRequest) -> dict[str, Any]:
    week, weeks = _chosen(request, store.flows(WEEKS_OFFERED))
    if week is None:
        return {}
    return {"week": week, "weeks": weeks, "charts": [_pairs(week.table)], "lines": _lines(week.table)}


def _surges(request: HttpRequest) -> dict[str, Any]:
    weeks = surges.surge_weeks(store.flows())
    known = [one for one in weeks if one.reports is not None]
    chart = FigureChart(
        _("Reports by week"), [one.name for one in known], [float(one.reports or 0) for one in known], "bars"
    )
    return {"rows": weeks[::-1], "charts": [chart] if known else []}


def _quality(request: HttpRequest) -> dict[str, Any]:
    week, weeks = _chosen(request, store.quality(WEEKS_OFFERED))
    if week is None:
        return {}
    others = _("all others")
    names = [one.provider or others for one in week.table]
    shares = [(name, one.relevant_share) for name, one in zip(names, week.table, strict=True)]
    known = [(name, share) for name, share in shares if share is not None]
    charts = [
        FigureChart(_("Mean completeness (%)"), names, [float(one.completeness) for one in week.table]),
        FigureChart(
            _("Relevant, of the decided reports (%)"),
            [name for name, _share in known],
            [round(100 * share, 1) for _name, share in known],
        ),
    ]
    return {"week": week, "weeks": weeks, "charts": charts if names else [], "lines": week.table}


def _removal(request: HttpRequest) -> dict[str, Any]:
    quarters = removal_times.quarters()
    timed = [one for one in quarters if one.figures.median_hours is not None]
    chart = FigureChart(
        _("Median hours to the verified removal"),
        [f"{one.hotline}, {one.figures.first_week}" for one in timed],
        [float(one.figures.median_hours or 0) for one in timed],
    )
    return {"quarters": quarters[::-1], "charts": [chart] if timed else []}


def _chosen[T](request: HttpRequest, weeks: Sequence[Week[T]]) -> tuple[Week[T] | None, Sequence[Week[T]]]:
    """The week of the address, or the newest. An unknown week is no page."""
    wanted = request.GET.get("week", "")
    found = next((one for one in weeks if wanted in ("", one.name)), None)
    if wanted and found is None:
        raise Http404
    return found, weeks


def _pairs(table: FlowTable) -> FigureChart:
    """The largest published flows in alphabetical order: a chart ranks nobody."""
    pairs = [
        (f"{origin} → {to}", float(value))
        for origin, row in zip(table.origins, table.cells, strict=True)
        for to, value in zip(table.destinations, row, strict=True)
        if value
    ]
    largest = sorted(sorted(pairs, key=lambda one: (-one[1], one[0]))[:MOST_DRAWN])
    title = _("Reports from the provider's country to the responsible country")
    return FigureChart(title, [name for name, _value in largest], [value for _name, value in largest])


def _lines(table: FlowTable) -> list[tuple[str, list[int | None]]]:
    """Lines of the table with their totals, the total of all last."""
    lines = [
        (origin, [*row, total])
        for origin, row, total in zip(table.origins, table.cells, table.origin_totals, strict=True)
    ]
    return [*lines, (_("all"), [*table.destination_totals, table.total])]


_NO_ABUSE = gettext_lazy("How much abuse there is. Reports show who searches and who reports.")
DASHBOARDS = {
    one.slug: one
    for one in (
        Dashboard(
            "funnel",
            gettext_lazy("From a report to a child who is safe"),
            gettext_lazy("Each step counts reports, not persons. A recent report has had less time for later steps."),
            (),
            "published-figures",
            _funnel,
            (
                gettext_lazy("How many children are abused. No count of reports says it."),
                gettext_lazy("Which reports led to a conviction in most Member States. The returns have no link."),
            ),
        ),
        Dashboard(
            "map",
            gettext_lazy("Map of Member States"),
            gettext_lazy("Reports of a week by responsible Member State. The map is no ranking."),
            ("centre.reports.flow",),
            "report-flows",
            _map,
            (_NO_ABUSE, gettext_lazy("Where the child is. The responsible state is often that of the user.")),
        ),
        Dashboard(
            "flows",
            gettext_lazy("Flows between countries"),
            gettext_lazy("Reports of a week from the country of the provider to the responsible country."),
            ("centre.reports.flow",),
            "report-flows",
            _flows,
            (_NO_ABUSE, gettext_lazy("Where the material was made, and through which countries it passed.")),
        ),
        Dashboard(
            "surges",
            gettext_lazy("Surges"),
            gettext_lazy(
                "Reports by week. A surge is at least 2.5 times the usual number, and more than chance explains."
            ),
            ("centre.reports.surge",),
            "report-flows",
            _surges,
            (gettext_lazy("Why a surge happened. The Centre may explain it, and a number does not."),),
        ),
        Dashboard(
            "quality",
            gettext_lazy("Quality of reports by provider"),
            gettext_lazy("Duplicates, completeness and relevance of the reports of a week. It ranks no service."),
            ("centre.reports.quality",),
            "report-quality",
            _quality,
            (
                _NO_ABUSE,
                gettext_lazy("Reports that no provider sent. Nothing here counts what was not found."),
            ),
        ),
        Dashboard(
            "removal",
            gettext_lazy("Time to removal"),
            gettext_lazy("Hours from a hotline's first notice to the verified removal."),
            ("hotline.removal.hours",),
            "time-to-removal",
            _removal,
            (
                gettext_lazy("How long material was online before the first notice."),
                gettext_lazy("Whether copies are elsewhere. A reappearance counts only where it was seen."),
            ),
        ),
    )
}
