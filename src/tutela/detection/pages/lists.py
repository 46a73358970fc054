"""Settings of the desk: services, lists, alone or joined, identity, authorities."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela import clock
from tutela.detection import authorities, identity, services, sources, withdrawals
from tutela.detection.forms.settings import (
    AuthorityForm,
    IdentityForm,
    ServiceForm,
    SourceForm,
    TermsForm,
    TokenForm,
)
from tutela.detection.pages import attempt, tell
from tutela.detection.services import Wanted
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.web import action, page

SETTINGS = "detection.settings"


@page(SETTINGS)
def lists(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {
        "services": services.listing(actor), "connection": identity.connection(actor),
        "identity": identity.current(actor), "sources": sources.listing(actor), "source_form": SourceForm(),
        "token_form": TokenForm(), "withdrawals": withdrawals.listing(actor),
    }  # fmt: skip
    return render(request, "detection/lists.html", context)


@page(SETTINGS, write=SETTINGS)
def service_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = ServiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            return redirect("service", services.create(actor, data.pop("name"), Wanted(**data)))
        except TutelaError as error:
            tell(form, error)
    return render(request, "detection/service_new.html", {"form": form})


@page(SETTINGS, write=SETTINGS)
def service(request: HttpRequest, actor: Actor, service: UUID) -> HttpResponse:
    """One service: its terms, their history, and what the law says today."""
    listed, history = services.of(actor, service)
    form = TermsForm(
        request.POST or None, initial={name: getattr(listed.terms, name) for name in TermsForm.base_fields}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change(actor, service, Wanted(**form.cleaned_data))
            messages.success(request, _("These terms hold from now on."))
            return redirect("service", service)
        except TutelaError as error:
            tell(form, error)
    return render(request, "detection/service.html", {"service": listed, "history": history, "form": form})


@action(SETTINGS)
def link_key(request: HttpRequest, actor: Actor, service: UUID) -> HttpResponse:
    """Make a key and show it this once; it is in no session and no message."""
    context = {"key": services.make_link_key(actor, service), "service": services.of(actor, service)[0]}
    return render(request, "detection/link_key.html", context)


@page(SETTINGS, write=SETTINGS)
def identity_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = IdentityForm(request.POST or None, initial=asdict(identity.current(actor)))
    if request.method == "POST" and form.is_valid():
        try:
            identity.change(actor, identity.Named(**form.cleaned_data))
            return redirect("lists")
        except TutelaError as error:
            tell(form, error)
    return render(request, "detection/identity.html", {"form": form})


@action(SETTINGS)
def source(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = SourceForm(request.POST)
    if form.is_valid():
        attempt(request, lambda: sources.note(actor, **form.cleaned_data))
    else:
        messages.error(request, _("Name the list, its holder and why you may use it."))
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
    context = {"rows": authorities.listing(actor), "form": form, "today": clock.now().date()}
    return render(request, "detection/authorities.html", context)


@action(SETTINGS)
def authority_seed(request: HttpRequest, actor: Actor) -> HttpResponse:
    authorities.seed(actor)
    return redirect("authorities")


@action(SETTINGS)
def authority_end(request: HttpRequest, actor: Actor, address: UUID) -> HttpResponse:
    attempt(request, lambda: authorities.end(actor, address))
    return redirect("authorities")
