"""Figures of the desk: the funnel to a conviction, volumes by week, the quality of each provider's reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.organisations import directory, saved_views
from tutela.organisations.arranging import FIELDS, Arranged, Column, arranged, as_file, table
from tutela.organisations.web import page, page_number
from tutela.reports import children, funnel, quality, volumes
from tutela.reports.models import Dimension

PROVIDERS: tuple[Column[quality.Line], ...] = (
    Column("provider", gettext_lazy("Provider"), lambda one: one.name),
    Column("reports", gettext_lazy("Reports"), lambda one: one.reports, number=True),
    Column("duplicates", gettext_lazy("Repetitions"), lambda one: one.duplicate_share, number=True),
    Column("urgent", gettext_lazy("Urgent"), lambda one: one.urgent, number=True),
    Column("completeness", gettext_lazy("Completeness"), lambda one: one.completeness, number=True),
    Column("decided", gettext_lazy("Decided"), lambda one: one.decided, number=True),
    Column("relevant", gettext_lazy("Relevant"), lambda one: one.relevant_share, number=True),
    Column("unfounded", gettext_lazy("Unfounded"), lambda one: one.unfounded_share, number=True),
)
REASONS: tuple[Column[quality.Reason], ...] = (
    Column("reason", gettext_lazy("Why"), lambda one: one.code or "none", shown=lambda one: _(one.text)),
    Column("reports", gettext_lazy("Reports"), lambda one: one.reports, number=True),
    Column("share", gettext_lazy("Share"), lambda one: round(one.share, 3), number=True),
)
# Of volumes: a value, its weeks, its sum.
VOLUMES: tuple[Column[tuple[str, list[int], int]], ...] = (
    Column("value", gettext_lazy("Value"), lambda one: one[0]),
    Column("sum", gettext_lazy("Sum"), lambda one: one[2], number=True),
)  # fmt: skip
LATEST = date(9998, 12, 31)
saved_views.offer("report_funnel", "reports.read", "since until provider country")
saved_views.offer("report_volumes", "reports.read", f"by {FIELDS}")
saved_views.offer("report_providers", "reports.read", FIELDS)


@page("reports.read")
def to_conviction(request: HttpRequest, actor: Actor) -> HttpResponse:
    """How many reports came how far."""
    if as_file(request.GET):
        return redirect(f"{reverse('report_funnel_csv')}?{request.GET.urlencode()}")
    wanted = _wanted(request)
    found = funnel.funnel(actor, wanted)
    shown = replace(found, title=_("From a report to a conviction"), labels=_labels())
    safeguarded = children.count(actor, wanted, found.of(children.STEP))
    context = {"found": shown, "wanted": wanted, "children": safeguarded}
    return render(request, "reports/funnel.html", context)


@page("reports.read")
def funnel_csv(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The figures as a file; with `step`, the reports that one of them counts."""
    wanted, step = _wanted(request), request.GET.get("step", "")
    if step == "children":
        return table("safeguarded-children.csv", children.lines(actor, wanted))
    if step:
        file = page_number(request)
        part = f"-{file}" if file > 1 else ""
        return table(f"funnel-{step[:40]}{part}.csv", funnel.reports(actor, step, wanted, file))
    return table("funnel.csv", funnel.as_csv(funnel.funnel(actor, wanted).steps))


@page("reports.read")
def by_week(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Volumes by Member State, provider or kind."""
    by, (found, order) = _dimension(request), _volumes(request, actor)
    if as_file(request.GET):
        return table(f"reports-by-{by}.csv", found.as_csv())
    context = {"found": found, "order": order, "by": by, "dimensions": Dimension.choices}
    return render(request, "reports/volumes.html", context)


@page("reports.read")
def providers(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The quality of each provider's reports."""
    found = arranged(request.GET, quality.providers(actor), PROVIDERS)
    if as_file(request.GET):
        return table("providers.csv", quality.as_csv(found.rows))
    every = quality.reasons(actor)
    why = _why(request, every)
    if as_file(request.GET, why.prefix):
        return why.csv("unfounded.csv")
    context = {
        "found": found, "rows": found.rows, "days": quality.DAYS, "why": why, "why_chart": _drawn(every)
    }  # fmt: skip
    return render(request, "reports/providers.html", context)


@page("reports.read")
def provider(request: HttpRequest, actor: Actor, organisation: UUID) -> HttpResponse:
    """One provider: what its reports lack, over time, and why they were unfounded."""
    found = quality.provider(actor, organisation)
    why = _why(request, found.reasons)
    if as_file(request.GET, why.prefix):
        return why.csv("unfounded.csv")
    context = {
        "found": found, "name": directory.entry(organisation).name, "days": quality.DAYS, "why": why,
        "why_chart": _drawn(found.reasons),
    }  # fmt: skip
    return render(request, "reports/provider.html", context)


def _why(request: HttpRequest, found: list[quality.Reason]) -> Arranged[quality.Reason]:
    return arranged(request.GET, found, REASONS, "why-")


def _drawn(found: list[quality.Reason]) -> quality.Chart:
    return quality.drawn(found, _("Unfounded, by reason"), _)


def _volumes(request: HttpRequest, actor: Actor) -> tuple[volumes.Table, Arranged[tuple[str, list[int], int]]]:
    """The table that is asked for, and how it is arranged: the chart draws what is found."""
    every = volumes.by_week(actor, _dimension(request))
    order = arranged(request.GET, every.rows, VOLUMES)
    return replace(every, rows=order.rows, title=_("Reports by week")), order


def _labels() -> list[str]:
    return [
        _("Received"), _("Referred"), _("Taken up"), _("Person identified"), _("Victim safeguarded"), _("Charged"),
        _("Convicted"),
    ]  # fmt: skip


def _dimension(request: HttpRequest) -> str:
    asked = request.GET.get("by", "")
    return asked if asked in Dimension.values else Dimension.COUNTRY.value


def _wanted(request: HttpRequest) -> funnel.Wanted:
    country = request.GET.get("country", "").strip()
    return funnel.Wanted(_day(request, "since"), _day(request, "until"), request.GET.get("provider", ""), country)


def _day(request: HttpRequest, name: str) -> date | None:
    """A day that has a month after it, as far away as it may be."""
    try:
        return min(date.fromisoformat(request.GET.get(name, "")), LATEST)
    except ValueError:
        return None
