"""Public pages of the anonymous channel: no cookie, no session, no script needed, the language in the address.

Templates are rendered without the request, so that nothing of it reaches a page.

No page with a case number, a passphrase or a message stays in the history of a browser. With JavaScript a form is sent
by `fetch` and its answer takes the place of the page (`message.js`). Without, the answer is a redirect to a page that
is shown once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt

from tutela.casework.anonymous import conversations, once_page, ticket
from tutela.casework.anonymous.errors import FormExpired, Later, TooSoon, UnknownConversation
from tutela.casework.anonymous.kinds import ConversationKind, kind_of
from tutela.casework.public_languages.page_language import speaking
from tutela.casework.web.public_frame import frame, wished
from tutela.casework.web.visitor_block import block_of
from tutela.events.errors import TutelaError
from tutela.organisations.web.page_access import public

type View[**P] = Callable[Concatenate[HttpRequest, ConversationKind, P], HttpResponse]
# Stricter than the desks: no image from a text, no request to another site, no text that becomes a script.
POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "connect-src": ["'self'"],
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
                answer = _shown_once(request, kind, view(request, kind_of(kind), *args, **kwargs))
                # What a page gives out may be in the language of its person, and says so itself.
                answer.headers.setdefault("Content-Language", language)
                return answer

        guarded: Callable[..., HttpResponse] = public(writes=writes)(csrf_exempt(csp_override(POLICY)(inner)))
        return guarded

    return decorate


def _shown_once(request: HttpRequest, kind: str, answer: HttpResponse) -> HttpResponse:
    """The answer to a form, as a redirect to a page that is shown once; the answer itself for a script, or a file."""
    html = str(answer.headers.get("Content-Type", "")).startswith("text/html")
    # A script always fills in the field.
    if request.method != "POST" or request.POST.get("proof") or not html:
        return answer
    kept = {name: value for name, value in answer.items() if name in ("Content-Language", "Retry-After")}
    token = once_page.keep(answer.content, answer.status_code, kept, block_of(request))
    if token is None:
        return answer
    place = [translation.get_language(), kind, token]
    return HttpResponseRedirect(reverse("anonymous_shown", args=place), status=HTTPStatus.SEE_OTHER)


@anonymous(writes=True)
def shown(request: HttpRequest, kind: ConversationKind, token: str) -> HttpResponse:
    """The answer to a form, once. Afterwards, and for any other token, the way to enter the case again."""
    found = once_page.take(token) if request.method == "GET" else None
    if found is None:
        return redirect("anonymous_enter", language=translation.get_language(), kind=kind.code)
    body, status, headers = found
    # Chromium keeps a page in memory for "back", in spite of `no-store`, if its status is 200.
    status = HTTPStatus.NON_AUTHORITATIVE_INFORMATION if status == HTTPStatus.OK else status
    return HttpResponse(body, status=status, headers=headers)


def issuer_for(request: HttpRequest, kind: ConversationKind) -> ticket.Issuer:
    """Issues the tickets of a page for its visitor."""
    return ticket.Issuer(block_of(request), danger=kind.danger)


@public()
def choose_language(request: HttpRequest, kind: str) -> HttpResponse:
    """Lead to the page in the language that the browser wishes most; its last line has all others."""
    return redirect("anonymous_write", language=wished(request), kind=kind)


@anonymous(writes=True)
def write(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """The first message; its answer shows the case number and the passphrase."""
    form, issuer = f"{kind.code}.write", issuer_for(request, kind)
    if request.method != "POST":
        return show(kind, "write", "anonymous_write", form, issuer)
    given = request.POST
    try:
        read = ticket.read(given.get("ticket", ""), form)
        language = translation.get_language() or settings.LANGUAGE_CODE
        opened = conversations.open_conversation(kind, read, given.get("proof", ""), given.get("text", ""), language)
    except TutelaError as error:
        return _again(kind, error, given, "write", "anonymous_write", form, issuer)
    return show(kind, "opened", "anonymous_write", opened=opened)


@anonymous(writes=True)
def enter(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """Read answers with the case number and the passphrase."""
    issuer = issuer_for(request, kind)
    if request.method != "POST":
        return enter_again(kind, issuer)
    given = request.POST
    try:
        read = ticket.read(given.get("ticket", ""), f"{kind.code}.enter")
        number, words = given.get("number", ""), given.get("passphrase", "")
        reading = conversations.enter(kind, read, given.get("proof", ""), number, words)
    except TutelaError as error:
        return enter_again(kind, issuer, error, given)
    return conversation(kind, reading, issuer, text=given.get("text", ""))


@anonymous(writes=True)
def follow_up(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """A further message. Once the page was open too long, the case number and the passphrase are asked for again."""
    given, form, issuer = request.POST, f"{kind.code}.follow_up", issuer_for(request, kind)
    if request.method != "POST":
        return redirect("anonymous_enter", language=translation.get_language(), kind=kind.code)
    token = given.get("reader", "")
    try:
        read = ticket.read(given.get("ticket", ""), form)
        reading = conversations.follow_up(kind, read, given.get("proof", ""), token, given.get("text", ""))
        return conversation(kind, reading, issuer, sent=True)
    except UnknownConversation as error:
        return enter_again(kind, issuer, error, given)
    except TutelaError as error:
        try:
            reading = conversations.read(kind, token)
        except UnknownConversation:
            return enter_again(kind, issuer, error, given)
        kept = _kept(error, given, form)
        return conversation(kind, reading, issuer, error=error, ticket=kept, text=given.get("text", ""))


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
        return enter_again(kind, issuer_for(request, kind), error, given)
    return show(kind, "withdrawn", "anonymous_enter")


@public()
def leave(request: HttpRequest, language: str) -> HttpResponse:
    """Leave for a neutral page; the browser is asked to forget what it kept of this site."""
    answer = HttpResponse(status=302, headers={"Location": settings.EXIT_URL})
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def enter_again(
    kind: ConversationKind, issuer: ticket.Issuer, error: TutelaError | None = None, given: Any = None
) -> HttpResponse:
    """The form of case number and passphrase, empty also after an error; a text that was typed is kept."""
    if error is not None and given is not None:
        return _again(kind, error, given, "enter", "anonymous_enter", f"{kind.code}.enter", issuer)
    return show(kind, "enter", "anonymous_enter", f"{kind.code}.enter", issuer, error=error)


def _again(
    kind: ConversationKind, error: TutelaError, given: Any, name: str, route: str, form: str, issuer: ticket.Issuer
) -> HttpResponse:
    """The same form once more, with the text that was typed and never with a passphrase."""
    kept = _kept(error, given, form)
    return show(kind, name, route, form, issuer, error=error, ticket=kept, text=given.get("text", ""))


def _kept(error: TutelaError, given: Any, form: str) -> ticket.Ticket | None:
    """The ticket that was sent too soon: a new one would make its person wait from the beginning."""
    if not isinstance(error, TooSoon):
        return None
    try:
        return ticket.read(given.get("ticket", ""), form)
    except FormExpired:
        # Of another form, such as the one that withdraws.
        return None


def conversation(
    kind: ConversationKind, reading: conversations.Reading, issuer: ticket.Issuer, **more: Any
) -> HttpResponse:
    """The page of an open conversation. Call in the language of the page."""
    more |= conversations.progress_of(kind, reading, issuer)
    if kind.withdrawable:
        more["withdrawing"] = issuer.issue(f"{kind.code}.withdraw")
    return show(kind, "conversation", "anonymous_enter", f"{kind.code}.follow_up", issuer, reading=reading, **more)


def show(
    kind: ConversationKind, name: str, route: str, form: str = "", issuer: ticket.Issuer | None = None, **context: Any
) -> HttpResponse:
    """A page with a new ticket if it has a form. `route` is the page's address in every language."""
    error, language = context.get("error"), translation.get_language() or settings.LANGUAGE_CODE
    context |= frame(language, route, kind.code)
    context |= {
        "kind": kind,
        "ticket": context.get("ticket") or (issuer.issue(form) if issuer else None),
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
