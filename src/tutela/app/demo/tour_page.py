"""Tour of the demonstration: explains each page and lists every login.

The tour is mounted in a demonstration only.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from tutela.app.demo import authorities, cast, first_tasks, organisations
from tutela.organisations.web.page_access import public


@public()
def tour(request: HttpRequest) -> HttpResponse:
    """Show the tour's steps, each role's first task with what is done of it, and every login of the demonstration."""
    context = {
        "cast": cast.logins(),
        "steps": cast.TOUR,
        "password": cast.PASSWORD,
        "tasks": first_tasks.progress(),
    }
    first_report = {"public_url": settings.PUBLIC_URL, "report_key": organisations.report_key()}
    return render(
        request, "pages/tour.html", {**context, **first_report, "identity": authorities.identity("police-de")}
    )


urlpatterns = [path("tour/", tour, name="tour")]
