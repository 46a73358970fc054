"""Conversion of errors to answers: problem details (RFC 9457) for API clients, a page for people.

Errors become answers only in this module.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from tutela.app.website import no_trace
from tutela.events.errors import TutelaError
from tutela.victims.web import help_pages

TITLES = {
    400: _("Request not readable"),
    401: _("Sign in or send a key"),
    403: _("Access not allowed"),
    404: _("Not found"),
    405: _("Not possible at this address"),
    409: _("Conflict with the current state"),
    413: _("Content too large"),
    415: _("Format not supported"),
    422: _("Some input must be corrected"),
    429: _("Too many requests"),
    500: _("Something went wrong on our side"),
    503: _("Service not available now"),
    507: _("No storage space left"),
}

EVIDENCE = re.compile(r"^/[a-z]{2}/prevention/")
# Seconds before a retry. A restarted database is back within seconds; disk space has to be freed by people.
AGAIN_SECONDS = {503: 5, 507: 60}


def problem(
    request: HttpRequest,
    status: int,
    detail: str = "",
    errors: list[dict[str, str]] | None = None,
    kind: str = "about:blank",
) -> JsonResponse:
    """An `application/problem+json` answer. `errors` names each field and reason; `request_id` is in our log."""
    body: dict[str, Any] = {
        "type": kind,
        "title": str(TITLES.get(status, "")),
        "status": status,
        "detail": detail,
        "request_id": request_id(request),
    }
    if errors:
        body["errors"] = errors
    return JsonResponse(body, status=status, content_type="application/problem+json")


def from_error(request: HttpRequest, error: TutelaError) -> HttpResponse:
    """Answer one of our own errors in the form that the caller reads."""
    if is_api(request):
        fields = [{"field": error.field, "reason": str(error)}] if error.field else None
        return asking_again(problem(request, error.status, str(error), fields, error.type))
    answer = asking_again(page(request, error.status, str(error)))
    if error.status == 405:
        answer.headers["Allow"] = "POST"
    return answer


def asking_again[R: HttpResponse](response: R) -> R:
    """The response, with the time to retry if its status is temporary."""
    if response.status_code in AGAIN_SECONDS:
        response.headers.setdefault("Retry-After", str(AGAIN_SECONDS[response.status_code]))
    return response


def page(request: HttpRequest, status: int, detail: str = "") -> HttpResponse:
    context = {"status": status, "title": TITLES.get(status, ""), "detail": detail, "request_id": request_id(request)}
    return render(request, "error.html", context, status=status)


def request_id(request: HttpRequest) -> str:
    return str(getattr(request, "id", ""))


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A person who mistypes a public address needs the numbers and the way out, not the frame of a desk.

    Readers of the evidence on prevention are professionals: they are told that the page does not exist.
    """
    if is_api(request):
        return problem(request, 404)
    if no_trace.WITH_LANGUAGE.match(request.path_info) and not EVIDENCE.match(request.path_info):
        return help_pages.not_found(request, language=request.path_info[1:3])
    return page(request, 404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    status, detail = 400, ""
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024
        status, detail = 413, _("The data that you entered is larger than %(most)s MB.") % {"most": most}
    answer = problem if is_api(request) else page
    return answer(request, status, str(detail))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 403) if is_api(request) else page(request, 403, str(exception))


def server_error(request: HttpRequest) -> HttpResponse:
    return problem(request, 500) if is_api(request) else page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(request, 403, str(_("The form was open too long. Go back, reload the page and send the form again.")))
