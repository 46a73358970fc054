"""Inbox of anonymous conversations for people of the organisation."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tutela.casework.alerts import answers as alert_answers
from tutela.casework.alerts.schedule import AlertState
from tutela.casework.alerts.subjects import SubjectKind, kinds_of
from tutela.casework.anonymous import conversations, inbox, reserve
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.events.transaction import acting
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import action, no_more, page, part


@page(inbox.READ)
def conversation_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Conversations in a state, those that wait longest first."""
    state, wanted = request.GET.get("state", "waiting"), part(request)
    state = state if state in inbox.STATES or state == inbox.RESERVE else "waiting"
    rows, more = inbox.list_conversations(actor, state, wanted)
    if not rows and wanted.page > 1:
        raise no_more(request)
    context = {
        "rows": rows,
        "more": more,
        "page": wanted.page,
        "state": state,
        "states": [*((code, label) for code, (_to, label) in inbox.STATES.items()), (inbox.RESERVE, _("Reserve"))],
        "reserved": state == inbox.RESERVE,
        "alerts": _reserve_alerts(actor) if state == inbox.RESERVE else [],
        "address": settings.PUBLIC_URL,
    }
    return render(request, "casework/conversations/list.html", context)


@action(inbox.READ)
def answer_reserve(request: HttpRequest, actor: Actor, group: UUID) -> HttpResponseBase:
    """Answer the alert of an hour's messages of danger in the reserve."""
    if _reserve_kind(actor) is None:
        raise NotFound
    alert_answers.answer(actor, reserve.ALERT, group)
    messages.success(request, _("Alert answered."))
    return redirect(f"{reverse('conversations')}?state={inbox.RESERVE}")


@page(inbox.READ)
def conversation(request: HttpRequest, actor: Actor, conversation: UUID) -> HttpResponse:
    """One conversation with its messages, an answer and its closing."""
    return _show(request, actor, conversation)


@action(inbox.ANSWER)
@confirmed()
def answer(request: HttpRequest, actor: Actor, conversation: UUID) -> HttpResponseBase:
    """Answer a conversation."""
    text = request.POST.get("text", "")

    def work() -> None:
        inbox.answer(actor, conversation, text, _seen(request))
        messages.success(request, _("Answer sent."))

    return _done(request, actor, conversation, work, text)


@action(inbox.ANSWER)
@confirmed()
def close(request: HttpRequest, actor: Actor, conversation: UUID) -> HttpResponseBase:
    """Close a conversation."""

    def work() -> None:
        inbox.close(actor, conversation, _seen(request))
        messages.success(request, _("Conversation closed."))

    return _done(request, actor, conversation, work)


def _done(
    request: HttpRequest, actor: Actor, conversation: UUID, work: Callable[[], None], text: str = ""
) -> HttpResponseBase:
    """Do the work and show the conversation; after an error with the text that was typed."""
    try:
        work()
    except NotFound:
        raise
    except TutelaError as error:
        if not inbox.exists(actor, conversation):
            raise NotFound from None
        return _show(request, actor, conversation, error=error, text=text)
    return redirect("conversation", conversation)


def _show(
    request: HttpRequest, actor: Actor, conversation: UUID, *, error: TutelaError | None = None, text: str = ""
) -> HttpResponse:
    context = {
        "found": inbox.read(actor, conversation),
        "error": error,
        "text": text,
        "longest": conversations.MOST_CHARACTERS,
        "may_answer": actor.can(inbox.ANSWER),
    }
    return render(request, "casework/conversations/detail.html", context, status=error.status if error else 200)


def _reserve_kind(actor: Actor) -> SubjectKind | None:
    """The alerts of the reserve; None for who may not answer them, and on a node without them."""
    found = next((one for one in kinds_of(actor) if one.name == reserve.ALERT), None)
    return found if found is not None and actor.can(found.answer) else None


def _reserve_alerts(actor: Actor) -> list[AlertState]:
    """Unanswered alerts of the reserve that the actor may answer."""
    kind = _reserve_kind(actor)
    if kind is None:
        return []
    with acting(actor):
        return [one for one in kind.pending() if one.unanswered]


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
