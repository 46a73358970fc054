"""Pages of figures: funnel to a conviction, volumes by week, quality of each provider's reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.exchange.report.sections import MaterialKind
from tutela.organisations.people import directory
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import (
    FIELDS,
    Arranged,
    Column,
    arranged,
    as_file,
    streamed,
    table,
)
from tutela.organisations.web.page_access import page
from tutela.reports.figures import funnel, funnel_by_week, provider_quality, safeguarded_children, volumes
from tutela.reports.figures.progress_counts import monday
from tutela.reports.models import Dimension
from tutela.reports.web import figure_files

KINDS = [one.value for one in MaterialKind]


def _figure(name: str, week: funnel_by_week.Week) -> object:
    return week.of(name)


PROVIDERS: tuple[Column[provider_quality.ProviderLine], ...] = (
    Column("provider", gettext_lazy("Provider"), lambda one: one.name),
    Column("reports", gettext_lazy("Reports"), lambda one: one.reports, number=True),
    Column("duplicates", gettext_lazy("Duplicates"), lambda one: one.duplicate_share, number=True),
    Column("urgent", gettext_lazy("Urgent"), lambda one: one.urgent, number=True),
    Column("completeness", gettext_lazy("Completeness"), lambda one: one.completeness, number=True),
    Column("decided", gettext_lazy("Decided"), lambda one: one.decided, number=True),
    Column("relevant", gettext_lazy("Relevant"), lambda one: one.relevant_share, number=True),
    Column("unfounded", gettext_lazy("Unfounded"), lambda one: one.unfounded_share, number=True),
)
REASONS: tuple[Column[provider_quality.UnfoundedCount], ...] = (
    Column("reason", gettext_lazy("Why"), lambda one: one.code or "none", shown=lambda one: _(one.text)),
    Column("reports", gettext_lazy("Reports"), lambda one: one.reports, number=True),
    Column("share", gettext_lazy("Share"), lambda one: round(one.share, 3), number=True),
)
VOLUMES: tuple[Column[volumes.VolumeLine], ...] = (
    Column("value", gettext_lazy("Value"), lambda one: one.label),
    Column("sum", gettext_lazy("Total"), lambda one: one.total, number=True),
)
STEP_NAMES = {
    "report": gettext_lazy("Received"),
    "referred": gettext_lazy("Referred"),
    "taken_up": gettext_lazy("Taken up"),
    "person_identified": gettext_lazy("Person identified"),
    "charged": gettext_lazy("Charged"),
    "convicted": gettext_lazy("Convicted"),
    "victim_identified": gettext_lazy("Victim safeguarded"),
}
FIGURES = {**STEP_NAMES, "children": gettext_lazy("Children safeguarded")}
# Of the funnel by week: the week, and each figure of it.
WEEKS: tuple[Column[funnel_by_week.Week], ...] = (
    Column("week", gettext_lazy("Week"), lambda one: one.monday),
    *(Column(name, label, partial(_figure, name), number=True) for name, label in FIGURES.items()),
)
LATEST = date(9998, 12, 31)
FUNNEL = "since until provider country kind"
saved_views.offer("report_funnel", "reports.read", FUNNEL)
saved_views.offer("report_funnel_weeks", "reports.read", f"{FUNNEL} {FIELDS}")
saved_views.offer("report_volumes", "reports.read", f"by {FIELDS}")
saved_views.offer("report_providers", "reports.read", FIELDS)


@page("reports.read")
def to_conviction(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Page of the number of reports that reached each step."""
    if as_file(request.GET):
        return redirect(f"{reverse('report_funnel_csv')}?{request.GET.urlencode()}")
    wanted = _wanted(request)
    found = funnel.funnel(actor, wanted)
    titles = {"prosecution": _("From report to conviction"), "victims": _("From report to child safeguarded")}
    charts = [replace(one, title=titles[one.name], labels=_labels(one)) for one in found.branches]
    safeguarded = safeguarded_children.count(actor, wanted, found.of(safeguarded_children.STEP))
    context = {"found": found, "charts": charts, "wanted": wanted, "children": safeguarded, "kinds": KINDS}
    return render(request, "reports/figures/funnel.html", context)


