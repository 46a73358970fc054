"""Pages that leave no trace of their visitors: the public forms, in every language.

The first middleware removes whatever a request says about its sender, before anything can store or log it. Cookies are
removed too, so that a page of this kind is the same for everybody, and nobody is signed in on it. Of the address only a
hash under the key of this hour stays on the request: the work of the visitor's tickets grows with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tutela.app.runtime.log_filters import NO_TRACE
from tutela.casework.web import visitor_block

# Pages with the language in their address, and the addresses of public forms that lead to one.
WITH_LANGUAGE = re.compile(r"^/[a-z]{2}/")
CHOOSING = re.compile(
    r"^/(?:help|message|prevention|removal|remove|report|complaint|ask|support|survivors)(?:-[a-z-]+)?/"
)
# Headers that a form needs. All others are removed.
KEPT = frozenset({"HTTP_HOST", "HTTP_TRANSFER_ENCODING", "HTTP_X_FORWARDED_PROTO"})
# Addresses without a language choose one by this header; no other page reads it.
LANGUAGES = "HTTP_ACCEPT_LANGUAGE"
NOBODY = "0.0.0.0"  # noqa: S104 - in place of an address; nothing listens


def leaves_no_trace(path: str) -> bool:
    """Whether a page stores and logs nothing about its visitor."""
    return (WITH_LANGUAGE.match(path) or CHOOSING.match(path)) is not None


class NoTraceMiddleware:
    """Remove address, cookies and headers of requests for public forms; let no cache or other site keep the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not leaves_no_trace(request.path_info):
            return self.get_response(request)
        visitor_block.remember(request)
        kept = KEPT | {LANGUAGES} if CHOOSING.match(request.path_info) else KEPT
        for name in [one for one in request.META if one.startswith("HTTP_") and one not in kept]:
            del request.META[name]
        request.META.update(REMOTE_ADDR=NOBODY, REMOTE_HOST="", REMOTE_PORT="")
        setattr(request, NO_TRACE, True)
        response = self.get_response(request)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        del response.headers["X-Request-Id"]
        return response
