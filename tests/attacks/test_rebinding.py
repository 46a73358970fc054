"""A name that is public when it is looked at and our own machine when it is asked: no outgoing client asks it twice."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
import requests
from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.test import override_settings

from tutela.edge.errors import FetchFailedError, FetchRefusedError
from tutela.edge.fetch.http_client import Fetcher
from tutela.exchange.feeds import http_client
from tutela.exchange.feeds.http_client import AddressRefusedError, NoAnswerError
from tutela.organisations.messages.destination import place_of
from tutela.organisations.people import api_keys
from tutela.organisations.people.sign_on_issuer import IssuerSession
from tutela.scan import object_store
from tutela.scan.errors import ScanError

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
    address, _listed = http_client.located(f"https://{NAME}/list", ())
    with http_client.asked(f"https://{NAME}/list", address, {}, 1):
        raise AssertionError


def _edge() -> None:
    Fetcher([f"https://{NAME}"], (), 1000).fetch(f"https://{NAME}/picture.jpg")


def _issuers_endpoint() -> None:
    IssuerSession().post(f"https://{NAME}/token", data={"client_secret": "s"})


def _message() -> None:
    place = place_of(f"https://{NAME}/api", "")
    httpx.Client(trust_env=False).post(place.base, headers=place.headers, extensions=dict(place.extensions))


@pytest.mark.parametrize("client", [_guarded, _edge, _message, _issuers_endpoint])
def test_only_the_address_that_was_looked_at_is_connected_to(
    resolver: Resolver, client: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "issued_here", lambda _token: False)
    with pytest.raises((NoAnswerError, FetchFailedError, httpx.ConnectError, requests.ConnectionError)):
        client()
    assert resolver.asked == 1
    assert set(resolver.connected) <= {PUBLIC}
    assert resolver.connected


@pytest.mark.parametrize(
    "answer", [[OURS], [PUBLIC, OURS], ["::1"], ["0.0.0.0"], ["169.254.169.254"], ["::ffff:10.0.0.1"]]
)
@pytest.mark.parametrize("client", [_guarded, _edge, _message, _issuers_endpoint])
def test_a_name_that_gives_one_address_of_ours_is_asked_at_none(
    resolver: Resolver, client: Callable[[], None], answer: list[str]
) -> None:
    resolver.answers = [answer]
    with pytest.raises((AddressRefusedError, FetchRefusedError, requests.ConnectionError)):
        client()
    assert resolver.connected == []


class Answering(HTTPServer):
    """A server on this machine that leads elsewhere, or has something to hide."""

    def __init__(self, leads: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.leads, self.asked = leads, list[str]()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: Answering

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(f"{self.command} {self.path}\n{self.headers}")
        self.send_response(307 if self.server.leads else 200)
        self.send_header("Location", self.server.leads)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_HEAD = do_GET  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Nothing is told."""


@pytest.fixture
def inside() -> Iterator[Answering]:
    """What nobody outside is to reach."""
    made = Answering()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def outside(inside: Answering) -> Iterator[Answering]:
    """What an operator named, and that leads inside."""
    made = Answering(f"{inside.address}/metadata")
    yield made
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_issuer_leads_the_client_nowhere(inside: Answering, outside: Answering, method: str) -> None:
    config = settings.CONFIG.model_copy(update={"oidc_issuer": outside.address})
    with override_settings(CONFIG=config):
        with pytest.raises(requests.ConnectionError, match="redirects"):
            IssuerSession().request(method, f"{outside.address}/token", data={"client_secret": "s"})
        # Nor does a document of the issuer that names an address inside.
        with pytest.raises(requests.ConnectionError):
            IssuerSession().request(method, f"{inside.address}/token", data={"client_secret": "s"})
        for address in ("http://[::1", "http://127.0.0.1:x/", "file:///etc/passwd", "", "ftp://127.0.0.1/"):
            with pytest.raises((requests.ConnectionError, requests.exceptions.InvalidURL, ValueError)):
                IssuerSession().request(method, address)
    assert len(outside.asked) == 1
    assert inside.asked == []


def test_the_issuer_itself_is_asked_where_the_operator_says(inside: Answering) -> None:
    config = settings.CONFIG.model_copy(update={"oidc_issuer": inside.address})
    with override_settings(CONFIG=config):
        found = IssuerSession().get(f"{inside.address}/.well-known/openid-configuration")
    assert (found.status_code, found.json()) == (200, {})


def test_the_sign_on_library_asks_by_that_session_alone() -> None:
    assert isinstance(get_adapter().get_requests_session(), IssuerSession)


def test_an_object_store_that_leads_elsewhere_takes_no_key_there(
    inside: Answering, outside: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store's library follows redirects, and cannot be told not to: the threat model says what that surrenders."""
    pytest.importorskip("obstore")
    for name, value in {
        "AWS_ENDPOINT_URL": outside.address,
        "AWS_ACCESS_KEY_ID": "access-key",
        "AWS_SECRET_ACCESS_KEY": "secret-key",
        "AWS_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    object_store._store.cache_clear()
    try:
        with contextlib.suppress(object_store.ObjectUnreadableError):
            object_store.fetch("s3://pictures/one.png", 1000)
        object_store.mark("s3://pictures/one.png")
        with contextlib.suppress(ScanError):
            list(object_store.list_objects("s3://pictures/"))
    finally:
        object_store._store.cache_clear()
    assert any("access-key" in one for one in outside.asked), "the store that the operator named is shown who asks"
    assert not any("access-key" in one or "authorization" in one.lower() for one in inside.asked)
    assert not any("secret-key" in one for one in (*outside.asked, *inside.asked))
