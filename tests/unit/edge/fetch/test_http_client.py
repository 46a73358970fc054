"""The one client that goes where a caller points: listed origins, public addresses, no second thoughts."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tutela.edge.errors import FetchFailedError, FetchGoneError, FetchRefusedError, SettingsError
from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.runtime.settings import Settings

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


class Canary(BaseHTTPRequestHandler):
    """Counts who comes; `/a` is a small file, `/large` a large one, `/away` points elsewhere, `/busy` is not well."""

    came: list[tuple[str, str]] = []

    def do_GET(self) -> None:
        self.came.append((self.path, self.headers["Host"]))
        status = {"/away": 302, "/busy": 503, "/gone": 404}.get(self.path, 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1/inside")
        body = b"x" * (2000 if self.path == "/large" else 3)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def canary() -> Iterator[str]:
    Canary.came = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://storage.example:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name give these addresses, one answer a question; what was asked is kept."""
    asked: list[str] = []

    def answer(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_a_listed_origin_is_fetched_at_the_address_that_was_checked(
    canary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "127.0.0.1")
    assert Fetcher([canary], LOOPBACK, 1000).fetch(f"{canary}/a") == b"xxx"
    assert Canary.came == [("/a", canary.removeprefix("http://"))], "the name stays in the request"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "fc00::1",
        "fe80::1%eth0",
        "224.0.0.1",
        "ff02::1",
    ],
)
def test_addresses_that_are_not_public_are_refused(canary: str, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving(monkeypatch, "93.184.215.14", address)
    with pytest.raises(FetchRefusedError, match="not public"):
        Fetcher([canary], [], 1000).fetch(f"{canary}/a")
    assert not Canary.came


@pytest.mark.parametrize(
    "location",
    [
        "http://elsewhere.example/",
        "file:///etc/passwd",
        "gopher://storage.example/",
        "http://user@storage.example:{port}/a",
        "http://storage.example/a",
        "https://storage.example:{port}/a",
        "http://storage.example:{port}@elsewhere.example/",
        "http://2130706433/",
        "http://storage.example:{port}\\@elsewhere.example/",
        "//storage.example/a",
        "s3://bucket/key",
        "http://storage.example:{port}/a\nHost: x",
        "",
        "http://storage.example:99999/",
    ],
)
def test_what_is_not_of_a_listed_origin_is_not_even_resolved(
    canary: str, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    asked = resolving(monkeypatch, "127.0.0.1")
    with pytest.raises(FetchRefusedError):
        Fetcher([canary], LOOPBACK, 1000).fetch(location.replace("{port}", canary.rpartition(":")[2]))
    assert not asked
    assert not Canary.came


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("away", FetchRefusedError),
        ("large", FetchGoneError),
        ("gone", FetchGoneError),
        ("busy", FetchFailedError),
    ],
)
def test_redirects_large_bodies_and_errors_give_no_bytes(
    canary: str, monkeypatch: pytest.MonkeyPatch, path: str, error: type[Exception]
) -> None:
    resolving(monkeypatch, "127.0.0.1")
    with pytest.raises(error):
        Fetcher([canary], LOOPBACK, 1000).fetch(f"{canary}/{path}")
    assert [where for where, _ in Canary.came] == [f"/{path}"]


def test_nothing_is_fetched_until_an_origin_is_listed() -> None:
    assert not Fetcher([], [], 1000).on
    with pytest.raises(FetchRefusedError, match="TUTELA_EDGE_FETCH_ORIGINS"):
        Fetcher([], [], 1000).fetch("https://media.example/a")


@pytest.mark.parametrize("origin", ["https://media.example/path", "media.example", "ftp://x", "https://u@x"])
def test_an_origin_with_more_than_an_origin_is_refused_at_start(origin: str) -> None:
    with pytest.raises(SettingsError, match="TUTELA_EDGE_FETCH_ORIGINS"):
        Settings.from_env({"TUTELA_EDGE_FETCH_ORIGINS": origin})
