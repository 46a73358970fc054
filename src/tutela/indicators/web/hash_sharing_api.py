"""NCMEC's Hash Sharing API, version 2, over HTTP: paths, Basic authentication, paging addresses.

The password is an API key with the scope `releases:read`; the user name is chosen by the caller and only echoed. Every
list has a base of its own, `/hashsharing/LIST`, which exists only for holders of a grant.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Concatenate
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound, TutelaError
from tutela.exchange.hash_sharing import serializer
from tutela.exchange.hash_sharing.entries import SharingMember, element_of, read_moment
from tutela.exchange.hash_sharing.parser import Unreadable, read_feedback
from tutela.indicators.errors import NoGrant
from tutela.indicators.feed import change_feed, hash_sharing_entries
from tutela.indicators.feed.change_feed import Position, Window
from tutela.indicators.feed.hash_sharing_entries import REASONS
from tutela.indicators.register import match_feedback, votes
from tutela.indicators.release_files import version_files
from tutela.organisations.errors import BadCredentials
from tutela.organisations.people import api_keys, directory
from tutela.organisations.web.api_keys import basic
from tutela.organisations.web.page_access import public

XML = "application/xml; charset=utf-8"
MOST_BODY_BYTES = 64 * 1024
_SERVED = frozenset(kind for kinds in hash_sharing_entries.KINDS.values() for kind in kinds)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

type View[**P] = Callable[Concatenate[HttpRequest, Actor, P], HttpResponse]


def call[**P](method: str) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Decorate a path of the interface: the caller is authenticated first, and every refusal is XML."""

    def decorate(view: View[P]) -> Callable[..., HttpResponse]:
        @public(writes=True)
        @csrf_exempt
        @wraps(view)
        def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                caller = api_keys.presented(basic(request)[1])
                caller.require_recipient(caller.centre.id if caller.centre else None)
                sender = caller.actor
                sender.require("releases.read")
                if request.method != method:
                    return _xml(serializer.refusal(f"Use {method}."), 405)
                response = view(request, sender, *args, **kwargs)
            except BadCredentials:
                response = _xml(serializer.refusal("Present an API key as the password."), 401)
                response["WWW-Authenticate"] = 'Basic realm="Hash sharing"'
            except Unreadable as error:
                response = _xml(serializer.refusal(str(error)), 400)
            except TutelaError as error:
                response = _xml(
                    serializer.refusal(f"{error.field}: {error}" if error.field else str(error)), error.status
                )
            response["Cache-Control"] = "no-store"
            return response

        return inner  # type: ignore[no-any-return]  # `public` gives back what it was given

    return decorate


@call("GET")
def status(request: HttpRequest, sender: Actor, list_id: str) -> HttpResponse:
    """Return the caller as other members see it."""
    _centre(list_id, sender)
    me = SharingMember(hash_sharing_entries.number_of(sender.organisation_id), sender.organisation_name)
    return _xml(serializer.status(request.META.get("REMOTE_ADDR", ""), basic(request)[0][:80], me))


@call("GET")
def members(request: HttpRequest, sender: Actor, list_id: str) -> HttpResponse:
    """Everybody whose entries and judgements are in the list."""
    _centre(list_id, sender)
    return _xml(serializer.members(hash_sharing_entries.members(sender.organisation_id)))


@call("GET")
def entries(request: HttpRequest, sender: Actor, list_id: str) -> HttpResponse:
    """Return the changes from `from` to `to`, a thousand entries a page."""
    found = change_feed.page(_centre(list_id, sender), sender, list_id, _window(request))
    return _xml(serializer.entries(found.entries, _address(found.following) if found.following else ""))


@call("GET")
def reasons(request: HttpRequest, sender: Actor, list_id: str, kind: str) -> HttpResponse:
    """Return the reasons for which a fingerprint may be denied."""
    _centre(list_id, sender)
    return _xml(serializer.reasons(_kind(kind), REASONS.values()))


@call("PUT")
def feedback(request: HttpRequest, sender: Actor, list_id: str, member: int, entry: str, kind: str) -> HttpResponse:
    """Record a recipient's feedback on an entry.

    A member's yes is a vote; all other feedback describes how matches turned out.
    """
    _kind(kind)
    centre, guids = _centre(list_id, sender), read_feedback(request.read(MOST_BODY_BYTES + 1)[:MOST_BODY_BYTES])
    indicator = hash_sharing_entries.indicator_of(entry)
    if indicator is None or not hash_sharing_entries.entered_by(centre, indicator, member):
        raise NotFound
    said = "" if guids is None else _said(guids)
    if guids is None and sender.on_register and sender.can("indicators.certify"):
        votes.confirm(sender.with_purpose("indicators"), indicator)
    else:
        match_feedback.feedback(centre, sender, list_id, indicator, "confirmed" if guids is None else "false", said)
    return _xml(serializer.accepted())


@public(writes=True)
@csrf_exempt
def unknown(request: HttpRequest, path: str) -> HttpResponse:
    """Any other path below the base."""
    return _xml(serializer.refusal("This address does not exist."), 404)


def _centre(list_id: str, sender: Actor) -> Actor:
    """The Centre as whom the register answers. Raises `NotFound`, `NoGrant`."""
    centre = directory.the_centre()
    if centre is None:
        raise NotFound
    actor = directory.acting_for(centre, sender.reference, sender.name).with_purpose("database_access")
    if list_id != version_files.LIST_ID or not change_feed.granted(actor, sender, list_id):
        raise NoGrant
    return actor


def _window(request: HttpRequest) -> Window:
    """Raises `Invalid` naming the parameter."""
    since, until = _time(request, "from", _BEGINNING), _time(request, "to", clock.now())
    if "after" not in request.GET:
        return Window(since, until)
    try:
        stamp, _, name = base64.urlsafe_b64decode(request.GET["after"].encode()).decode().partition(" ")
        position = Position(_BEGINNING + int(stamp) * _MICROSECOND, UUID(name))
        return Window(since, until, position, int(request.GET["start"]), int(request.GET["max"]))
    except (KeyError, ValueError, OverflowError):
        raise Invalid("Use the address of the next page exactly as it was given.", field="after") from None


def _address(window: Window) -> str:
    """The paging address, relative to the base, as the format's clients expect it."""
    after, stamps = window.after, [window.since, window.until]
    assert after is not None
    since, until = (one.astimezone(UTC).isoformat().replace("+00:00", "Z") for one in stamps)
    place = f"{(after.stamp - _BEGINNING) // _MICROSECOND} {after.indicator}"
    query = {
        "from": since,
        "to": until,
        "start": window.start,
        "size": change_feed.PAGE,
        "max": window.most,
        "after": base64.urlsafe_b64encode(place.encode()).decode(),
    }
    return f"/v2/entries?{urlencode(query)}"


def _time(request: HttpRequest, name: str, otherwise: datetime) -> datetime:
    text = request.GET.get(name, "")
    if not text:
        return otherwise
    try:
        return read_moment(text)
    except ValueError:
        raise Invalid("Write the time as 2026-02-10T14:05:00Z.", field=name) from None


def _kind(word: str) -> str:
    kind = element_of(word)
    if kind is None or kind not in _SERVED:
        raise NotFound
    return kind


def _said(guids: list[str]) -> str:
    known = {reason.guid: reason.name for reason in REASONS.values()}
    if unknown := [one for one in guids if one.lower() not in known]:
        raise Invalid(
            "{guid} is not one of the reasons. Use one of the listed reasons.", field="guid", guid=unknown[0][:40]
        )
    return "; ".join(known[one.lower()] for one in guids)


def _xml(body: bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(body, status=status, content_type=XML)
