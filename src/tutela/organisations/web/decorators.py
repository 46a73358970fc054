"""From a request to an actor: decorators for pages and keys for the API. Every route names its permission here.

A page that changes something names a write permission; `write_permission` is what the architecture test reads.
"""

from __future__ import annotations

import base64
import binascii
from collections import deque
from collections.abc import Callable, Mapping
from functools import wraps
from itertools import islice
from typing import Any, Concatenate
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.internal.flows import reauthentication
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_POST
from ninja.security import HttpBearer

from tutela.events.actor import Actor
from tutela.events.list_access import Part
from tutela.events.purposes import VOCABULARY
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.multipart import FileIn, FormUnreadableError
from tutela.exchange.message.signed_message import HEADER
from tutela.organisations.approvals import rules
from tutela.organisations.errors import BadCredentials, NoRecipient, OtherRecipient
from tutela.organisations.messages import message_signing
from tutela.organisations.models import Person
from tutela.organisations.people import api_keys, directory
from tutela.organisations.people.members import actor_of
from tutela.organisations.table_views.sort_and_filter import as_file

# How a body is read, and how many such pieces of one that nobody wants are read away.
READ, MOST_UNREAD = 64 * 1024, 1024
type Page[**P] = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]


def purpose_stated(request: HttpRequest, actor: Actor) -> bool:
    """Whether the person has said for what purpose they work in this session: nobody else says it for them."""
    return request.session.get("purpose") in VOCABULARY[actor.organisation_kind]


def keep(request: HttpRequest, name: str, value: object) -> None:
    """Keep something in the session from a page that asks by itself, beside what the person does meanwhile.

    Django writes a session whole as the request read it: a page that was still being answered while somebody stated
    their purpose would take the purpose back. This changes one name of what stands, and makes no ended session anew.
    """
    store = request.session
    with transaction.atomic():
        if Session.objects.select_for_update().filter(session_key=store.session_key).exists():
            standing = type(store)(store.session_key)
            standing[name] = value
            standing.save()


def current_actor(request: HttpRequest) -> Actor | None:
    """The signed-in person as an actor, with the purpose stated for this session; None for a visitor."""
    person = request.user
    if not isinstance(person, Person):
        return None
    cached: Actor | None = getattr(request, "_tutela_actor", None)
    if cached is None:
        actor = actor_of(person)
        cached = actor.with_purpose(request.session["purpose"]) if purpose_stated(request, actor) else actor
        request._tutela_actor = cached  # type: ignore[attr-defined]
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
        inner = page(permission, write=permission)(require_POST(view))
        inner.acts = True  # type: ignore[attr-defined]
        return inner

    return decorate


