"""The Centre's page about sealed evidence: on which basis it is carried, and what is kept for whom."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.web import page
from tutela.reports import evidence, evidence_basis
from tutela.reports.forms import BasisForm


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
