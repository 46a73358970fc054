"""Public figures of takedown, without a cookie or a session, and the lines about a provider at its own desk."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override

from tutela.casework.web.anonymous_pages import POLICY
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.people import directory
from tutela.organisations.web.page_access import page, public
from tutela.takedown.intake import public_report
from tutela.takedown.ledger import public_figures, publication
from tutela.takedown.ledger.histories import READ


@public()
@csp_override(POLICY)
def figures(request: HttpRequest, language: str = "") -> HttpResponse:
    """Figures of complete quarters, as they were stored, with the replies of providers."""
    hotline = public_report.hotline()
    language = language or settings.LANGUAGE_CODE
    if "public" not in settings.DESKS or hotline is None or language not in dict(settings.LANGUAGES):
        raise Http404
    actor = directory.acting_for(hotline, "system:takedown", "Public figures", frozenset({READ}))
    context = {
        "quarters": publication.published(actor),
        "hotline": hotline.name,
        "LANGUAGE_CODE": language,
        "least": public_figures.LEAST_CASES,
        "smallest": public_figures.LEAST_SHOWN,
        "providers": public_figures.LEAST_PROVIDERS,
        "days": (public_figures.COMPLETE_AFTER + publication.REPLY_WITHIN).days,
    }
    with translation.override(language):
        answer = HttpResponse(render_to_string("takedown/public/figures.html", context))
        answer.headers["Content-Language"] = language
        return answer


@page("hosting.read", write=publication.REPLY)
def own_lines(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A provider's own lines of the figures of hotlines, and its replies before they are published."""
    if request.method == "POST":
        try:
            publication.reply(actor, UUID(request.POST.get("quarter", "")), request.POST.get("text", ""))
        except (ValueError, NotFound):
            raise Http404 from None
        except TutelaError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Your reply is published with the figures."))
        return redirect("hosting_figures")
    context = {
        "lines": publication.lines_about(actor),
        "may_reply": actor.can(publication.REPLY),
        "most": publication.MOST_CHARACTERS,
    }
    return render(request, "takedown/host_desk/figures.html", context)
