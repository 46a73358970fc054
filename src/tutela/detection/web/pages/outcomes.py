"""Page of report outcomes: over time, by reason, and by missing fields."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.detection.outcomes import provider_figures
from tutela.detection.outcomes.provider_figures import Counted, FigureFilter, Period
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file
from tutela.organisations.web.page_access import page

PERIODS: tuple[Column[Period], ...] = (
    Column("from", gettext_lazy("From"), lambda one: one.begins),
    Column("sent", gettext_lazy("Sent"), lambda one: one.sent, number=True),
    Column("forwarded", gettext_lazy("Relevant"), lambda one: one.forwarded, number=True),
    Column("unfounded", gettext_lazy("Unfounded"), lambda one: one.unfounded, number=True),
    Column("open", gettext_lazy("Still open"), lambda one: one.open, number=True),
    Column("back", gettext_lazy("Not accepted"), lambda one: one.back, number=True),
    Column("asked", gettext_lazy("Asked"), lambda one: one.asked, number=True),
    Column("reinstated", gettext_lazy("Reinstated"), lambda one: one.reinstated, number=True),
    Column("forwarded_share", gettext_lazy("Share relevant"), lambda one: _rounded(one.forwarded_share), number=True),
    Column("unfounded_share", gettext_lazy("Share unfounded"), lambda one: _rounded(one.unfounded_share), number=True),
    Column("completeness", gettext_lazy("Completeness"), lambda one: _rounded(one.completeness), number=True),
)
REASONS: tuple[Column[Counted], ...] = (
    Column("reason", gettext_lazy("Why"), lambda one: one.code, shown=lambda one: _(one.text)),
    Column("reports", gettext_lazy("Reports"), lambda one: one.reports, number=True),
    Column("share", gettext_lazy("Share"), lambda one: _rounded(one.share), number=True),
)
LACKING: tuple[Column[Counted], ...] = (
    Column("field", gettext_lazy("Field"), lambda one: one.code),
    Column("reports", gettext_lazy("Reports"), lambda one: one.reports, number=True),
    Column("share", gettext_lazy("Share"), lambda one: _rounded(one.share), number=True),
)
saved_views.offer("draft_outcomes", "detection.read", f"by service recipient {FIELDS}")


@page("detection.read")
def outcomes(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show outcomes by week or month, with filters; every table is also a file."""
    wanted = _wanted(request)
    found = provider_figures.became(actor, wanted)
    periods = arranged(request.GET, reversed(found.periods), PERIODS)
    why = arranged(request.GET, found.reasons, REASONS, "why-")
    lacking = arranged(request.GET, found.lacking, LACKING, "lacking-")
    for name, one in (("outcomes", periods), ("unfounded", why), ("lacking", lacking)):
        if as_file(request.GET, one.prefix):
            return one.csv(f"{name}.csv")
    charts = [
        provider_figures.over_time(_("Reports sent"), found.periods, lambda one: one.sent),
        provider_figures.over_time(_("Unfounded, in percent of decided reports"), found.periods, _in_percent),
    ]
    context = {
        "found": found,
        "wanted": wanted,
        "periods": periods,
        "why": why,
        "lacking": lacking,
        "charts": charts,
        "why_chart": provider_figures.drawn(_("Unfounded, by reason"), found.reasons, _),
        "lacking_chart": provider_figures.drawn(_("Missing fields"), found.lacking, _),
    }
    return render(request, "detection/outcomes.html", context)


def _wanted(request: HttpRequest) -> FigureFilter:
    asked = request.GET
    by = "month" if asked.get("by") == "month" else "week"
    return FigureFilter(by, asked.get("service", "")[:160], asked.get("recipient", "")[:36])


def _in_percent(one: Period) -> float | None:
    return None if one.unfounded_share is None else 100 * one.unfounded_share


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)
