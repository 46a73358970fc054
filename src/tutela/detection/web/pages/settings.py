"""Pages of the desk's settings: services, lists, connection to a Centre, identity, authorities."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.detection.candidates import withdrawn_indicators
from tutela.detection.models import AuthorityAddress
from tutela.detection.settings import authorities, identity, list_entitlements, services
from tutela.detection.settings.services import ServiceInput
from tutela.detection.web.forms.settings import (
    AuthorityForm,
    IdentityForm,
    ServiceForm,
    SourceForm,
    TermsForm,
    TokenForm,
)
from tutela.detection.web.pages import attempt, tell
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import FIELDS, Arranged, Column, arranged, as_file
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import action, page

SETTINGS = "detection.settings"
SERVICES: tuple[Column[services.ServiceView], ...] = (
    Column("service", gettext_lazy("Service"), lambda one: one.name),
    Column(
        "kind",
        gettext_lazy("Kind"),
        lambda one: one.terms.kind,
        shown=lambda one: f"{one.terms.get_kind_display()}, {one.terms.get_channel_display()}",
    ),
    Column("mode", gettext_lazy("Mode"), lambda one: one.terms.mode),
    Column(
        "reviewed",
        gettext_lazy("Reviewed by"),
        lambda one: one.terms.review_rule,
        shown=lambda one: one.terms.get_review_rule_display(),
    ),
    Column("law", gettext_lazy("Legal basis today"), lambda one: "basis" if one.decision.allowed else "no basis"),
)
SOURCES: tuple[Column[list_entitlements.EntitlementView], ...] = (
    Column("list", gettext_lazy("List"), lambda one: one.list_id),
    Column("whose", gettext_lazy("Holder"), lambda one: one.note.holder if one.note else None),
    Column("why", gettext_lazy("Entitlement to use the list"), lambda one: one.note.entitlement if one.note else None),
    Column("since", gettext_lazy("Since"), lambda one: one.note.created_at if one.note else None),
)
WITHDRAWN: tuple[Column[withdrawn_indicators.WithdrawnView], ...] = (
    Column("when", gettext_lazy("When"), lambda one: one.at),
    Column("indicator", gettext_lazy("Indicator"), lambda one: str(one.indicator_id)),
    Column("why", gettext_lazy("Why"), lambda one: one.reason),
    Column("candidates", gettext_lazy("Candidates"), lambda one: one.candidates, number=True),
    Column("reports", gettext_lazy("Reports"), lambda one: one.reports, number=True),
)
AUTHORITIES: tuple[Column[AuthorityAddress], ...] = (
    Column("country", gettext_lazy("Country"), lambda one: one.country),
    Column("authority", gettext_lazy("Authority"), lambda one: one.name),
    Column("address", gettext_lazy("Address"), lambda one: one.address),
    Column("languages", gettext_lazy("Languages"), lambda one: " ".join(one.languages)),
    Column("from", gettext_lazy("From"), lambda one: one.valid_from),
    Column("to", gettext_lazy("To"), lambda one: one.valid_to),
    Column("checked", gettext_lazy("Checked"), lambda one: one.checked_on),
    Column("source", gettext_lazy("Source"), lambda one: one.source),
)
saved_views.offer("lists", SETTINGS, FIELDS)
saved_views.offer("sources", SETTINGS, "sources-find sources-sort", page="lists")
saved_views.offer("withdrawals", SETTINGS, "withdrawn-find withdrawn-sort", page="lists")
saved_views.offer("authorities", SETTINGS, FIELDS)


@page(SETTINGS)
def lists(request: HttpRequest, actor: Actor) -> HttpResponse:
    found: dict[str, Arranged[Any]] = {
        "services": arranged(request.GET, services.list_services(actor), SERVICES),
        "sources": arranged(request.GET, list_entitlements.list_entitlements(actor), SOURCES, "sources-"),
        "withdrawals": arranged(request.GET, withdrawn_indicators.list_withdrawn(actor), WITHDRAWN, "withdrawn-"),
    }
    for name, one in found.items():
        if as_file(request.GET, one.prefix):
            return one.csv(f"{name}.csv")
    context = {
        **found,
        "connection": identity.connection(actor),
        "identity": identity.current(actor),
        "source_form": SourceForm(),
        "token_form": TokenForm(),
    }
    return render(request, "detection/settings/lists.html", context)


@page(SETTINGS, write=SETTINGS)
def service_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = ServiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            return redirect("service", services.create(actor, data.pop("name"), ServiceInput(**data)))
        except TutelaError as error:
            tell(form, error)
    return render(request, "detection/settings/service_new.html", {"form": form})


@page(SETTINGS, write=SETTINGS)
def service(request: HttpRequest, actor: Actor, service: UUID) -> HttpResponse:
    """One service: its terms, their history, and its legal basis today."""
    listed, history = services.load_service(actor, service)
    form = TermsForm(
        request.POST or None, initial={name: getattr(listed.terms, name) for name in TermsForm.base_fields}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change(actor, service, ServiceInput(**form.cleaned_data))
            messages.success(request, _("These terms apply from now on."))
            return redirect("service", service)
        except TutelaError as error:
            tell(form, error)
    return render(request, "detection/settings/service.html", {"service": listed, "history": history, "form": form})


@action(SETTINGS)
@confirmed()
def link_key(request: HttpRequest, actor: Actor, service: UUID) -> HttpResponse:
    """Make a key and show it this once; it is in no session and no message."""
    context = {"key": services.make_link_key(actor, service), "service": services.load_service(actor, service)[0]}
    return render(request, "detection/settings/link_key.html", context)


@page(SETTINGS, write=SETTINGS)
def identity_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = IdentityForm(request.POST or None, initial=asdict(identity.current(actor)))
    if request.method == "POST" and form.is_valid():
        try:
            identity.change(actor, identity.NamedProvider(**form.cleaned_data))
            return redirect("lists")
        except TutelaError as error:
            tell(form, error)
    return render(request, "detection/settings/identity.html", {"form": form})


@action(SETTINGS)
def source(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = SourceForm(request.POST)
    if form.is_valid():
        attempt(request, lambda: list_entitlements.note(actor, **form.cleaned_data))
    else:
        messages.error(request, _("Enter the list, its holder and your entitlement to use it."))
    return redirect("lists")


@action(SETTINGS)
def join(request: HttpRequest, actor: Actor) -> HttpResponse:
    attempt(request, lambda: identity.join(actor, request.POST.get("token", "")))
    return redirect("lists")


@page(SETTINGS, write=SETTINGS)
def authority_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = AuthorityForm(request.POST or None, initial={"valid_from": clock.now().date()})
    if request.method == "POST" and form.is_valid():
        try:
            authorities.add(actor, authorities.Address(**form.cleaned_data))
            return redirect("authorities")
        except TutelaError as error:
            tell(form, error)
    found = arranged(request.GET, authorities.list_authorities(actor), AUTHORITIES)
    if as_file(request.GET):
        return found.csv("authorities.csv")
    context = {"found": found, "form": form, "today": clock.now().date()}
    return render(request, "detection/settings/authorities.html", context)


@action(SETTINGS)
def authority_seed(request: HttpRequest, actor: Actor) -> HttpResponse:
    authorities.seed(actor)
    return redirect("authorities")


@action(SETTINGS)
def authority_end(request: HttpRequest, actor: Actor, address: UUID) -> HttpResponse:
    attempt(request, lambda: authorities.end(actor, address))
    return redirect("authorities")
