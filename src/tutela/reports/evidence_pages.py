"""Pages about what referrals carry: sealed evidence with its basis, and handling codes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.web import page
from tutela.reports import evidence, evidence_basis, handling
from tutela.reports.forms import BasisForm, HandlingForm


@page("reports.read", write="law.edit")
def overview(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What is kept, by addressee; the basis, which a lead records or ends."""
    form = BasisForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            evidence_basis.note(actor, **form.cleaned_data)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("report_evidence")
    with acting(actor):
        standing = evidence_basis.standing()
    context = {
        "form": form, "standing": standing, "history": evidence_basis.history(actor),
        "addressees": evidence.by_addressee(actor),
    }  # fmt: skip
    return render(request, "reports/evidence.html", context)


@page("reports.read", write="law.edit")
def codes(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Which handling and evaluation codes referrals carry; a lead changes them."""
    form = HandlingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            handling.note(actor, **form.cleaned_data)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("report_handling")
    with acting(actor):
        standing = handling.standing()
    context = {"form": form, "standing": standing, "history": handling.history(actor)}
    return render(request, "reports/handling.html", context)
