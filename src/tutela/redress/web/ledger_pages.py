"""Pages of the ledger of errors, reviews of sources, and the public figures."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override

from tutela import clock
from tutela.casework.web.anonymous_pages import POLICY
from tutela.casework.web.public_frame import frame
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.web.page_access import about, action, page, public
from tutela.organisations.web.steps import by_form
from tutela.redress.ledger import figures, publication, reviews
from tutela.redress.web.forms.ledger import ReviewForm

PERIODS = {"30": 30, "90": 90, "365": 365}


@page(figures.READ)
def ledger(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Error rates with denominators and intervals, costs, and reviews."""
    days = PERIODS.get(request.GET.get("days", ""), 365)
    now = clock.now()
    found = figures.ledger(actor, now - timedelta(days=days), now)
    with acting(actor):
        rows = reviews.list_reviews(actor)
    context = {
        "full": found,
        "reviews": [(one, ReviewForm(auto_id=f"review{place}_%s")) for place, one in enumerate(rows)],
        "days": str(days),
        "periods": [(one, _("%(days)s days") % {"days": one}) for one in PERIODS],
    }
    return render(request, "redress/ledger/ledger.html", context)


@action(reviews.ANSWER)
@about(reviews.exists)
def close_review(request: HttpRequest, actor: Actor, source_review: UUID) -> HttpResponseBase:
    """Record the result of a review of a source."""
    form = ReviewForm(request.POST)
    work = lambda: reviews.close(actor, source_review, **form.cleaned_data)  # noqa: E731
    return by_form(request, redirect("error_ledger"), form, work, _("The result is recorded."))


@public()
@csp_override(POLICY)
def public_figures(request: HttpRequest, language: str = "") -> HttpResponse:
    """Complaints decided, and the share that was reversed. Rendered without the request."""
    shown = language or settings.LANGUAGE_CODE
    if shown not in dict(settings.LANGUAGES):
        raise Http404
    context = frame(shown, "complaint_figures_in") | {"lines": publication.lines()}
    context["languages"] = [(one, address) for one, address in context["languages"] if one.code == shown]
    with translation.override(shown):
        answer = HttpResponse(render_to_string("redress/public/figures.html", context))
        answer.headers["Content-Language"] = shown
        return answer
