"""Figures of the desk: the funnel to a conviction, volumes by week, the quality of each provider's reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.organisations import directory
from tutela.organisations.web import page
from tutela.reports import children, funnel, quality, volumes
from tutela.reports.models import Dimension
from tutela.reports.tables import table


@page("reports.read")
def to_conviction(request: HttpRequest, actor: Actor) -> HttpResponse:
    """How many reports came how far."""
    wanted = _wanted(request)
    found = funnel.funnel(actor, wanted)
    shown = replace(found, title=_("From a report to a conviction"), labels=_labels())
    context = {"found": shown, "wanted": wanted, "children": children.count(actor, wanted)}
    return render(request, "reports/funnel.html", context)


@page("reports.read")
def funnel_csv(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The figures as a file; with `step`, the reports that one of them counts."""
    wanted, step = _wanted(request), request.GET.get("step", "")
    if step == "children":
        return table("safeguarded-children.csv", children.lines(actor, wanted))
    if step:
        return table(f"funnel-{step}.csv"[:60], funnel.reports(actor, step, wanted))
    return table("funnel.csv", funnel.as_csv(funnel.funnel(actor, wanted).steps))


@page("reports.read")
def by_week(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Volumes by Member State, provider or kind."""
    by = _dimension(request)
    found = replace(volumes.by_week(actor, by), title=_("Reports by week"))
    return render(request, "reports/volumes.html", {"found": found, "by": by, "dimensions": Dimension.choices})


@page("reports.read")
def volumes_csv(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The same as a file."""
    by = _dimension(request)
    return table(f"reports-by-{by}.csv", volumes.by_week(actor, by).as_csv())


@page("reports.read")
def providers(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The quality of each provider's reports."""
    return render(request, "reports/providers.html", {"rows": quality.providers(actor), "days": quality.DAYS})


@page("reports.read")
def providers_csv(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The same as a file."""
    return table("providers.csv", quality.as_csv(quality.providers(actor)))


@page("reports.read")
def provider(request: HttpRequest, actor: Actor, organisation: UUID) -> HttpResponse:
    """One provider: what its reports lack, over time."""
    name = directory.entry(organisation).name
    return render(request, "reports/provider.html", {"found": quality.provider(actor, organisation), "name": name})


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
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
