"""Public pages of removal requests: danger first, then the pictures, whose fingerprints the person's browser makes.

Templates are rendered without the request, so that nothing of it reaches a page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt

from tutela.casework.anonymous import ticket
from tutela.casework.public_languages import catalogue
from tutela.casework.public_languages.page_language import speaking
from tutela.casework.web.anonymous_pages import POLICY
from tutela.casework.web.public_frame import frame, wished
from tutela.casework.web.visitor_block import block_of
from tutela.events.errors import TutelaError
from tutela.organisations.web.page_access import public
from tutela.victims import public_form
from tutela.victims.errors import OnlyJson
from tutela.victims.removal import message_lines

# As the other public pages; the page of pictures also starts its worker, and plays a chosen video to itself without
# showing it.
PICTURES_POLICY = POLICY | {"worker-src": ["'self'"], "media-src": ["blob:"]}


def _page(*, writes: bool = False, policy: Any = POLICY) -> Callable[..., Callable[..., HttpResponse]]:
    """A public page in the language of its address; none without a victim support that receives requests."""

    def decorate(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: HttpRequest, language: str) -> HttpResponse:
            if language not in catalogue.CODES or public_form.victim_support() is None:
                raise Http404
            with speaking(language):
                answer = view(request)
                answer.headers["Content-Language"] = language
                return answer

        guarded: Callable[..., HttpResponse] = public(writes=writes)(csrf_exempt(csp_override(policy)(inner)))
        return guarded

    return decorate


@public()
def choose_language(request: HttpRequest) -> HttpResponse:
    """Lead to the page in the language that the browser wishes most; its last line has all others."""
    return redirect("removal_question", language=wished(request))


@_page()
def question(request: HttpRequest) -> HttpResponse:
    """Whether somebody is in danger now. Asked before anything is chosen or typed."""
    return _shown("question", "removal_question")


@_page()
def danger(request: HttpRequest) -> HttpResponse:
    """Whom to call now."""
    return _shown("danger", "removal_danger")


@_page()
def for_somebody(request: HttpRequest) -> HttpResponse:
    """As whom somebody acts for the person in the pictures: the mandate begins with the request."""
    return _shown("for_somebody", "removal_for_somebody", who=public_form.REPRESENTATIVES)


@_page(policy=PICTURES_POLICY)
def pictures(request: HttpRequest) -> HttpResponse:
    """Choose pictures; their fingerprints are made and sent by scripts of this page."""
    asked = request.GET.get("for", "")
    acts_for = asked if asked in message_lines.REPRESENTATIVES else "self"
    return _shown(
        "pictures",
        "removal_pictures",
        ticket=_ticket(request),
        acts_for=acts_for,
        kind=public_form.REMOVAL if acts_for == "self" else public_form.REPRESENTED,
    )


# What browsers send a form as.
OF_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")


@_page(writes=True)
def fingerprints(request: HttpRequest) -> HttpResponse:
    """Receive the fingerprints of one picture as JSON. Every answer has a new ticket; none tells of the picture."""
    if request.method != "POST" or request.content_type in OF_FORMS:
        # A browser without a script sends the form itself; the page says what to do then.
        return redirect("removal_pictures", language=translation.get_language())
    status = 200
    try:
        if request.content_type != "application/json":
            raise OnlyJson
        taken = public_form.take(public_form.read_body(request.read(public_form.MOST_BYTES + 1)))
        said: dict[str, object] = {"number": taken.number, "passphrase": taken.passphrase, "reader": taken.reader}
    except TutelaError as error:
        said, status = {"error": str(error), "field": error.field or ""}, error.status
    fresh = _ticket(request)
    said |= {"ticket": fresh.text, "nonce": fresh.nonce, "bits": fresh.work.bits}
    return JsonResponse(said, status=status)


def _ticket(request: HttpRequest) -> ticket.Ticket:
    return ticket.Issuer(block_of(request)).issue(public_form.FORM)


def _shown(name: str, route: str, **context: Any) -> HttpResponse:
    """A page. `route` is its address in every language."""
    context = {"kind": public_form.REMOVAL, **context}
    context |= frame(catalogue.known(translation.get_language()), route)
    return HttpResponse(render_to_string(f"victims/{name}.html", context))
