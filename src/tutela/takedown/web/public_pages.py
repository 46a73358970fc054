"""First page of a public report: whether somebody is in danger now. Asked before anything is typed."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.csp import csp_override

from tutela.casework.public_languages import catalogue
from tutela.casework.public_languages.page_language import speaking
from tutela.casework.web.anonymous_pages import POLICY
from tutela.casework.web.public_frame import frame, wished
from tutela.organisations.web.page_access import public
from tutela.takedown.intake import public_report


@public()
def choose_language(request: HttpRequest) -> HttpResponse:
    """Lead to the page in the language that the browser wishes most; its last line has all others."""
    return redirect("public_report_question", language=wished(request))


@public()
@csp_override(POLICY)
def question(request: HttpRequest, language: str) -> HttpResponse:
    """The question, with a link for each answer. Rendered without the request, so that nothing of it is on the page."""
    closed = "public" not in settings.DESKS or language not in catalogue.CODES
    if closed or public_report.hotline() is None:
        raise Http404
    context = frame(language, "public_report_question") | {
        "kind": public_report.REPORT,
        "urgent": public_report.URGENT_REPORT,
    }
    with speaking(language):
        answer = HttpResponse(render_to_string("takedown/public/question.html", context))
        answer.headers["Content-Language"] = language
        return answer
