"""On-call roster of a desk: who is on call now, the week, and the shifts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.casework.alerts import roster
from tutela.casework.alerts.errors import AlreadyEnded
from tutela.casework.alerts.roster import ShiftInput
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.people.members import Member
from tutela.organisations.vocabulary import time_zones
from tutela.organisations.web.page_access import action, page


class ShiftForm(forms.Form):
    person = forms.ChoiceField(label=gettext_lazy("Person"))
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekdays"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Days on which the shift begins."),
    )
    start = forms.TimeField(label=gettext_lazy("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    end = forms.TimeField(
        label=gettext_lazy("To"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("A time at or before “From” is on the next day."),
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=[(name, name) for name in time_zones.NAMES],
    )
    valid_from = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, people: Iterable[Member], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(f"person:{one.id}", one.name) for one in people]  # type: ignore[attr-defined]


@page(roster.READ, write=roster.MANAGE)
def on_call_roster(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Who is on call, the week and the shifts; who may change the roster adds a shift."""
    now, zone = clock.now(), time_zones.of_reader()
    found = roster.load(actor, now, zone)
    initial = {"zone": zone.key, "valid_from": now.astimezone(zone).date()}
    form = ShiftForm(found.people, request.POST or None, initial=initial)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            roster.add_shift(actor, ShiftInput(**form.cleaned_data), now)
            messages.success(request, _("Shift added."))
            return redirect("on_call")
        except TutelaError as error:
            form.add_error(error.field, str(error))
            status = error.status
    context = {
        "form": form,
        "people": found.on_call,
        "next_begin": found.next_begin,
        "week": [(row, WEEKDAYS_ABBR[row.day.weekday()]) for row in found.week],
        "hours": range(24),
        "zone": zone.key,
        "shifts": found.shifts,
        "may_manage": actor.can(roster.MANAGE),
    }
    return render(request, "casework/alerts/roster.html", context, status=status)


@action(roster.MANAGE)
def end(request: HttpRequest, actor: Actor, shift: UUID) -> HttpResponseBase:
    """End a shift now."""
    try:
        roster.end_shift(actor, shift, clock.now())
        messages.success(request, _("Shift ended."))
    except AlreadyEnded as error:
        messages.error(request, str(error))
    return redirect("on_call")
