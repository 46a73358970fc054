"""The answer "later", in the caller's own format, to a correct request that cannot be processed now."""

from __future__ import annotations

import sys

import structlog
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tutela.app.runtime.database_watchdog import LIFELINE
from tutela.app.website import problems
from tutela.exchange.cybertip import Code, answer, done
from tutela.organisations.vocabulary.transient_errors import Trouble, trouble

CYBERTIP = "/ispws/"
STATUS = {Trouble.AWAY: 503, Trouble.BUSY: 503, Trouble.NO_ROOM: 507}
RETRY_TEXTS = {
    Trouble.AWAY: gettext_noop("The database does not answer. Nothing was kept. Send the same data again later."),
    Trouble.BUSY: gettext_noop("The database is busy. Nothing was kept. Send the same data again later."),
    Trouble.NO_ROOM: gettext_noop("The disk is full. Nothing was kept. Send the same data again later."),
}
log = structlog.get_logger("tutela.web")


def later(request: HttpRequest, trouble: Trouble, *, begun: bool = True) -> HttpResponse:
    """The answer to a request that met a trouble. Nothing of it was confirmed.

    Where the database went away while it was `begun`, nobody knows whether its change was committed.
    """
    LIFELINE.note(trouble)
    status = STATUS[trouble]
    log.warning("later", request_id=problems.request_id(request), path=request.path[:80], trouble=trouble.value)
    response = problems.asking_again(_answer(request, trouble, status, unknown=begun and trouble is Trouble.AWAY))
    response._has_been_logged = True  # type: ignore[attr-defined]  # by the line above, and not as a fault of ours
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer any exception, also one raised by a middleware.

    Transient errors are answered "later".
    """
    found = trouble(sys.exception())
    if found is not None:
        return later(request, found)
    return _cybertip(request, 500) if request.path.startswith(CYBERTIP) else problems.server_error(request)


def _answer(request: HttpRequest, trouble: Trouble, status: int, *, unknown: bool) -> HttpResponse:
    detail = _(RETRY_TEXTS[trouble])
    unknown = unknown and request.method not in ("GET", "HEAD")
    if unknown:
        detail = _("The database does not answer. This data may or may not have been kept.")
    if request.path.startswith(CYBERTIP):
        return _cybertip(request, status, detail)
    if request.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", ""):
        same_key = _("Check first, or send it again with the same key.")
        return problems.problem(request, status, f"{detail} {same_key}" if unknown else detail)
    # Without the request: who is signed in is known to the database alone.
    context = {"status": status, "title": problems.TITLES[status], "detail": detail, "unknown": unknown}
    return HttpResponse(render_to_string("error.html", context), status=status)


def _cybertip(request: HttpRequest, status: int, said: str = "") -> HttpResponse:
    """Answer in the format of the CyberTipline interface, whose clients read no other."""
    finishing = request.path.rstrip("/").endswith("/finish")
    body = done(Code.SERVER_ERROR, 0) if finishing else answer(Code.SERVER_ERROR, said)
    headers = {"Request-ID": problems.request_id(request), "Cache-Control": "no-store"}
    return HttpResponse(body, status=status, content_type="text/xml; charset=utf-8", headers=headers)
