"""Public pages of complaints: whose decision is complained about, and the code that proves the account.

No cookie, no session, no script. The person writes on the page of the organisation that is chosen here, and reads the
state and the answer there with the case number and the passphrase. The code is entered there too.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.csp import csp_override

from tutela.casework.anonymous import conversations, ticket
from tutela.casework.anonymous.errors import UnknownConversation
from tutela.casework.anonymous.kinds import ConversationKind
from tutela.casework.public_languages import catalogue
from tutela.casework.public_languages.page_language import speaking
from tutela.casework.web import anonymous_pages
from tutela.casework.web.anonymous_pages import POLICY, anonymous
from tutela.casework.web.public_frame import frame, wished
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.web.page_access import public
from tutela.redress.complaints import account_proof, intake


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


@anonymous(writes=True)
def enter_code(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """Enter the code or number that proves the account. Everything that does not fit has one answer."""
    if not kind.code.startswith(intake.FAMILY):
        raise NotFound
    if request.method != "POST":
        return redirect("anonymous_enter", language=translation.get_language(), kind=kind.code)
    sent = request.POST
    reader, issuer = sent.get("reader", ""), anonymous_pages.issuer_for(request, kind)
    try:
        given = ticket.read(sent.get("ticket", ""), account_proof.FORM)
        account_proof.enter_code_as_person(kind, given, sent.get("proof", ""), reader, sent.get("code", ""))
        return anonymous_pages.conversation(kind, conversations.read(kind, reader), issuer)
    except TutelaError as error:
        try:
            return anonymous_pages.conversation(kind, conversations.read(kind, reader), issuer, error=error)
        except UnknownConversation:
            return anonymous_pages.enter_again(kind, issuer, error)
