"""Pages for a report's jurisdiction and its reasons."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.organisations.web.page_access import action, page
from tutela.reports.referrals import country_override as capability
from tutela.reports.web.forms import CountryForm
from tutela.reports.web.report_pages import attempt


@page("reports.read")
def routing(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponse:
    """The evidence, the rule and what points elsewhere."""
    found = capability.override_of(actor, report)
    return render(request, "reports/country.html", {"found": found, "form": CountryForm()})


@action("reports.route")
def country(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    """A lead addresses another country."""
    form = CountryForm(request.POST or None)
    if form.is_valid():
        attempt(request, lambda: capability.choose_country(actor, report, **form.cleaned_data), _("Recorded."))
    else:
        messages.error(request, _("Enter the evidence for this country."))
    return redirect("report_routing", report)


@action("reports.route")
def undo(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    """The newest choice is taken back."""
    attempt(request, lambda: capability.undo(actor, report), _("Choice undone. The earlier result applies again."))
    return redirect("report_routing", report)