@page("reports.read")
def by_week_to_conviction(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Page of the steps that the reports of each week reached."""
    wanted = _wanted(request)
    found = funnel_by_week.weekly(actor, wanted)
    order = arranged(request.GET, found.weeks, WEEKS)
    if as_file(request.GET):
        return table("funnel-by-week.csv", figure_files.week_lines(order.rows))
    context = {
        "found": found,
        "order": order,
        "charts": funnel_by_week.charts(found, FIGURES),
        "wanted": wanted,
        "kinds": KINDS,
        "most": funnel_by_week.MOST,
        "names": [*FIGURES],
    }
    return render(request, "reports/figures/funnel_by_week.html", context)


@page("reports.read")
def funnel_csv(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The figures as a file; with `step`, the reports that one of them counts; with `week`, those of that week."""
    wanted, step, week = _wanted(request), request.GET.get("step", ""), _day(request, "week")
    if step == "children":
        return table("safeguarded-children.csv", figure_files.child_lines(_children(actor, wanted, week)))
    wanted = funnel_by_week.of_week(wanted, week) if week else wanted
    if step:
        return streamed(f"funnel-{step}.csv"[:60], figure_files.report_lines(funnel.reports(actor, step, wanted)))
    return table("funnel.csv", figure_files.funnel_lines(funnel.funnel(actor, wanted).steps))


@page("reports.read")
def by_week(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Volumes by Member State, provider or kind."""
    by, (found, order) = _dimension(request), _volumes(request, actor)
    if as_file(request.GET):
        return table(f"reports-by-{by}.csv", figure_files.volume_lines(found))
    context = {"found": found, "order": order, "by": by, "dimensions": Dimension.choices}
    return render(request, "reports/figures/volumes.html", context)


@page("reports.read")
def providers(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The quality of each provider's reports."""
    found = arranged(request.GET, provider_quality.providers(actor), PROVIDERS)
    if as_file(request.GET):
        return table("providers.csv", figure_files.provider_lines(found.rows))
    every = provider_quality.reasons(actor)
    why = _why(request, every)
    if as_file(request.GET, why.prefix):
        return why.csv("unfounded.csv")
    context = {
        "found": found,
        "rows": found.rows,
        "days": provider_quality.DAYS_COUNTED,
        "why": why,
        "why_chart": _drawn(every),
    }
    return render(request, "reports/figures/providers.html", context)


@page("reports.read")
def provider(request: HttpRequest, actor: Actor, organisation: UUID) -> HttpResponse:
    """Page of one provider: information missing in its reports, over time, and reasons for unfounded ones."""
    found = provider_quality.provider(actor, organisation)
    why = _why(request, found.reasons)
    if as_file(request.GET, why.prefix):
        return why.csv("unfounded.csv")
    context = {
        "found": found,
        "name": directory.entry(organisation).name,
        "days": provider_quality.DAYS_COUNTED,
        "why": why,
        "why_chart": _drawn(found.reasons),
    }
    return render(request, "reports/figures/provider.html", context)


def _children(actor: Actor, wanted: funnel.FunnelFilter, week: date | None) -> list[safeguarded_children.ChildLine]:
    return safeguarded_children.lines(actor, wanted, week and monday(week))


def _why(
    request: HttpRequest, found: list[provider_quality.UnfoundedCount]
) -> Arranged[provider_quality.UnfoundedCount]:
    return arranged(request.GET, found, REASONS, "why-")


def _drawn(found: list[provider_quality.UnfoundedCount]) -> provider_quality.Chart:
    return provider_quality.drawn(found, _("Unfounded, by reason"), _)


def _volumes(request: HttpRequest, actor: Actor) -> tuple[volumes.Table, Arranged[volumes.VolumeLine]]:
    """The table that is asked for, and how it is arranged: the chart draws what is found."""
    every = volumes.by_week(actor, _dimension(request))
    order = arranged(request.GET, every.rows, VOLUMES)
    return replace(every, rows=order.rows, title=_("Reports by week")), order


def _labels(branch: funnel.Branch) -> list[str]:
    return [str(STEP_NAMES[step.name]) for step in branch.steps]


def _dimension(request: HttpRequest) -> str:
    asked = request.GET.get("by", "")
    return asked if asked in Dimension.values else Dimension.COUNTRY.value


def _wanted(request: HttpRequest) -> funnel.FunnelFilter:
    country, kind = request.GET.get("country", "").strip(), request.GET.get("kind", "")
    return funnel.FunnelFilter(
        _day(request, "since"),
        _day(request, "until"),
        request.GET.get("provider", ""),
        country,
        kind if kind in KINDS else "",
    )


def _day(request: HttpRequest, name: str) -> date | None:
    """A day that has a month after it, as far away as it may be."""
    try:
        return min(date.fromisoformat(request.GET.get(name, "")), LATEST)
    except ValueError:
        return None