def fresh[**P](view: Page[P]) -> Page[P]:
    """A session alone does not do this: signed in anew within five minutes, as the library asks."""

    @wraps(view)
    def inner(request: HttpRequest, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return _asked_anew(request) or view(request, actor, *args, **kwargs)

    return inner  # type: ignore[return-value]  # the same view, by name


def _asked_anew(request: HttpRequest) -> HttpResponseBase | None:
    if not reauthentication.is_reauthentication_required(request, app=""):
        return None
    asked: HttpResponse = reauthentication.suspend_request(request, reverse("account_reauthenticate"))
    return asked


def fresh_where_guarded[**P](view: Page[P]) -> Page[P]:
    """Where acts take a key or two people, a session alone brings nobody in: signed in anew within five minutes.

    As the sign-in library asks before a key is added; what was sent is done once it is satisfied.
    """

    @wraps(view)
    def inner(request: HttpRequest, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        guarded = rules.standing(actor.organisation_id).since is not None
        if guarded and (asked := _asked_anew(request)) is not None:
            return asked
        return view(request, actor, *args, **kwargs)

    return inner  # type: ignore[return-value]  # the same view, by name


def about[**P](exists: Callable[[Actor, UUID], bool]) -> Callable[[Page[P]], Page[P]]:
    """Before a form is read its subject, the first part of the address, must be there for this actor; otherwise 404."""

    def decorate(view: Page[P]) -> Page[P]:
        @wraps(view)
        def inner(request: HttpRequest, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            subject = next(iter(kwargs.values()))
            if not isinstance(subject, UUID) or not exists(actor, subject):
                raise Http404
            return view(request, actor, *args, **kwargs)

        return inner  # type: ignore[return-value]  # the same view, by name

    return decorate


def page_number(request: HttpRequest) -> int:
    """The number of the page of a list that is asked for; the first for whatever is no number of one."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 5 else 1


def part(request: HttpRequest) -> Part:
    """Which part of a list that the database keeps is asked for: a page or a file, in which order."""
    return Part(page_number(request), request.GET.get("sort", "")[:40], as_file(request.GET))


def public(*, writes: bool = False) -> Callable[[Any], Any]:
    """Marks a page that needs no sign-in; one that changes something says so."""

    def decorate(view: Any) -> Any:
        view.read_permission = "public"
        view.write_permission = "public" if writes else None
        return view

    return decorate


def no_more(request: HttpRequest) -> Http404:
    """What is raised where somebody counts on to the end and asks for the one after the last: an answer, and no line of
    the node's log (`app/logs`).
    """
    request._tutela_no_more = True  # type: ignore[attr-defined]
    return Http404()


def reading(request: HttpRequest) -> Callable[[int], bytes]:
    """How a body is read piece by piece, also one whose length nobody said beforehand.

    Django reads as much as Content-Length says, and of a body in chunks nothing; the server knows where that ends.
    """
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    if chunked and not request.META.get("CONTENT_LENGTH"):
        stream: Any = request.META["wsgi.input"]
        return lambda size: bytes(stream.read(size))
    return lambda size: bytes(request.read(size))


def with_file(view: Callable[..., HttpResponseBase], *, longest_field: int = 200) -> Callable[..., HttpResponseBase]:
    """A form whose file is read as it comes and never stored; the view gets it as `upload`, or what is wrong with it.

    Django's own check of the token against forgery would read the whole form first, and lay a large file on the disk.
    1. The fields come before the file, and the token is one of them. 2. It is checked as on any page. 3. What the view
    left unread is read away, so that the browser sees the answer. Outermost decorators: `csrf_exempt`, `action`.
    """

    @wraps(view)
    def inner(request: HttpRequest, actor: Actor, *args: Any, **kwargs: Any) -> HttpResponseBase:
        read = reading(request)
        pieces = iter(lambda: read(READ), b"")
        upload: FileIn | FormUnreadableError
        try:
            upload = FileIn(request.headers.get("Content-Type", ""), pieces, longest_field=longest_field)
        except FormUnreadableError as error:
            upload = error
        refused = _forged(request, upload.fields if isinstance(upload, FileIn) else {})
        if refused is not None:
            return refused
        try:
            return view(request, actor, *args, **kwargs, upload=upload)
        finally:
            deque(islice(pieces, MOST_UNREAD), maxlen=0)

    return inner


def _forged(request: HttpRequest, fields: Mapping[str, str]) -> HttpResponseBase | None:
    """What answers a form without the token that belongs to it; None for one that has it."""
    said = QueryDict(mutable=True)
    said.update(dict(fields))
    request._post, request._files = said, MultiValueDict()  # type: ignore[attr-defined]
    check = CsrfViewMiddleware(lambda _request: HttpResponse())
    return check.process_view(request, lambda _request: HttpResponse(), (), {})


def basic(request: HttpRequest) -> tuple[str, str]:
    """User name and password of Basic authentication, for interfaces of others; empty where none can be read."""
    kind, _, said = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(said, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return name, password


class Key(HttpBearer):
    """`Authorization: Bearer tut_…` with a scope that carries `permission`. The actor becomes `request.auth`.

    `request.centre` is the directory's verified Centre, or None. A key that is for another recipient than the
    organisation of the path, the Centre or its own holder is refused; so is a signature that does not hold.
    """

    def __init__(self, permission: str) -> None:
        super().__init__()
        self.permission = permission

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        try:
            caller = api_keys.presented(token)
        except BadCredentials:
            return None
        actor, request.centre = caller.actor, caller.centre  # type: ignore[attr-defined]
        purpose = request.headers.get("Tutela-Purpose")
        if purpose:
            actor = actor.with_purpose(purpose)
        actor.require(self.permission)
        self._check(request, caller)
        return actor

    def _check(self, request: HttpRequest, caller: api_keys.Caller) -> None:
        caller.require_recipient(addressee(request), caller.actor.organisation_id)
        if HEADER in request.headers:
            _verify(request, caller)


class MessageKey(Key):
    """The same for messages between organisations: the key is for this recipient, and the sender signed the message."""

    def _check(self, request: HttpRequest, caller: api_keys.Caller) -> None:
        if caller.recipient_id is None:
            raise NoRecipient
        if caller.recipient_id != addressee(request):
            raise OtherRecipient
        _verify(request, caller)


def addressee(request: HttpRequest) -> UUID | None:
    """Whose API is asked: the organisation in the path, or the Centre."""
    match = request.resolver_match
    named = match.kwargs.get("organisation") if match else None
    centre: directory.Entry | None = request.centre  # type: ignore[attr-defined]
    return UUID(str(named)) if named else centre.id if centre else None


def _verify(request: HttpRequest, caller: api_keys.Caller) -> None:
    whom, key = addressee(request), request.headers.get("Idempotency-Key", "")
    if whom is None:
        raise OtherRecipient
    told = request.headers.get(HEADER, "")
    message_signing.verify(caller.actor, whom, request.get_full_path(), key, request.body, told)
