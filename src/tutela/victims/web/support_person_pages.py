"""Forms above the messages of the support desk's conversations, and the answer in accessible formats.

Each form has a ticket of its own and the `reader` of the open conversation. A format only reads, so it needs no ticket.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import translation

from tutela.casework.anonymous import conversations, ticket
from tutela.casework.anonymous.errors import UnknownConversation
from tutela.casework.anonymous.kinds import ConversationKind
from tutela.casework.public_languages import catalogue
from tutela.casework.public_languages.page_language import speaking
from tutela.casework.web import anonymous_pages
from tutela.casework.web.anonymous_pages import anonymous
from tutela.casework.web.public_frame import frame
from tutela.events.errors import NotFound, TutelaError
from tutela.victims import support_channels
from tutela.victims.information import answers, formats

type Choose = Callable[[ConversationKind, ticket.Ticket, str, str, str], None]


@anonymous(writes=True)
def notify(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """Choose whether to be told of future sightings."""
    choice = request.POST.get("notify", "")
    return _chosen(request, kind, support_channels.NOTIFY_FORM, support_channels.choose_notify, choice)


@anonymous(writes=True)
def wish(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """Choose with whom to speak."""
    choice = request.POST.get("wanted_gender", "")
    return _chosen(request, kind, support_channels.WISH_FORM, support_channels.choose_wish, choice)


@anonymous(writes=True)
def consent(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """Choose what may be done with the words."""
    choice = request.POST.get("consent", "")
    return _chosen(request, kind, support_channels.CONSENT_FORM, support_channels.choose_consent, choice)


@anonymous(writes=True)
def answer_format(request: HttpRequest, kind: ConversationKind) -> HttpResponse:
    """The answer in an accessible format."""
    _known(kind)
    if request.method != "POST":
        return _enter(kind)
    try:
        row = support_channels.answer_of(kind, request.POST.get("reader", ""))
    except UnknownConversation as error:
        return anonymous_pages.enter_again(kind, anonymous_pages.issuer_for(request, kind), error)
    wanted, text = request.POST.get("format", ""), row.text_shown  # type: ignore[attr-defined]
    spoken = answers.language_of(row, text)
    if wanted == formats.PDF:
        with speaking(spoken):
            body = formats.tagged_pdf(str(kind.label), text, spoken)
        return _file(body, "answer.pdf", "application/pdf", spoken)
    if wanted == formats.TEXT:
        return _file(text.encode(), "answer.txt", "text/plain; charset=utf-8", spoken)
    context = {
        **frame(translation.get_language() or "en", "anonymous_enter", kind.code),
        "kind": kind,
        "lines": formats.easy_lines(text) if wanted == formats.EASY else text.splitlines(),
        # Of the answer, which may be another one than the page's.
        "spoken": spoken,
        "spoken_direction": catalogue.direction(spoken),
    }
    return HttpResponse(render_to_string("victims/public/answer.html", context))


def _file(body: bytes, name: str, content_type: str, language: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Language": language}
    return HttpResponse(body, content_type=content_type, headers=headers)


def _chosen(request: HttpRequest, kind: ConversationKind, form: str, choose: Choose, choice: str) -> HttpResponse:
    """Store a choice of an open conversation, and show it again."""
    _known(kind)
    if request.method != "POST":
        return _enter(kind)
    said = request.POST
    reader, issuer = said.get("reader", ""), anonymous_pages.issuer_for(request, kind)
    try:
        choose(kind, ticket.read(said.get("ticket", ""), form), said.get("proof", ""), reader, choice)
        return anonymous_pages.conversation(kind, conversations.read(kind, reader), issuer, done=True)
    except TutelaError as error:
        try:
            return anonymous_pages.conversation(kind, conversations.read(kind, reader), issuer, error=error)
        except UnknownConversation:
            return anonymous_pages.enter_again(kind, issuer, error)


def _enter(kind: ConversationKind) -> HttpResponse:
    return redirect("anonymous_enter", language=translation.get_language(), kind=kind.code)


def _known(kind: ConversationKind) -> None:
    if kind.code not in support_channels.CODES:
        raise NotFound
