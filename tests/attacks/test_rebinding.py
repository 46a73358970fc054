"""A name that is public when it is looked at and our own machine when it is asked: no outgoing client asks it twice."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tutela.edge.errors import FetchFailedError, FetchRefusedError
from tutela.edge.fetching import Fetcher
from tutela.exchange import outgoing
from tutela.exchange.outgoing import AddressRefusedError, NoAnswerError
from tutela.organisations import apikeys
from tutela.organisations.outgoing import place_of

PUBLIC, OURS = "93.184.216.34", "127.0.0.1"
NAME = "rebinding.example"


class Resolver:
    """A name server that gives one address the first time and another from then on."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked, self.connected = list(answers), 0, list[str]()

    def getaddrinfo(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if host not in (NAME, NAME.encode()):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (str(host), port))]
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    def connect(self, address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        self.connected.append(address[0])
        raise OSError("no network in tests")


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    made = Resolver([PUBLIC], [OURS])
    monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", made.connect)
    return made


def _guarded() -> None:
    address, _listed = outgoing.located(f"https://{NAME}/list", ())
    with outgoing.asked(f"https://{NAME}/list", address, {}, 1):
        raise AssertionError


def _edge() -> None:
    Fetcher([f"https://{NAME}"], (), 1000).fetch(f"https://{NAME}/picture.jpg")


def _message() -> None:
    place = place_of(f"https://{NAME}/api", "")
    httpx.Client(trust_env=False).post(place.base, headers=place.headers, extensions=dict(place.extensions))


@pytest.mark.parametrize("client", [_guarded, _edge, _message])
def test_only_the_address_that_was_looked_at_is_connected_to(
    resolver: Resolver, client: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apikeys, "issued_here", lambda _token: False)
    with pytest.raises((NoAnswerError, FetchFailedError, httpx.ConnectError)):
        client()
    assert resolver.asked == 1
    assert set(resolver.connected) <= {PUBLIC}
    assert resolver.connected


@pytest.mark.parametrize(
    "answer", [[OURS], [PUBLIC, OURS], ["::1"], ["0.0.0.0"], ["169.254.169.254"], ["::ffff:10.0.0.1"]]
)
@pytest.mark.parametrize("client", [_guarded, _edge, _message])
def test_a_name_that_gives_one_address_of_ours_is_asked_at_none(
    resolver: Resolver, client: Callable[[], None], answer: list[str]
) -> None:
    resolver.answers = [answer]
    with pytest.raises((AddressRefusedError, FetchRefusedError)):
        client()
    assert resolver.connected == []
