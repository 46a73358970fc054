"""Page of the list of disputes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.indicators.lifecycle import dispute_list
from tutela.indicators.models import Dispute
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.page_access import page, part

COLUMNS: tuple[Column[Dispute], ...] = (
    Column("indicator", gettext_lazy("Indicator"), lambda one: one.indicator.number),
    Column("ground", gettext_lazy("Ground for the dispute"), lambda one: one.ground),
    Column("reason", gettext_lazy("Reason"), lambda one: one.reason),
    Column("since", gettext_lazy("Since"), lambda one: one.created_at),
    Column("state", gettext_lazy("State"), dispute_list.state_of),
)
STATES = [
    ("", gettext_lazy("all")),
    ("open", gettext_lazy("open")),
    ("upheld", gettext_lazy("upheld")),
    ("dismissed", gettext_lazy("dismissed")),
]
saved_views.offer("disputes", "indicators.read", "state sort")


@page("indicators.read")
def list_disputes(request: HttpRequest, actor: Actor) -> HttpResponse:
    """List the disputes, open first; each links to its indicator, where it is decided."""
    asked, state = part(request), request.GET.get("state", "")
    rows, more = dispute_list.list_disputes(actor, asked, state)
    found = paged(rows, COLUMNS, asked.sort, dispute_list.SORTS)
    if asked.file:
        return found.csv("disputes.csv")
    context = {"found": found, "more": more, "number": asked.page, "state": state, "states": STATES}
    return render(request, "indicators/disputes.html", context)
