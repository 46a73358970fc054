"""Page of undelivered referrals: a list from which each can be handled."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file
from tutela.organisations.web.page_access import page
from tutela.reports.models import Report
from tutela.reports.referrals import undelivered

COLUMNS: tuple[Column[Report], ...] = (
    Column("report", gettext_lazy("Report"), lambda one: one.number),
    Column("urgent", gettext_lazy("Urgent"), lambda one: "yes" if one.urgent else "no"),
    Column(
        "what",
        gettext_lazy("Undelivered part"),
        lambda one: one.undelivered,
        shown=lambda one: one.get_undelivered_display(),
    ),
    Column("provider", gettext_lazy("Provider"), lambda one: one.provider_name),
    Column("received", gettext_lazy("Received"), lambda one: one.created_at),
)
saved_views.offer("report_undelivered", "reports.read", FIELDS)


@page("reports.read")
def list_undelivered(request: HttpRequest, actor: Actor) -> HttpResponse:
    """List urgent packages that have not arrived, and returned copies that are unassigned."""
    found = arranged(request.GET, undelivered.list_undelivered(actor), COLUMNS, first=lambda one: one.urgent)
    if as_file(request.GET):
        return found.csv("undelivered.csv")
    return render(request, "reports/undelivered.html", {"found": found})
