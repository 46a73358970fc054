"""First public page of a complaint: whether somebody is in danger, and whose decision is complained about.

No cookie, no session, no script. The person writes on the page of the organisation that is chosen here, and reads the
state and the answer there with the case number and the passphrase.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.csp import csp_override

from tutela.casework.public_languages import catalogue
from tutela.casework.public_languages.page_language import speaking
from tutela.casework.web.anonymous_pages import POLICY
from tutela.casework.web.public_frame import frame, wished
from tutela.organisations.web.page_access import public
from tutela.redress.complaints import intake


@public()
def choose_language(request: HttpRequest) -> HttpResponse:
    """Lead to the page in the language that the browser wishes most; its last line has all others."""
    return redirect("public_complaint_in", language=wished(request))


@public()
@csp_override(POLICY)
def choose_receiver(request: HttpRequest, language: str) -> HttpResponse:
    """Organisations that receive complaints. Rendered without the request, so that nothing of it is on the page."""
    if language not in catalogue.CODES:
        raise Http404
    receivers = [(one, intake.code_of(one.id)) for one in intake.receivers()]
    context = frame(language, "public_complaint_in") | {
        "services": [(one, code) for one, code in receivers if one.kind in ("provider", "hotline")],
        "coordinators": [(one, code) for one, code in receivers if one.kind == "coordinating_authority"],
    }
    with speaking(language):
        answer = HttpResponse(render_to_string("redress/public/choose.html", context))
        answer.headers["Content-Language"] = language
        return answer
