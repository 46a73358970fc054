"""Pages of releases: what was published, who fetched it, and who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.indicators import fetching, grants, releases
from tutela.indicators.forms import GrantForm
from tutela.indicators.models import Fetcher, Grant, Release
from tutela.indicators.pages import succeeded
from tutela.organisations import directory, saved_views
from tutela.organisations.arranging import FIELDS, Arranged, Column, arranged, as_file
from tutela.organisations.web import action, page

RELEASES: tuple[Column[tuple[Release, int | None]], ...] = (
    Column("version", gettext_lazy("Version"), lambda one: one[0].version, number=True),
    Column("when", gettext_lazy("When"), lambda one: one[0].created_at),
    Column("entries", gettext_lazy("Entries"), lambda one: one[0].entries, number=True),
    Column("log", gettext_lazy("Public log"), lambda one: one[1]),
    Column("sha256", "SHA-256", lambda one: one[0].snapshot_sha256),
)
RECIPIENTS: tuple[Column[tuple[Fetcher, directory.Entry]], ...] = (
    Column("organisation", gettext_lazy("Organisation"), lambda one: one[1].name),
    Column("version", gettext_lazy("Version"), lambda one: one[0].version, number=True),
    Column("head", gettext_lazy("Head"), lambda one: one[0].sequence, number=True),
    Column("fetched", gettext_lazy("Last fetched"), lambda one: one[0].at),
)
GRANTS: tuple[Column[tuple[Grant, directory.Entry]], ...] = (
    Column("organisation", gettext_lazy("Organisation"), lambda one: one[1].name),
    Column("purpose", gettext_lazy("Purpose"), lambda one: one[0].purpose),
    Column("basis", gettext_lazy("Legal basis"), lambda one: one[0].legal_basis),
    Column("until", gettext_lazy("Until"), lambda one: one[0].valid_to),
    Column("state", gettext_lazy("State"), lambda one: grants.state_of(one[0])),
)
saved_views.offer("releases", "indicators.read", FIELDS)
saved_views.offer("release_recipients", "indicators.read", "to-find to-sort", page="releases")
saved_views.offer("grants", "indicators.read", "grants-find grants-sort", page="releases")


@page("indicators.read", write="releases.publish")
def release_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Releases, their recipients and grants. The Centre's lead publishes by hand where that is needed."""
    if request.method == "POST":
        succeeded(request, lambda: releases.publish(actor))
        return redirect("releases")
    with acting(actor):
        head = releases.newest_head()
        published = [(row, releases.number_in_log(row)) for row in releases.history()]
        to = [(row, directory.entry(row.recipient_id)) for row in fetching.recipients()]
        given = grants.listing()
    found: dict[str, Arranged[Any]] = {
        "releases": arranged(request.GET, published, RELEASES),
        "recipients": arranged(request.GET, to, RECIPIENTS, "to-"),
        "grants": arranged(request.GET, given, GRANTS, "grants-"),
    }
    for name, one in found.items():
        if as_file(request.GET, one.prefix):
            return one.csv(f"{name}.csv")
    return render(request, "indicators/releases.html", {**found, "head": head, "now": clock.now()})


@page("grants.manage", write="grants.manage")
def grant_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A form to let a provider fetch the list."""
    eligible = [(str(e.id), f"{e.name} ({e.country})") for e in directory.listing(kind="provider") if e.verified]
    form = GrantForm(eligible, request.POST or None)
    if request.method == "POST" and form.is_valid():
        until = clock.now() + timedelta(days=form.cleaned_data["days"])
        grants.give(
            actor, UUID(form.cleaned_data["grantee"]), list_id=form.cleaned_data["what"] or releases.LIST_ID,
            purpose="reporting", legal_basis=form.cleaned_data["legal_basis"], valid_to=until,
            per_day=form.cleaned_data["per_day"] or 0,
        )  # fmt: skip
        return redirect("releases")
    return render(request, "organisations/form.html", {"form": form, "title": _("New grant")})


@action("grants.manage")
def grant_end(request: HttpRequest, actor: Actor, grant: UUID) -> HttpResponseBase:
    """A grant ends now."""
    succeeded(request, lambda: grants.end(actor, grant))
    return redirect("releases")
