"""API authentication: from a request's key to an actor. Every route names its permission here."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from django.http import HttpRequest
from ninja.security import HttpBearer

from tutela.events.actor import Actor
from tutela.exchange.message.signed_message import HEADER
from tutela.organisations.errors import BadCredentials, DeskClosed, NoRecipient, OtherRecipient
from tutela.organisations.messages import message_signing
from tutela.organisations.people import api_keys, directory
from tutela.organisations.web.page_access import closed_to

# What people do at a desk, also by a machine; messages of others are stored and acknowledged at any time.
DESK_WORK = frozenset({"investigations.read", "investigations.answer", "indicators.propose", "indicators.certify"})


def basic(request: HttpRequest) -> tuple[str, str]:
    """User name and password of Basic authentication, for third-party interfaces; empty if none can be read."""
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
        if self.permission in DESK_WORK and self.permission in closed_to(actor):
            raise DeskClosed
        self._check(request, caller)
        return actor

    def _check(self, request: HttpRequest, caller: api_keys.Caller) -> None:
        caller.require_recipient(addressee(request), caller.actor.organisation_id)
        if HEADER in request.headers:
            _verify(request, caller)


class MessageKey(Key):
    """API key for messages between organisations: `Key` issued for this recipient, with a signature of the sender."""

    def _check(self, request: HttpRequest, caller: api_keys.Caller) -> None:
        if caller.recipient_id is None:
            raise NoRecipient
        if caller.recipient_id != addressee(request):
            raise OtherRecipient
        _verify(request, caller)


def addressee(request: HttpRequest) -> UUID | None:
    """Return the organisation whose API is called: the one in the path, or the Centre."""
    match = request.resolver_match
    named = match.kwargs.get("organisation") if match else None
    centre: directory.DirectoryEntry | None = request.centre  # type: ignore[attr-defined]
    return UUID(str(named)) if named else centre.id if centre else None


def _verify(request: HttpRequest, caller: api_keys.Caller) -> None:
    whom, key = addressee(request), request.headers.get("Idempotency-Key", "")
    if whom is None:
        raise OtherRecipient
    told = request.headers.get(HEADER, "")
    message_signing.verify(caller.actor, whom, request.get_full_path(), key, request.body, told)
