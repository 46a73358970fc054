"""Pages for the own viewing budget, the next case, and opening a report beyond the daily limit."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.casework.assignment import next_case
from tutela.casework.exposure import stop
from tutela.casework.exposure import terms as exposure_terms
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.transaction import acting
from tutela.organisations.web.page_access import action, page
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.triage import viewing_budget
from tutela.reports.triage.viewing_budget import RULE
from tutela.reports.web.forms import BeyondForm, TermsForm
from tutela.reports.web.report_pages import attempt


@page("reports.read", write="reports.handling")
def own(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Page of one's own reading and the limits on it; a lead sets them for everybody."""
    with acting(actor):
        budget, terms = viewing_budget.mine(actor), exposure_terms.current_terms(RULE)
    form = TermsForm(request.POST or None, initial=asdict(terms))
    if request.method == "POST" and form.is_valid():
        try:
            exposure_terms.set_terms(actor, RULE, **form.cleaned_data)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("report_exposure")
    context = {
        "budget": budget,
        "terms": terms,
        "form": form,
        "history": exposure_terms.history(actor, RULE),
        "anybody": stop.anybody_at_the_stop(actor, RULE) if actor.can("reports.handling") else None,
    }
    return render(request, "reports/exposure.html", context)


@page("reports.assess")
def following(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Open the next case to read."""
    found = next_case.offer(actor, SUBJECT).case
    if found is not None:
        return redirect(found.url)
    with acting(actor):
        budget = viewing_budget.mine(actor)
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
        lambda: viewing_budget.open_beyond(actor, report, reason),
        _("Opened. This opening counts like any other."),
    )
    return redirect("report", report)
