"""Mandate of a desk: the page for administrators and auditors, and the page in place of a closed desk."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.casework.mandates import gate, records
from tutela.casework.mandates.records import PERMISSION, MandateInput
from tutela.casework.models import MandatePart
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import action, page


class MandateForm(forms.Form):
    part = forms.ChoiceField(label=gettext_lazy("Part"), choices=MandatePart.choices)
    text = forms.CharField(
        label=gettext_lazy("Document"),
        max_length=500,
        widget=forms.Textarea,
        help_text=gettext_lazy(
            "The document, who issued it, and where it is kept. For the controller: name and address."
        ),
    )
    dated = forms.DateField(label=gettext_lazy("Date of the document"), widget=forms.DateInput(attrs={"type": "date"}))
    expires_on = forms.DateField(label=gettext_lazy("Expires on"), widget=forms.DateInput(attrs={"type": "date"}))


@page("organisation.read", write=PERMISSION)
def mandate_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Records of the actor's organisation, or of all for an auditor; an administrator adds one."""
    form = MandateForm(request.POST or None, initial={"dated": clock.now().date()})
    if request.method == "POST" and form.is_valid():
        try:
            records.add(actor, MandateInput(**form.cleaned_data))
            messages.success(request, _("Recorded. It counts once a second administrator has confirmed it."))
            return redirect("mandates")
        except TutelaError as error:
            form.add_error(error.field, str(error))
    gated = gate.is_gated(actor.organisation_kind)
    context = {
        "form": form,
        "records": records.records(actor),
        "parts": gate.parts(actor) if gated else [],
        "gated": gated,
        "may_record": actor.can(PERMISSION) and gated,
    }
    return render(request, "casework/mandates/list.html", context, status=422 if form.errors else 200)


@action(PERMISSION)
@confirmed()
def confirm(request: HttpRequest, actor: Actor, mandate: UUID) -> HttpResponseBase:
    """Confirm what another administrator recorded."""
    return _done(request, lambda: records.confirm(actor, mandate), _("Confirmed. It counts from now on."))


@action(PERMISSION)
@confirmed()
def withdraw(request: HttpRequest, actor: Actor, mandate: UUID) -> HttpResponseBase:
    """Withdraw a record with a reason."""
    reason = request.POST.get("reason", "")
    return _done(request, lambda: records.withdraw(actor, mandate, reason), _("Record withdrawn."))


def show_closed(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The page in place of every page of a desk without a mandate."""
    missing = [one for one in gate.parts(actor) if not one.counts]
    context = {"missing": missing, "may_record": actor.can(PERMISSION)}
    return render(request, "casework/mandates/closed.html", context, status=403)


def _done(request: HttpRequest, work: Callable[[], None], said: str) -> HttpResponseBase:
    try:
        work()
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("mandates")
