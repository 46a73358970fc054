"""Desk of the help finder: services of the data pack and of the own organisation, and what is old."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.casework.public_languages import catalogue, names
from tutela.events.actor import Actor
from tutela.organisations.web.page_access import about, action, page
from tutela.organisations.web.steps import done, saved
from tutela.victims.models import HelpServiceEntry
from tutela.victims.public.help_finder import owned_services, services
from tutela.victims.public.help_finder.owned_services import MANAGE, READ, ServiceInput
from tutela.victims.public.help_finder.services import Service
from tutela.victims.web import help_services

AGES = (("child", gettext_lazy("Children and teenagers")), ("adult", gettext_lazy("Adults")))
NEEDS = (
    ("emergency", gettext_lazy("Emergency")),
    ("talk", gettext_lazy("Talk")),
    ("missing", gettext_lazy("Missing child")),
    ("victim", gettext_lazy("Victim of a crime")),
)
LINES = forms.Textarea(attrs={"rows": 2})
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CHECKS = forms.CheckboxSelectMultiple


class ServiceForm(forms.Form):
    """A service of the help finder."""

    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=lambda: names.countries("en"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    phone = forms.CharField(label=gettext_lazy("Telephone number"), max_length=20, required=False)
    always = forms.BooleanField(label=gettext_lazy("Day and night"), required=False)
    hours = forms.CharField(
        label=gettext_lazy("Hours"),
        max_length=300,
        required=False,
        widget=LINES,
        help_text=gettext_lazy("One span a line, such as “1-5 09:00-17:00”. Monday is 1."),
    )
    text = forms.CharField(label=gettext_lazy("Number for text messages"), max_length=20, required=False)
    chat = forms.CharField(label=gettext_lazy("Address of the chat"), max_length=300, required=False)
    chat_hours = forms.CharField(label=gettext_lazy("Hours of the chat"), max_length=300, required=False, widget=LINES)
    mail = forms.CharField(label=gettext_lazy("Address of a page to write"), max_length=300, required=False)
    sign = forms.CharField(label=gettext_lazy("Address of help in sign language"), max_length=300, required=False)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"),
        choices=lambda: [(one.code, one.name) for one in catalogue.languages()],
        required=False,
        help_text=gettext_lazy("Choose none if the source names none."),
    )
    ages = forms.MultipleChoiceField(label=gettext_lazy("For whom"), choices=AGES, widget=CHECKS)
    needs = forms.MultipleChoiceField(label=gettext_lazy("Need"), choices=NEEDS, widget=CHECKS)
    source = forms.CharField(label=gettext_lazy("Public source"), max_length=300)
    confirmed = forms.DateField(label=gettext_lazy("Day of the source"), widget=DAY)


@page(READ)
def list_services(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Own entries, and services of the data pack; what is old comes first."""
    today = clock.now().date()
    own = owned_services.entries(actor)
    named = {(one.country, one.name) for one in own}
    rows: list[tuple[Service, HelpServiceEntry | None]] = [(owned_services.service_of(one), one) for one in own]
    rows += [(one, None) for one in services.pack() if not one.by_law and (one.country, one.name) not in named]
    shown = [
        {"service": one, "entry": entry, "stale": one.stale(today), "country": names.country("en", one.country)}
        for one, entry in rows
    ]
    shown.sort(key=lambda row: (not row["stale"], row["country"]))
    seen = any(one is not None and one.id == actor.organisation_id for one in help_services.owners())
    context = {"rows": shown, "may_manage": actor.can(MANAGE), "seen": seen}
    return render(request, "victims/services/list.html", context)


@page(MANAGE, write=MANAGE)
def edit(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Enter a service, or correct one that the address names."""
    form = ServiceForm(request.POST or None, initial=_initial(actor, request.GET))
    if request.method == "POST" and saved(form, lambda: owned_services.save(actor, ServiceInput(**form.cleaned_data))):
        messages.success(request, _("The service is saved."))
        return redirect("help_services")
    status = 422 if form.errors else 200
    return render(request, "victims/services/edit.html", {"form": form}, status=status)


@action(MANAGE)
@about(owned_services.exists)
def withdraw(request: HttpRequest, actor: Actor, entry: UUID) -> HttpResponseBase:
    """Hide a service from the public."""
    work = lambda: owned_services.withdraw(actor, entry)  # noqa: E731
    return done(request, redirect("help_services"), work, _("The service is hidden."))


def _initial(actor: Actor, asked: Any) -> dict[str, Any]:
    """What is known of the service that the address names; nothing for a new one."""
    wanted = (asked.get("country", ""), asked.get("name", ""))
    for row in owned_services.entries(actor):
        if (row.country, row.name) == wanted:
            return {name: getattr(row, name) for name in ServiceForm.base_fields}
    for one in services.pack():
        if (one.country, one.name) == wanted:
            known = {name: getattr(one, name) for name in ServiceForm.base_fields}
            return known | {"hours": _lines(one.hours), "chat_hours": _lines(one.chat_hours)}
    return {}


def _lines(spans: tuple[services.Span, ...]) -> str:
    return "\n".join(f"{first}-{last} {opens}-{closes}" for first, last, opens, closes in spans)
