"""Page access: decorators from a request to an actor. Every route names its permission here.

A page that changes something names a write permission; the architecture test reads `write_permission`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.internal.flows import reauthentication
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from tutela.events.actor import Actor
from tutela.events.list_access import ListPage
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.approvals import rules
from tutela.organisations.errors import FormNeeded
from tutela.organisations.models import Person
from tutela.organisations.people.members import actor_of
from tutela.organisations.table_views.sort_and_filter import as_file
from tutela.organisations.web.session_values import purpose_stated


@dataclass(frozen=True)
class DeskGate:
    """What keeps a desk closed: which of a person's permissions are of no use now, and the page that says why."""

    closed: Callable[[Actor], frozenset[str]]
    page: Callable[[HttpRequest, Actor], HttpResponseBase]


_gates: list[DeskGate] = []


def gate_desks(found: DeskGate) -> None:
    """Set the gate of every desk. For `app/wiring.py`."""
    _gates[:] = [found]


def closed_to(actor: Actor) -> frozenset[str]:
    """The actor's permissions of desks that are closed now."""
    return frozenset[str]().union(*(one.closed(actor) for one in _gates))


type Page[**P] = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]


def current_actor(request: HttpRequest) -> Actor | None:
    """The signed-in person as an actor, with the purpose stated for this session; None for a visitor."""
    person = request.user
    if not isinstance(person, Person):
        return None
    cached: Actor | None = getattr(request, "_tutela_actor", None)
    if cached is None:
        actor = actor_of(person)
        cached = actor.with_purpose(request.session["purpose"]) if purpose_stated(request, actor) else actor
        closed = closed_to(cached)
        cached = replace(cached, permissions=cached.permissions - closed) if closed else cached
        request._tutela_actor, request._tutela_closed = cached, closed  # type: ignore[attr-defined]
    return cached


def page[**P](
    permission: str, *, write: str | None = None, before_purpose: bool = False
) -> Callable[[Page[P]], Callable[..., HttpResponseBase]]:
    """A page for people with `permission`; other methods than GET and HEAD need `write`, and without it answer 405.

    Somebody without the permission gets 404: what you may not see does not exist. Who has not stated the purpose of
    this session is asked for it first, unless the page may come before that.
    """

    def decorate(view: Page[P]) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = current_actor(request)
            reading = request.method in ("GET", "HEAD")
            if actor is not None and {permission, write} & request._tutela_closed:  # type: ignore[attr-defined]
                return _gates[0].page(request, actor)
            if actor is None or not actor.can(permission) or (not reading and write and not actor.can(write)):
                raise Http404
            if not reading and write is None:
                return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
            if not (before_purpose or purpose_stated(request, actor)):
                asked = urlencode({"next": request.get_full_path() if reading else ""})
                return redirect(f"{reverse('purpose')}?{asked}")
            answer = view(request, actor, *args, **kwargs)
            if reading and answer.get("Content-Type", "").startswith("text/csv"):
                _note_export(request, actor)
            return answer

        inner.read_permission = permission  # type: ignore[attr-defined]
        inner.write_permission = write  # type: ignore[attr-defined]
        return inner

    return decorate


def _note_export(request: HttpRequest, actor: Actor) -> None:
    """Whichever list leaves the node as a file, it is an event."""
    with acting(actor):
        record(actor, "page.exported", "page", request.resolver_match.url_name if request.resolver_match else "")


def action[**P](permission: str) -> Callable[[Page[P]], Callable[..., HttpResponseBase]]:
    """Something that is done, not looked at: POST alone, so that the token against forgery is always checked.

    The permission comes first: who lacks it gets 404 for every method, as on a page.
    """

    def decorate(view: Page[P]) -> Callable[..., HttpResponseBase]:
        inner = page(permission, write=permission)(_only_post(view))
        inner.acts = True  # type: ignore[attr-defined]
        return inner

    return decorate


def _only_post[**P](view: Page[P]) -> Page[P]:
    """Refuse a form's address that is opened with GET, for example by "Back" or after signing in again."""

    @wraps(view)
    def inner(request: HttpRequest, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method != "POST":
            raise FormNeeded
        return view(request, actor, *args, **kwargs)

    return inner  # type: ignore[return-value]  # the same view, by name


def fresh[**P](view: Page[P]) -> Page[P]:
    """Require a sign-in within the last 5 minutes, as the library does.

    A session alone is not enough.
    """

    @wraps(view)
    def inner(request: HttpRequest, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return _asked_again(request) or view(request, actor, *args, **kwargs)

    return inner  # type: ignore[return-value]  # the same view, by name


def _asked_again(request: HttpRequest) -> HttpResponseBase | None:
    if not reauthentication.is_reauthentication_required(request, app=""):
        return None
    asked: HttpResponse = reauthentication.suspend_request(request, reverse("account_reauthenticate"))
    return asked


def fresh_where_guarded[**P](view: Page[P]) -> Page[P]:
    """Require a sign-in within the last 5 minutes where actions need a key or two people.

    A session alone can therefore add no person. The sign-in library asks in the same way before a key is added; the
    submitted form is processed after the sign-in.
    """

    @wraps(view)
    def inner(request: HttpRequest, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if rules.standing(actor.organisation_id) and (asked := _asked_again(request)) is not None:
            return asked
        return view(request, actor, *args, **kwargs)

    return inner  # type: ignore[return-value]  # the same view, by name


def about[**P](
    exists: Callable[[Actor, UUID], bool], has: Callable[[Actor, UUID, UUID], bool] | None = None
) -> Callable[[Page[P]], Page[P]]:
    """Before a form is read its subject, the first part of the address, must be there for this actor; otherwise 404.

    `has`: whether the second part of the address belongs to the first; otherwise 404 as well.
    """

    def decorate(view: Page[P]) -> Page[P]:
        @wraps(view)
        def inner(request: HttpRequest, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            subject, *below = kwargs.values()
            if not isinstance(subject, UUID) or not exists(actor, subject):
                raise Http404
            if has and not (isinstance(below[0], UUID) and has(actor, subject, below[0])):
                raise Http404
            return view(request, actor, *args, **kwargs)

        return inner  # type: ignore[return-value]  # the same view, by name

    return decorate


def page_number(request: HttpRequest) -> int:
    """The number of the page of a list that is asked for; the first for whatever is no number of one."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 5 else 1


def part(request: HttpRequest) -> ListPage:
    """Return the requested part of a list kept by the database: page or file, and sort order."""
    return ListPage(page_number(request), request.GET.get("sort", "")[:40], as_file(request.GET))


def public(*, writes: bool = False) -> Callable[[Any], Any]:
    """Mark a page that needs no sign-in; a page that changes something says so."""

    def decorate(view: Any) -> Any:
        view.read_permission = "public"
        view.write_permission = "public" if writes else None
        return view

    return decorate


def no_more(request: HttpRequest) -> Http404:
    """The error for a page after the last one, which callers reach by counting on. The node's log (`app/logs`) does not
    record it.
    """
    request._tutela_no_more = True  # type: ignore[attr-defined]
    return Http404()
