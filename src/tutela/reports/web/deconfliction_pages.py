"""Page of deconfliction usage per authority, for the Centre's leads and for auditors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.exchange.referral.deconfliction import POINTS_A_DAY
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.page_access import page, part
from tutela.reports.deconfliction import relay

COLUMNS: tuple[Column[relay.Use], ...] = (
    Column("day", gettext_lazy("Day (UTC)"), lambda one: one.day),
    Column("authority", gettext_lazy("Authority"), lambda one: one.authority),
    Column("points", gettext_lazy("Points"), lambda one: one.points, number=True),
    Column("contacts", gettext_lazy("Contact requests"), lambda one: one.contacts, number=True),
    Column("refused", gettext_lazy("Refused"), lambda one: one.refused, number=True),
    Column("alerts", gettext_lazy("Alerts"), lambda one: " ".join(one.alerts)),
)
saved_views.offer("deconfliction_uses", "deconfliction.oversee", "refused sort")


@page("deconfliction.oversee")
def uses(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Points a day, refusals and alerts of each authority."""
    asked, refused = part(request), request.GET.get("refused") == "1"
    rows, more = relay.uses(actor, asked, refused=refused)
    found = paged(rows, COLUMNS, asked.sort, relay.SORTS)
    if asked.file:
        return found.csv("deconfliction.csv")
    context = {
        "found": found,
        "more": more,
        "number": asked.page,
        "refused": refused,
        "most": POINTS_A_DAY,
        "contacts": relay.CONTACTS_A_DAY,
    }
    return render(request, "reports/deconfliction.html", context)
