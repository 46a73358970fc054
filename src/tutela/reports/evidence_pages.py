"""Pages about what referrals carry: sealed evidence with its basis, and handling codes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations import saved_views
from tutela.organisations.arranging import FIELDS, Column, arranged, as_file
from tutela.organisations.web import page
from tutela.reports import evidence, evidence_basis, handling
from tutela.reports.forms import BasisForm, HandlingForm

KEPT: tuple[Column[evidence.OfAddressee], ...] = (
    Column("addressee", gettext_lazy("Addressee"), lambda one: one.name),
    Column("key", gettext_lazy("Key"), lambda one: "current" if one.has_key else "none"),
    Column("files", gettext_lazy("Files"), lambda one: one.files, number=True),
    Column("size", gettext_lazy("Size"), lambda one: one.size, number=True),
    Column("oldest", gettext_lazy("Oldest"), lambda one: one.oldest),
)
saved_views.offer("report_evidence", "reports.read", FIELDS)


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
    found = arranged(request.GET, evidence.by_addressee(actor), KEPT)
    if as_file(request.GET):
        return found.csv("evidence.csv")
    with acting(actor):
        standing = evidence_basis.standing()
    context = {"form": form, "standing": standing, "history": evidence_basis.history(actor), "found": found}
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
