"""Machines of analysts: register the own one, confirm, remove."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page
from tutela.takedown.examination import machines
from tutela.takedown.examination.machines import CHANGE, READ, MachineInput, exists
from tutela.takedown.rechecks import vantage_points
from tutela.takedown.web.steps import done


class MachineForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    public_key = forms.CharField(
        label=gettext_lazy("Key"), max_length=64, help_text=gettext_lazy("First line of tutela examine init.")
    )
    recipient = forms.CharField(
        label=gettext_lazy("Recipient"), max_length=80, help_text=gettext_lazy("Second line of tutela examine init.")
    )
    mandate = forms.CharField(
        label=gettext_lazy("Mandate"),
        max_length=300,
        help_text=gettext_lazy("The document by which you may look at content, and where it is kept."),
    )
    seals_evidence = forms.BooleanField(
        label=gettext_lazy("The mandate covers evidence that is sealed to the police"), required=False
    )


@page(READ, write=CHANGE)
def list_machines(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The machines, and a form for the own one."""
    form = MachineForm(request.POST or None)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            machines.add(actor, MachineInput(**form.cleaned_data))
            messages.success(request, _("Your machine is registered. Another person confirms it."))
            return redirect("analyst_machines")
        except TutelaError as error:
            form.add_error(getattr(error, "field", None) or None, str(error))
            status = error.status
    context = {
        "form": form,
        "machines": machines.list_machines(actor),
        "node_key": vantage_points.node_key(actor),
        "may_change": actor.can(CHANGE),
    }
    return render(request, "takedown/examination/machines.html", context, status=status)


@action(CHANGE)
@confirmed()
@about(exists)
def confirm(request: HttpRequest, actor: Actor, machine: UUID) -> HttpResponseBase:
    work = lambda: machines.confirm(actor, machine)  # noqa: E731
    return done(request, redirect("analyst_machines"), work, _("The machine is confirmed."))


@action(CHANGE)
@confirmed()
@about(exists)
def remove(request: HttpRequest, actor: Actor, machine: UUID) -> HttpResponseBase:
    work = lambda: machines.remove(actor, machine)  # noqa: E731
    return done(request, redirect("analyst_machines"), work, _("The machine is removed."))
