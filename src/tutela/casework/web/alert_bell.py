"""The bell in the head of every page of a desk that has alerts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tutela.casework.alerts.bell import Bell
from tutela.organisations.web.session_values import keep

# In a session: the newest alert that it was told of.
HEARD = "alerts_heard"


def render_bell(request: HttpRequest, found: Bell, *, page: str, again: str) -> HttpResponse:
    """The part of a page's head that counts alerts; nothing where the page shows the same already.

    `page` names the address of the list of alerts, `again` that of this part itself.
    """
    known = request.GET.get("known", "")[:80]
    if known == found.token:
        return HttpResponse(status=204)
    # Whoever goes from page to page hears an alert once, and again when it is raised again.
    news = found.louder_than(request.session.get(HEARD, ""))
    if news:
        keep(request, HEARD, found.token)
    context = {"bell": found, "news": news, "page": page, "again": again}
    return render(request, "casework/alerts/bell.html", context)
