"""Public pages of the anonymous channel: no cookie, no session, no script needed, the language in the address.

Templates are rendered without the request, so that nothing of it reaches a page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt

from tutela.casework.anonymous import conversations, proof_of_work, ticket
from tutela.casework.anonymous.errors import Later, TooSoon, UnknownConversation
from tutela.casework.anonymous.kinds import ConversationKind, kind_of
from tutela.casework.public_languages.page_language import speaking
from tutela.casework.web.public_frame import frame, wished
from tutela.events.errors import TutelaError
from tutela.organisations.web.page_access import public

type View[**P] = Callable[Concatenate[HttpRequest, ConversationKind, P], HttpResponse]
# Stricter than the desks: no image from a text, no request by a script, no text that becomes a script.
POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "require-trusted-types-for": ["'script'"],
}
# A reader who comes back after a limit was reached, in seconds.
AGAIN_SECONDS = 3600


def anonymous[**P](*, writes: bool) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """A public page in the language of its address. Its form has a ticket in place of a token in a cookie."""

    def decorate(view: View[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: HttpRequest, language: str, kind: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            with speaking(language):
                answer = view(request, kind_of(kind), *args, **kwargs)
                # What a page gives out may be in the language of its person, and says so itself.
                answer.headers.setdefault("Content-Language", language)
                return answer

        guarded: Callable[..., HttpResponse] = public(writes=writes)(csrf_exempt(csp_override(POLICY)(inner)))
        return guarded

    return decorate


@public()
def choose_language(request: HttpRequest, kind: str) -> HttpResponse:
    """Lead to the page in the language that the browser wishes most; its last line has all others."""
    return redirect("anonymous_write", language=wished(request), kind=kind)


@anonymous(writes=True)
def write(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """The first message; its answer shows the case number and the passphrase."""
    form = f"{kind.code}.write"
    if request.method != "POST":
        return show(kind, "write", "anonymous_write", form)
    given = request.POST
    try:
        read = ticket.read(given.get("ticket", ""), form)
        language = translation.get_language() or settings.LANGUAGE_CODE
        opened = conversations.open_conversation(kind, read, given.get("proof", ""), given.get("text", ""), language)
    except TutelaError as error:
        return _again(kind, error, given, "write", "anonymous_write", form)
    return show(kind, "opened", "anonymous_write", opened=opened)


@anonymous(writes=True)
def enter(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """Read answers with the case number and the passphrase."""
    form = f"{kind.code}.enter"
    if request.method != "POST":
        return show(kind, "enter", "anonymous_enter", form)
    given = request.POST
    try:
        read = ticket.read(given.get("ticket", ""), form)
        number, words = given.get("number", ""), given.get("passphrase", "")
        reading = conversations.enter(kind, read, given.get("proof", ""), number, words)
    except TutelaError as error:
        return _again(kind, error, given, "enter", "anonymous_enter", form)
    return conversation(kind, reading, text=given.get("text", ""))


@anonymous(writes=True)
def follow_up(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """A further message. Once the page was open too long, the case number and the passphrase are asked for again."""
    given, form = request.POST, f"{kind.code}.follow_up"
    if request.method != "POST":
        return redirect("anonymous_enter", language=translation.get_language(), kind=kind.code)
    token = given.get("reader", "")
    try:
        read = ticket.read(given.get("ticket", ""), form)
        reading = conversations.follow_up(kind, read, given.get("proof", ""), token, given.get("text", ""))
        return conversation(kind, reading, sent=True)
    except UnknownConversation as error:
        return _again(kind, error, given, "enter", "anonymous_enter", f"{kind.code}.enter")
    except TutelaError as error:
        try:
            reading = conversations.read(kind, token)
        except UnknownConversation:
            return _again(kind, error, given, "enter", "anonymous_enter", f"{kind.code}.enter")
        kept = _kept(error, given, form)
        return conversation(kind, reading, error=error, ticket=kept, text=given.get("text", ""))


@anonymous(writes=True)
def withdraw(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """Withdraw a conversation: it is erased. Once the page was open too long, it is entered again first."""
    given = request.POST
    if request.method != "POST":
        return redirect("anonymous_enter", language=translation.get_language(), kind=kind.code)
    try:
        read = ticket.read(given.get("ticket", ""), f"{kind.code}.withdraw")
        conversations.withdraw(kind, read, given.get("proof", ""), given.get("reader", ""))
    except TutelaError as error:
        return _again(kind, error, given, "enter", "anonymous_enter", f"{kind.code}.enter")
    return show(kind, "withdrawn", "anonymous_enter")


@public()
def leave(request: HttpRequest, language: str) -> HttpResponse:
    """Leave for a neutral page; the browser is asked to forget what it kept of this site."""
    answer = HttpResponse(status=302, headers={"Location": settings.EXIT_URL})
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _again(kind: ConversationKind, error: TutelaError, given: Any, name: str, route: str, form: str) -> HttpResponse:
    """The same form once more, with what was typed."""
    typed = {one: given.get(one, "") for one in ("text", "number", "passphrase")}
    return show(kind, name, route, form, error=error, ticket=_kept(error, given, form), **typed)


def _kept(error: TutelaError, given: Any, form: str) -> ticket.Ticket | None:
    """The ticket that was sent too soon: a new one would make its person wait from the beginning."""
    return ticket.read(given.get("ticket", ""), form) if isinstance(error, TooSoon) else None


def conversation(kind: ConversationKind, reading: conversations.Reading, **more: Any) -> HttpResponse:
    """The page of an open conversation. Call in the language of the page."""
    more |= conversations.progress_of(kind, reading)
    if kind.withdrawable:
        more["withdrawing"] = ticket.issue(f"{kind.code}.withdraw")
    return show(kind, "conversation", "anonymous_enter", f"{kind.code}.follow_up", reading=reading, **more)


def show(kind: ConversationKind, name: str, route: str, form: str = "", **context: Any) -> HttpResponse:
    """A page with a new ticket if it has a form. `route` is the page's address in every language."""
    error, language = context.get("error"), translation.get_language() or settings.LANGUAGE_CODE
    context |= frame(language, route, kind.code)
    context |= {
        "kind": kind,
        "ticket": context.get("ticket") or (ticket.issue(form) if form else None),
        "bits": proof_of_work.BITS,
        "wait": int(ticket.MATURE.total_seconds()),
        "longest": conversations.MOST_CHARACTERS,
        "later": isinstance(error, Later),
        "soon": isinstance(error, TooSoon),
    }
    if kind.notice_context and (name == "write" or kind.notice_stays):
        context |= kind.notice_context()
    answer = HttpResponse(
        render_to_string(f"casework/anonymous/{name}.html", context), status=error.status if error else 200
    )
    if context["later"]:
        answer.headers["Retry-After"] = str(AGAIN_SECONDS)
    return answer
