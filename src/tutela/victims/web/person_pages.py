"""Forms above the messages of a removal request: pause, resume, contact, mandates, and the person's own access.

Each has a ticket of its own and the `reader` of the open conversation; nothing of the request reaches a page.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from tutela.casework.anonymous import conversations, ticket
from tutela.casework.anonymous.errors import UnknownConversation
from tutela.casework.anonymous.kinds import ConversationKind
from tutela.casework.web import anonymous_pages
from tutela.casework.web.anonymous_pages import anonymous
from tutela.events.errors import NotFound, TutelaError
from tutela.victims import public_form
from tutela.victims.removal.codes import KINDS
from tutela.victims.removal.contact import SafeContact

type Act = Callable[[ConversationKind, ticket.Ticket, str, str], object]


@anonymous(writes=True)
def pause(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """Pause the request."""
    return _act(request, kind, "removal.pause", lambda *given: public_form.pause_or_resume(*given, resumes=False))


@anonymous(writes=True)
def resume(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """Resume the request."""
    return _act(request, kind, "removal.resume", lambda *given: public_form.pause_or_resume(*given, resumes=True))


@anonymous(writes=True)
def choose_contact(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """Choose whether and how to be contacted."""
    said = request.POST
    wish = SafeContact(said.get("contact", ""), said.get("where", ""), said.get("when", ""))
    return _act(request, kind, "removal.contact", lambda *given: public_form.choose_contact(*given, wish=wish))


@anonymous(writes=True)
def end_mandates(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """End every mandate, as the person in the pictures wishes."""
    return _act(request, kind, "removal.mandates", public_form.end_mandates)


@anonymous(writes=True)
def own_access(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """Give the person in the pictures access of their own; shown once."""
    _known(kind)
    if request.method != "POST":
        return _enter(kind)
    said, language = request.POST, translation.get_language() or "en"
    try:
        given = ticket.read(said.get("ticket", ""), "removal.access")
        opened = public_form.open_own_access(given, said.get("proof", ""), said.get("reader", ""), language)
    except TutelaError as error:
        return _again(request, kind, error)
    return anonymous_pages.show(kind, "opened", "anonymous_write", opened=opened)


def _act(request: HttpRequest, kind: ConversationKind, form: str, act: Act) -> HttpResponse:
    """Do something for an open conversation, and show it again."""
    _known(kind)
    if request.method != "POST":
        return _enter(kind)
    said = request.POST
    try:
        act(kind, ticket.read(said.get("ticket", ""), form), said.get("proof", ""), said.get("reader", ""))
        reading = conversations.read(kind, said.get("reader", ""))
        return anonymous_pages.conversation(kind, reading, anonymous_pages.issuer_for(request, kind), done=True)
    except TutelaError as error:
        return _again(request, kind, error)


def _again(request: HttpRequest, kind: ConversationKind, error: TutelaError) -> HttpResponse:
    """The conversation with the reason; once the page was open too long, it is entered again first."""
    issuer = anonymous_pages.issuer_for(request, kind)
    try:
        reading = conversations.read(kind, request.POST.get("reader", ""))
    except UnknownConversation:
        return anonymous_pages.enter_again(kind, issuer, error)
    return anonymous_pages.conversation(kind, reading, issuer, error=error)


def _enter(kind: ConversationKind) -> HttpResponse:
    return redirect("anonymous_enter", language=translation.get_language(), kind=kind.code)


def _known(kind: ConversationKind) -> None:
    """Other kinds of conversation have no request."""
    if kind.code not in KINDS:
        raise NotFound
