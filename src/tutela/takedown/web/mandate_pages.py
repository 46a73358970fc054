"""Mandates for proactive search: record, confirm, end."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page
from tutela.takedown.intake import search_mandates
from tutela.takedown.intake.search_mandates import CHANGE, READ, MandateInput, exists
from tutela.takedown.web.forms import SearchMandateForm
from tutela.takedown.web.steps import done


@page(READ, write=CHANGE)
def mandates(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The mandates, and a form for a new one."""
    form = SearchMandateForm(request.POST or None, initial={"first_day": clock.now().date()})
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            search_mandates.add(actor, MandateInput(**form.cleaned_data))
            messages.success(request, _("The mandate is recorded. Another person confirms it."))
            return redirect("search_mandates")
        except Invalid as error:
            form.add_error(error.field, str(error))
            status = error.status
    context = {"form": form, "mandates": search_mandates.list_mandates(actor), "may_change": actor.can(CHANGE)}
    return render(request, "takedown/search_mandates.html", context, status=status)


@action(CHANGE)
@confirmed()
@about(exists)
def confirm(request: HttpRequest, actor: Actor, search_mandate: UUID) -> HttpResponseBase:
    work = lambda: search_mandates.confirm(actor, search_mandate)  # noqa: E731
    return done(request, redirect("search_mandates"), work, _("The mandate is confirmed."))


@action(CHANGE)
@confirmed()
@about(exists)
def end(request: HttpRequest, actor: Actor, search_mandate: UUID) -> HttpResponseBase:
    work = lambda: search_mandates.end(actor, search_mandate)  # noqa: E731
    return done(request, redirect("search_mandates"), work, _("The mandate has ended."))
