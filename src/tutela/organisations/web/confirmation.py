"""Confirmation: an act with consequences first shows what it will change, and takes effect after a second form.

The rule for every page that changes something (`Consequence`):

- one case: the act waits ten seconds and can be undone (`casework.undo`);
- many rows, a right, or words to a person: a preview names what will change, and a second form confirms it;
- a key is revoked at once and for good, after the same preview.

How a preview is made:

1. The act runs in a transaction. What it recorded there is the preview: rows, recipients, words to people.
2. The transaction is committed if the form has the token of exactly this preview. Otherwise it is rolled back.
3. An act that recorded nothing (a wrong form, a question of its own) then runs as usual and answers with its own page.
4. Any other is shown. The page of the preview repeats the form with a signed token for this person, this address, these
   fields and this preview.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from functools import wraps
from typing import Any, Protocol

from django.contrib.messages import ERROR
from django.contrib.messages.storage import default_storage
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from tutela.events.actor import Actor
from tutela.events.identifiers import first_from_now
from tutela.events.transaction import acting
from tutela.organisations.web import approval_pages, repeated_form
from tutela.organisations.web.previews import NOTHING, Preview, preview_since

TOKEN, BACK = "confirmed", "confirmed_back"
LIFETIME = timedelta(hours=1)
_SALT = "tutela.confirmation"
# Of the form on the preview page, or of an answer by security key: no part of what is confirmed.
_OURS = frozenset({TOKEN, BACK, "csrfmiddlewaretoken"})


class Consequence(StrEnum):
    """How an act is kept from happening by accident. An act without one is taken back by another act of its page."""

    UNDO = "undo"
    CONFIRM = "confirm"
    FINAL = "final"


class _Decorator(Protocol):
    """Takes a page and gives back one that is called in the same way."""

    def __call__[Page: Callable[..., HttpResponseBase]](self, view: Page, /) -> Page: ...


def undoable[View: Callable[..., Any]](view: View) -> View:
    """Mark a page whose act waits ten seconds in which it can be undone."""
    view.consequence = Consequence.UNDO  # type: ignore[attr-defined]
    return view


def confirmed(*, final: bool = False) -> _Decorator:
    """Show what a form would change, and let it take effect when that is confirmed.

    `final`: the page says that nobody can take it back.
    """

    def decorate[Page: Callable[..., HttpResponseBase]](view: Page) -> Page:
        @wraps(view)
        def inner(request: HttpRequest, actor: Actor, *args: Any, **kwargs: Any) -> HttpResponseBase:
            repeated_form.restore(request)
            if request.method != "POST" or approval_pages.answered(request):
                return view(request, actor, *args, **kwargs)
            return _carry_out(request, actor, lambda: view(request, actor, *args, **kwargs), final=final)

        inner.consequence = Consequence.FINAL if final else Consequence.CONFIRM  # type: ignore[attr-defined]
        return inner  # type: ignore[return-value]  # the same view, by name

    return decorate


class _NotConfirmed(Exception):
    """Rolls an act back."""


def _carry_out(
    request: HttpRequest, actor: Actor, act: Callable[[], HttpResponseBase], *, final: bool
) -> HttpResponseBase:
    """Steps 1 to 4. Of an act that is rolled back neither messages nor the session keep anything."""
    session, modified = dict(request.session.items()), request.session.modified
    messages, began = request._messages, first_from_now()  # type: ignore[attr-defined]
    request._messages = default_storage(request)  # type: ignore[attr-defined]
    preview, stated = NOTHING, ""
    try:
        with acting(actor):
            answer = act()
            if not _refused(request):
                preview = preview_since(actor, began)
                stated = _stated(request, actor, preview)
            if not (preview and _token_is_for(request.POST.get(TOKEN, ""), stated)):
                raise _NotConfirmed
        return answer
    except _NotConfirmed:
        request._messages = messages  # type: ignore[attr-defined]
        if dict(request.session.items()) != session:
            request.session.clear()
            request.session.update(session)
        request.session.modified = modified
    return _show(request, preview, stated, final=final) if preview else act()


def _refused(request: HttpRequest) -> bool:
    """Whether the act said nothing but that it was refused. A recorded refusal counts as the act runs as usual."""
    said = [one.level for one in request._messages._queued_messages]  # type: ignore[attr-defined]
    return bool(said) and all(level >= ERROR for level in said)


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, str(one)) for name, values in request.POST.lists() if name not in _OURS for one in values]


def _stated(request: HttpRequest, actor: Actor, preview: Preview) -> str:
    """Digest of all that is confirmed."""
    said = [actor.reference, request.get_full_path(), _fields(request), preview.stated]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _token_is_for(token: str, stated: str) -> bool:
    try:
        return bool(signing.loads(token[:500], salt=_SALT, max_age=LIFETIME) == stated)
    except signing.BadSignature:
        return False


def _show(request: HttpRequest, preview: Preview, stated: str, *, final: bool) -> HttpResponse:
    back = _back(request)
    context = {
        "preview": preview,
        "form": repeated_form.as_field(_fields(request)),
        "token": signing.dumps(stated, salt=_SALT),
        "changed": TOKEN in request.POST,
        "final": final,
        "to": request.get_full_path(),
        "back": back,
    }
    return render(request, "pages/confirm.html", context)


def _back(request: HttpRequest) -> str:
    """The page from which the form came, if it is one of this node; the start page otherwise."""
    came = request.POST.get(BACK, "") or request.headers.get("Referer", "")
    own = request.build_absolute_uri("/")
    return came if came.startswith(own) else "/desk/"
