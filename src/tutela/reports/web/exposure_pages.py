"""Pages about what somebody reads: one's own budget, the next report, and opening one beyond the stop."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.transaction import acting
from tutela.organisations.web.page_access import action, page
from tutela.reports.exposure import budget as exposure_budget
from tutela.reports.exposure import next_report
from tutela.reports.web.exposure_forms import BeyondForm, TermsForm
from tutela.reports.web.report_pages import attempt


@page("reports.read", write="reports.handling")
def own(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What counts and how much of it one has read; a lead sets what holds for everybody."""
    with acting(actor):
        budget, terms = exposure_budget.mine(actor), exposure_budget.terms()
    form = TermsForm(request.POST or None, initial=asdict(terms))
    if request.method == "POST" and form.is_valid():
        try:
            exposure_budget.set_terms(actor, **form.cleaned_data)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("report_exposure")
    context = {
        "budget": budget,
        "terms": terms,
        "form": form,
        "history": exposure_budget.history(actor),
        "anybody": exposure_budget.anybody_at_the_stop(actor) if actor.can("reports.handling") else None,
    }
    return render(request, "reports/exposure.html", context)


@page("reports.assess")
def following(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The report that is to be read next."""
    found = next_report.following(actor)
    if found is not None:
        return redirect("report", found)
    with acting(actor):
        budget = exposure_budget.mine(actor)
    if budget is not None and budget.at_the_stop:
        messages.info(
            request,
            _(
                "You have read enough for today, and no urgent report is pending. Leave the other "
                "reports to colleagues."
            ),
        )
    else:
        messages.info(request, _("No pending report is free: someone else is reading each of them now."))
    return redirect("reports")


@action("reports.read")
def beyond(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    """A report is opened although the stop is reached."""
    form = BeyondForm(request.POST)
    reason = form.cleaned_data["beyond"] if form.is_valid() else ""
    attempt(
        request,
        lambda: exposure_budget.open_beyond(actor, report, reason),
        _("Opened. This opening counts like any other."),
    )
    return redirect("report", report)
