"""Desk of an operator's legal bases: record, confirm by a second person, end."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.law import recorded_bases
from tutela.law.recorded_bases import PERMISSION, BasisInput
from tutela.law.web.forms import BasisForm
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import action, page


@page(PERMISSION, write=PERMISSION)
def basis_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Bases of the actor's organisation, and the form for a new one."""
    form = BasisForm(request.POST or None, initial={"dated": clock.now().date()})
    if request.method == "POST" and form.is_valid():
        try:
            number = recorded_bases.record_basis(actor, BasisInput(**form.cleaned_data))
            said = _("Recorded as %(number)s. It counts once a second person has confirmed it.")
            messages.success(request, said % {"number": number})
            return redirect("bases")
        except TutelaError as error:
            form.add_error(error.field, str(error))
    context = {"form": form, "bases": recorded_bases.bases(actor.organisation_id), "reference": actor.reference}
    return render(request, "law/bases.html", context, status=422 if form.errors else 200)


@action(PERMISSION)
@confirmed()
def confirm(request: HttpRequest, actor: Actor, basis: str) -> HttpResponseBase:
    """Confirm a basis that somebody else recorded."""
    return _done(request, lambda: recorded_bases.confirm(actor, basis), _("Basis confirmed. It counts from now on."))


@action(PERMISSION)
@confirmed()
def end(request: HttpRequest, actor: Actor, basis: str) -> HttpResponseBase:
    """End a basis with a reason."""
    reason = request.POST.get("reason", "")
    return _done(request, lambda: recorded_bases.end(actor, basis, reason), _("Basis ended."))


def _done(request: HttpRequest, work: Callable[[], None], said: str) -> HttpResponseBase:
    try:
        work()
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("bases")
