"""Public pages: dashboards, releases, definitions, claims, and the calculator of base rates."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.observatory.claims import recompute, register
from tutela.observatory.definitions import catalogue
from tutela.observatory.due import claim_reviews
from tutela.observatory.figures import dashboards, releases
from tutela.observatory.figures.dashboards import FigureChart
from tutela.observatory.importers import ncmec
from tutela.observatory.rates.base_rate import BaseRate
from tutela.observatory.web.dashboard_pages import DASHBOARDS
from tutela.organisations.web.page_access import public

NEWEST = 20
YEAR = 2022


class CalculatorForm(forms.Form):
    """Shares in percent or as one in how many, and the number of items."""

    one_in = forms.IntegerField(label=gettext_lazy("One item in how many is what is looked for"), min_value=1)
    sensitivity = forms.FloatField(
        label=gettext_lazy("Share of these that is found, in percent"), min_value=0, max_value=100
    )
    false_positives = forms.FloatField(
        label=gettext_lazy("Share of all other items found in error, in percent"), min_value=0, max_value=100
    )
    items = forms.IntegerField(label=gettext_lazy("Number of items"), min_value=1, max_value=10**12)


EXAMPLE = {"one_in": 1_000_000, "sensitivity": 90, "false_positives": 0.1, "items": 1_000_000_000}


@public()
def overview(request: HttpRequest) -> HttpResponse:
    """Dashboards of what organisations published."""
    found = releases.everybody()
    context = {
        "dashboards": DASHBOARDS.values(),
        "points": dashboards.current(found),
        "releases": found[:NEWEST],
        "states": _states(),
    }
    return render(request, "observatory/public/overview.html", context)


@public()
def release(request: HttpRequest, release: UUID) -> HttpResponse:
    """A release: its figures, how each was computed, and its file."""
    found = releases.public_release(release)
    others = [
        one
        for one in releases.everybody()
        if (one.organisation_id, one.period) == (found.organisation_id, found.period) and one.id != found.id
    ]
    return render(request, "observatory/public/release.html", {"release": found, "others": others})


@public()
def release_file(request: HttpRequest, release: UUID) -> HttpResponse:
    """The signed statement with its proof, for `tutela verify figures`."""
    data = releases.file_of(release)
    name = f'attachment; filename="figures-{release}.json"'
    return HttpResponse(data, content_type="application/json", headers={"Content-Disposition": name})


@public()
def definitions(request: HttpRequest) -> HttpResponse:
    """Every definition, and the calendar of breaks."""
    context = {"definitions": list(catalogue.definitions().values()), "breaks": catalogue.breaks()}
    return render(request, "observatory/public/definitions.html", context)


@public()
def claims(request: HttpRequest) -> HttpResponse:
    """The claims register, with recomputed numbers and what is due for review."""
    today, reviewed = clock.now().date(), claim_reviews.centres_days()
    points = dashboards.current(releases.everybody())
    rows = [
        {
            "claim": one,
            "age": one.age_years(today),
            "review_by": reviewed.get(one.id, one.review_by),
            "stale": today > reviewed.get(one.id, one.review_by),
            "old": one.is_old(today),
            "recomputed": recompute.recompute(one.recomputed_by) if one.recomputed_by else None,
            "own": catalogue.definition(one.own_definition) if one.own_definition else None,
            "points": [point for point in points if point.definition.key == one.own_definition],
        }
        for one in register.claims().values()
    ]
    return render(request, "observatory/public/claims.html", {"rows": rows})


@public()
def calculator(request: HttpRequest) -> HttpResponse:
    """What a rate means at a base rate. The values stand in the address, so that an example can be cited."""
    form = CalculatorForm(request.GET or EXAMPLE)
    found = None
    if form.is_valid():
        values = form.cleaned_data
        found = BaseRate(
            1 / values["one_in"], values["sensitivity"] / 100, values["false_positives"] / 100, values["items"]
        )
    return render(request, "observatory/public/calculator.html", {"form": form, "found": found})


def _states() -> FigureChart:
    """Reports of a year by Member State in alphabetical order: no ranking."""
    rows = sorted(ncmec.by_state(YEAR), key=lambda one: sorted(one.coverage.areas))
    return FigureChart(
        _("Reports by Member State of the user, NCMEC, %(year)s") % {"year": YEAR},
        [next(iter(one.coverage.areas)) for one in rows],
        [one.number for one in rows],
        "bars",
    )
