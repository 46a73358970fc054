"""Middleware of every request: request id, time zone, last seen, second factor, errors as answers."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db.utils import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone

from tutela import clock
from tutela.app.runtime import health
from tutela.app.runtime.database_watchdog import LIFELINE
from tutela.app.runtime.request_front import COLLECTED, INTERFACES
from tutela.app.website import problems
from tutela.app.website.retry_later import later
from tutela.events.errors import TutelaError
from tutela.events.identifiers import uuid7
from tutela.exchange.message.translatable_text import visible_page
from tutela.organisations.people import session_lookup, sign_in_limits
from tutela.organisations.vocabulary.transient_errors import Trouble, trouble

Next = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("tutela.web")
# What Django itself answers with a 4xx.
EXPECTED = (Http404, PermissionDenied, SuspiciousOperation, BadRequest)
LAST_SEEN_PRECISION = timedelta(minutes=1)
# Memory for this many sessions; after that the record starts empty again.
REMEMBERED = 10_000
# The start, and where people in need find whom to call.
WITHOUT_DATABASE = re.compile(r"^/(?:help/.*)?$")
# Where a person without a second factor may still go: to set one up, or out.
WITHOUT_SECOND_FACTOR = re.compile(r"^/(account/|static/|$|help/|tour/|join/)")


class RequestIdMiddleware:
    """Give each request an id, written to the answer and the log, so that a caller can quote it.

    The body of a request is released with its answer. A request holds reference cycles that only the garbage collector
    frees; without the release, hundreds of megabytes of bodies would stay in memory.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = str(uuid7())  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        request.META.pop("wsgi.input", None)
        for held in ("_stream", "_body"):
            request.__dict__.pop(held, None)
        return response


class LifelineMiddleware:
    """Answer "later" at once while the database is away; health checks are answered without it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (said := health.answer(request)) is not None:
            return said
        if LIFELINE.away and not request.path.startswith(settings.STATIC_URL):
            if not WITHOUT_DATABASE.match(request.path):
                return later(request, Trouble.AWAY, begun=False)
            # Who is signed in is not known now; a visitor needs no database.
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return self.get_response(request)


class PlainTextMiddleware:
    """Refuse a zero character in an address, query or form field: no text has one, and the database accepts none.

    Bodies of interfaces are read by their own models, after the key was checked. A long body without sign-in is refused
    unread, except by a view that checks a key first.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        texts = [request.path, request.META.get("QUERY_STRING", "").replace("%00", "\0")]
        interface = request.path.startswith(INTERFACES)
        if _streams(request) and not _asks_for_key(request) and not request.user.is_authenticated:
            return problems.forbidden(request, PermissionDenied("Sign in first."))
        if not interface and request.content_type == "application/x-www-form-urlencoded":
            texts += [value for _name, values in request.POST.lists() for value in values]
        if any("\0" in text for text in texts):
            return problems.bad_request(request, SuspiciousOperation("Remove zero characters."))
        return self.get_response(request)


def _asks_for_key(request: HttpRequest) -> bool:
    """Whether the view asks for a key before it reads a body. Of all others Django reads forms to look for a token."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return request.path.startswith(INTERFACES) and getattr(view, "csrf_exempt", False)


def _streams(request: HttpRequest) -> bool:
    """Whether a body comes while it is read; a shorter one was collected before (`request_front`)."""
    length = request.META.get("CONTENT_LENGTH", "")
    chunked = "HTTP_TRANSFER_ENCODING" in request.META
    return chunked or (length.isdecimal() and int(length) > COLLECTED)


class ZoneMiddleware:
    """Times are shown in the reader's zone, with the zone."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "time_zone", "")
        try:
            timezone.activate(zoneinfo.ZoneInfo(name) if name else timezone.get_default_timezone())
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            timezone.deactivate()
        try:
            response = self.get_response(request)
        finally:
            timezone.deactivate()
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class LastSeenMiddleware:
    """Record when, from where and by which browser a session was last seen, for the list of sessions.

    The time is precise to a minute, like the last use of a key; otherwise each page would be a write. The process
    remembers its own writes. A forgotten write, or one by another process, is written again.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self._written: dict[tuple[str | None, str, str], datetime] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._note(request)
        return self.get_response(request)

    def _note(self, request: HttpRequest) -> None:
        browser = request.headers.get("User-Agent", "")[:200]
        about, now = (request.session.session_key, get_adapter().get_client_ip(request), browser), clock.now()
        before = self._written.get(about)
        if before is not None and before <= now < before + LAST_SEEN_PRECISION:
            return
        try:
            UserSession.objects.create_from_request(request)
        except DatabaseError as error:
            # A page can be read where nothing more can be written.
            if trouble(error) is not Trouble.NO_ROOM:
                raise
            LIFELINE.note(Trouble.NO_ROOM)
            return
        if len(self._written) >= REMEMBERED:
            self._written.clear()
        self._written[about] = now


class SecondFactorMiddleware:
    """Require a second factor for every desk: a person without one is led to set it up."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        open_to_all = WITHOUT_SECOND_FACTOR.match(request.path)
        if request.user.is_authenticated and not open_to_all and not session_lookup.secured(request.user):
            return redirect("mfa_activate_totp")
        response = self.get_response(request)
        if (person := getattr(request, "_just_signed_in", None)) is not None:
            sign_in_limits.remember_browser(request, response, person)
        return response


class VisibleMiddleware:
    """Replace characters in pages that could reverse the order of letters in others' text: names, files, accounts."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
            response.content = visible_page(response.content)
        return response


class ProblemMiddleware:
    """Our own errors become answers; unexpected ones are logged with the request's id and show no internals."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, TutelaError):
            return problems.from_error(request, exception)
        if trouble(exception) in (Trouble.AWAY, Trouble.NO_ROOM):
            return None  # said and noted by the last answer
        if not isinstance(exception, EXPECTED):
            log.error(
                "unexpected", request_id=problems.request_id(request), error=type(exception).__name__, exc_info=True
            )
        return None
