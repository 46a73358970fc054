"""A look at an address: status alone, conditions as headers, no redirect, nothing inside."""

from __future__ import annotations

import contextlib
import socket
import threading
from ipaddress import ip_network

import httpx
import pytest

from tests.support.takedown_world import PUBLIC
from tutela.exchange.takedown import look
from tutela.exchange.takedown.look import Answer, Conditions, Watcher
from tutela.exchange.takedown.web_address import normalise

ADDRESS = normalise("https://host.example.org/page?x=1")


def _watcher(answer: httpx.Response, seen: list[httpx.Request], place: str = PUBLIC) -> Watcher:
    def asked(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer

    return Watcher(resolve=lambda _host, _port: [place], transport=httpx.MockTransport(asked))


@pytest.mark.parametrize("status", [200, 404, 451, 503])
def test_the_status_is_the_answer(status: int) -> None:
    seen: list[httpx.Request] = []
    assert _watcher(httpx.Response(status), seen).look(ADDRESS) == Answer(status)
    assert [one.method for one in seen] == ["HEAD"]
    assert seen[0].url.host == PUBLIC
    assert seen[0].headers["Host"] == "host.example.org"


def test_a_redirect_is_not_followed() -> None:
    seen: list[httpx.Request] = []
    answer = httpx.Response(302, headers={"Location": "https://host.example.org/"})
    assert _watcher(answer, seen).look(ADDRESS) == Answer(0, "redirect")
    assert len(seen) == 1


def test_a_server_without_head_is_asked_with_get_and_its_body_is_not_read() -> None:
    seen: list[httpx.Request] = []
    assert _watcher(httpx.Response(405, stream=httpx.ByteStream(b"x" * 100)), seen).look(ADDRESS).status == 405
    assert [one.method for one in seen] == ["HEAD", "GET"]


def test_conditions_are_sent_and_shown_nowhere() -> None:
    seen: list[httpx.Request] = []
    given = Conditions(referrer="https://a.example/", cookie="s=secret", password="pw", device="Phone")
    _watcher(httpx.Response(200), seen).look(ADDRESS, given)
    assert seen[0].headers["Cookie"] == "s=secret"
    assert seen[0].headers["User-Agent"] == "Phone"
    assert "secret" not in repr(given)
    assert "pw" not in repr(given)


@pytest.mark.parametrize("inside", ["127.0.0.1", "192.168.0.1", "::1", "169.254.169.254"])
def test_a_name_that_leads_inside_is_never_asked(inside: str) -> None:
    seen: list[httpx.Request] = []
    assert _watcher(httpx.Response(200), seen, inside).look(ADDRESS) == Answer(0, "not_public")
    assert seen == []


def test_faults_are_answers() -> None:
    def fails(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("slow")

    watcher = Watcher(resolve=lambda _host, _port: [PUBLIC], transport=httpx.MockTransport(fails))
    assert watcher.look(ADDRESS) == Answer(0, "timeout")

    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    assert Watcher(resolve=unknown).look(ADDRESS) == Answer(0, "name")
    assert watcher.look(normalise("https://" + "b" * 56 + ".onion/")) == Answer(0, "no_host")


def test_a_host_that_sends_one_byte_at_a_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _address = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not done.wait(0.05):
                    connection.sendall(b"x")

        host = threading.Thread(target=drip, daemon=True)
        host.start()
        monkeypatch.setattr(look, "SECONDS", 0.5)
        watcher = Watcher((ip_network("127.0.0.0/8"),), resolve=lambda _host, _port: ["127.0.0.1"])
        slow = normalise(f"http://host.example.org:{server.getsockname()[1]}/x")
        assert watcher.look(slow).status == 0
        done.set()
        host.join(10)
