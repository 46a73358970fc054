"""Client for another organisation's node, with the API key that it issued: for files only.

Messages go through the outbox instead.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_message import HEADER
from tutela.exchange.message.text_cleanup import typed
from tutela.organisations.keys.client_certificates import context_for
from tutela.organisations.messages import message_signing
from tutela.organisations.messages.destination import Destination, place_of
from tutela.organisations.messages.http_post import token_of
from tutela.organisations.models import PeerCredential
from tutela.organisations.people.directory import DirectoryEntry

# Refusals of a moment: the same may be taken later.
LATER = frozenset({408, 425, 429})
MOST_ANSWER_BYTES = 64 << 10
TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class PeerSilent(TutelaError):
    """The other node gave an unexpected answer. Try again later."""

    status = 503


class PeerRefused(PeerSilent):
    """The other node refused this without a reason."""

    status = 409


def client(trusting: ssl.SSLContext | bool = True) -> httpx.Client:
    """HTTP client for peers. No redirects, since the key is for this address alone, and no proxy of the environment."""
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False, verify=trusting)


def token_for(actor: Actor, peer: DirectoryEntry) -> str:
    """The key that the actor's organisation presents to a peer; empty if it has none."""
    return token_of(_credential(actor, peer))


def _credential(actor: Actor, peer: DirectoryEntry) -> PeerCredential | None:
    with acting(actor):
        return PeerCredential.objects.filter(organisation_id=actor.organisation_id, peer_id=peer.id).first()


def _place(peer: DirectoryEntry, held: PeerCredential | None) -> Destination:
    try:
        return place_of(peer.api_url, token_of(held))
    except ExchangeError:
        raise PeerSilent from None


@contextmanager
def asked(
    actor: Actor,
    peer: DirectoryEntry,
    method: str,
    path: str,
    *,
    content: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Iterator[httpx.Response]:
    """A peer's answer, its body still to be read. What has no body, or a whole one, is signed as a message is.

    Raises `NotFound` for 404, `PeerRefused` with the peer's reason where asking again would end the same, and
    `PeerSilent` for whatever else is no success.
    """
    if not peer.verified:
        raise PeerSilent
    held = _credential(actor, peer)
    told = {"Authorization": f"Bearer {token_of(held)}", **(headers or {})}
    place = _place(peer, held)
    address, pinned = place.base + path, dict(place.extensions)
    if method != "GET" and isinstance(content, bytes | None):
        sign = message_signing.signer(actor, peer.id)
        told[HEADER] = sign(path, told.get("Idempotency-Key", ""), content or b"")
    told |= place.headers
    try:
        with (
            client(context_for(held)) as asking,
            asking.stream(method, address, headers=told, content=content, extensions=pinned) as answer,
        ):
            if answer.status_code == 404:
                raise NotFound
            if answer.is_client_error and answer.status_code not in LATER:
                raise _refused(answer)
            if not answer.is_success:
                raise PeerSilent
            yield answer
    except httpx.HTTPError:
        raise PeerSilent from None


def body(answer: httpx.Response, most: int) -> bytes:
    """An answer's body, read no further than it may be long. Raises `PeerSilent` for a longer one."""
    found = bytearray()
    for piece in answer.iter_bytes():
        found += piece
        if len(found) > most:
            raise PeerSilent
    return bytes(found)


def _refused(answer: httpx.Response) -> PeerRefused:
    """Read the reason from a problem document; a body in another format gives no reason."""
    try:
        said = json.loads(body(answer, MOST_ANSWER_BYTES))
        reason = typed(str(said.get("detail") or said.get("title") or ""))[:500]
    except (PeerSilent, ValueError, AttributeError, RecursionError):
        return PeerRefused()
    return PeerRefused("The other node refused this: {reason}", reason=reason) if reason else PeerRefused()
