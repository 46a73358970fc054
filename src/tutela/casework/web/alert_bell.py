"""Bell in the head of every page of a desk with alerts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tutela.casework.alerts import desk_bell
from tutela.events.actor import Actor
from tutela.organisations.web.page_access import page
from tutela.organisations.web.session_values import keep

# Session key: the newest alert that was shown.
HEARD = "alerts_heard"


@page("organisation.read", before_purpose=True)
def bell(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Count of alerts in the head of every page; 204 if the page already shows this state, empty without a desk."""
    known, (found, address) = request.GET.get("known", "")[:80], desk_bell.bell(actor)
    if not address:
        return HttpResponse()
    if known == found.token:
        return HttpResponse(status=204)
    # A person who moves from page to page hears an alert once, and again when it is repeated.
    news = found.newer_than(request.session.get(HEARD, ""))
    if news:
        keep(request, HEARD, found.token)
    return render(request, "casework/alerts/bell.html", {"bell": found, "news": news, "page": address})
