"""Asking another organisation's node, with the key that it issued to us: for files, not messages."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.certificates import context_for
from tutela.organisations.directory import Entry
from tutela.organisations.models import PeerCredential
from tutela.organisations.sealing import unwrap

TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class PeerSilent(TutelaError):
    """The other node does not answer as it should; try again later."""

    status = 503


def client(trusting: ssl.SSLContext | bool = True) -> httpx.Client:
    """What asks. Redirects are not followed: the key is for this address alone."""
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False, verify=trusting)


def token_for(actor: Actor, peer: Entry) -> str:
    """The key that the actor's organisation presents to a peer; empty where it has none."""
    return _token(_credential(actor, peer), peer)


def _credential(actor: Actor, peer: Entry) -> PeerCredential | None:
    with acting(actor):
        return PeerCredential.objects.filter(organisation_id=actor.organisation_id, peer_id=peer.id).first()


def _token(row: PeerCredential | None, peer: Entry) -> str:
    return unwrap(bytes(row.wrapped_token), f"peer:{peer.id}").decode() if row else ""


@contextmanager
def asked(
    actor: Actor, peer: Entry, method: str, path: str, *, content: Any = None, headers: Mapping[str, str] | None = None
) -> Iterator[httpx.Response]:
    """A peer's answer, its body still to be read. Raises `NotFound` for 404, `PeerSilent` for what is no success."""
    url = peer.api_url.rstrip("/")
    if not url or not peer.verified:
        raise PeerSilent
    held = _credential(actor, peer)
    told = {"Authorization": f"Bearer {_token(held, peer)}", **(headers or {})}
    try:
        with (
            client(context_for(held)) as asking,
            asking.stream(method, url + path, headers=told, content=content) as answer,
        ):
            if answer.status_code == 404:
                raise NotFound
            if not answer.is_success:
                raise PeerSilent
            yield answer
    except httpx.HTTPError:
        raise PeerSilent from None
