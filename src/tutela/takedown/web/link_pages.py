"""Page on which a host without an account answers one notice. No cookie, no session, no script.

The token in the address admits the form, so that no token in a cookie is needed. The page is rendered without the
request, so that nothing of it is on the page.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt

from tutela.casework.web.anonymous_pages import POLICY
from tutela.events.errors import TutelaError
from tutela.organisations.web.page_access import public
from tutela.takedown.errors import LinkUnusable
from tutela.takedown.notices import host_link


@public(writes=True)
@csrf_exempt
@csp_override(POLICY)
def host_answer(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """The form; after the answer, the answer."""
    shown = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(shown):
        try:
            found = host_link.show(token)
        except LinkUnusable as error:
            return _page(shown, token, error=error)
        if request.method != "POST" or found.answer is not None:
            return _page(shown, token, found=found)
        kind, reason = request.POST.get("kind", ""), request.POST.get("reason", "")
        try:
            return _page(shown, token, found=host_link.answer(token, kind, reason))
        except TutelaError as error:
            return _page(shown, token, found=found, error=error, kind=kind, reason=reason)


def _page(language: str, token: str, **context: Any) -> HttpResponse:
    error = context.get("error")
    context |= {
        "language": language,
        "languages": [(code, name, reverse("host_answer", args=[code, token])) for code, name in settings.LANGUAGES],
        "answers": [(one.value, one.label) for one in host_link.ANSWERS],
        "longest": host_link.MOST_CHARACTERS,
    }
    text = render_to_string("takedown/public/host_answer.html", context)
    answer = HttpResponse(text, status=error.status if error else 200)
    answer.headers["Content-Language"] = language
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
