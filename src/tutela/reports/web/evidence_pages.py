"""Pages for sealed evidence with its legal basis, and for handling codes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.transaction import acting
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file
from tutela.organisations.web.page_access import page
from tutela.reports.evidence import legal_basis, storage
from tutela.reports.referrals import handling_codes
from tutela.reports.web.forms import BasisForm, HandlingForm

KEPT_COLUMNS: tuple[Column[storage.OfAddressee], ...] = (
    Column("addressee", gettext_lazy("Recipient"), lambda one: one.name),
    Column("key", gettext_lazy("Key"), lambda one: "current" if one.has_key else "none"),
    Column("files", gettext_lazy("Files"), lambda one: one.files, number=True),
    Column("size", gettext_lazy("Size"), lambda one: one.size, number=True),
    Column("oldest", gettext_lazy("Oldest"), lambda one: one.oldest),
)
saved_views.offer("report_evidence", "reports.read", FIELDS)


@page("reports.read", write="law.edit")
def overview(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Page of stored evidence by addressee, and of its legal basis, which a lead records or ends."""
    form = BasisForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            legal_basis.note(actor, **form.cleaned_data)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("report_evidence")
    found = arranged(request.GET, storage.by_addressee(actor), KEPT_COLUMNS)
    if as_file(request.GET):
        return found.csv("evidence.csv")
    with acting(actor):
        standing = legal_basis.standing()
    context = {"form": form, "standing": standing, "history": legal_basis.history(actor), "found": found}
    return render(request, "reports/evidence.html", context)


@page("reports.read", write="law.edit")
def codes(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Page of the handling and evaluation codes of referrals; a lead changes them."""
    form = HandlingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            handling_codes.note(actor, **form.cleaned_data)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("report_handling")
    with acting(actor):
        standing = handling_codes.standing()
    context = {"form": form, "standing": standing, "history": handling_codes.history(actor)}
    return render(request, "reports/handling_codes.html", context)
