"""Bell in the head of every page of a desk with alerts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tutela.casework.alerts.bell import Bell
from tutela.organisations.web.session_values import keep

# Session key: the newest alert that was shown.
HEARD = "alerts_heard"


def render_bell(request: HttpRequest, found: Bell, *, page: str, again: str) -> HttpResponse:
    """Render the count of alerts in a page's head; 204 if the page already shows this state.

    `page` is the URL name of the list of alerts, `again` of this part itself.
    """
    known = request.GET.get("known", "")[:80]
    if known == found.token:
        return HttpResponse(status=204)
    # A person who moves from page to page hears an alert once, and again when it is repeated.
    news = found.newer_than(request.session.get(HEARD, ""))
    if news:
        keep(request, HEARD, found.token)
    context = {"bell": found, "news": news, "page": page, "again": again}
    return render(request, "casework/alerts/bell.html", context)
