"""Who asked how much, for the Centre's leads and for auditors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tutela.events.actor import Actor
from tutela.organisations.web import page, page_number
from tutela.reports import deconfliction


@page("deconfliction.oversee")
def uses(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Points a day, refusals and alarms of each authority."""
    number = page_number(request)
    rows, more = deconfliction.uses(actor, number)
    context = {
        "rows": rows, "more": more, "number": number, "most": deconfliction.POINTS_A_DAY,
        "contacts": deconfliction.CONTACTS_A_DAY,
    }  # fmt: skip
    return render(request, "reports/deconfliction.html", context)
