"""Two hundred slow visitors without a name: the node answers everybody else, and ends when it is told to."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.support import kills
from tests.support.drills import Installation, until
from tests.support.edges import running

pytestmark = pytest.mark.slow
MANY = 200
# Each kind of visitor sends this and then nothing more.
KINDS = {
    "nothing": b"",
    "half a line": b"GET /he",
    "half its headers": b"GET /help/ HTTP/1.1\r\nHost: localhost\r\n",
    "half its body": b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nlogin=",
    "half a long body": b"POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n"
    + b"x" * 70_000,
    "half a chunk": b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nx",
    "answers unread": b"GET /help/ HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50,
}


@pytest.fixture(scope="module")
def node() -> Iterator[Installation]:
    made = Installation()
    made.migrate()
    made.serve()
    until("the node answers", lambda: kills.answers(made.url + "/healthz/ready"), 240)
    yield made
    made.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_slow_visitors_stop_nobody_else(node: Installation, kind: str) -> None:
    # Every visitor has an address of its own, as a crowd has; limits for one address do not help here.
    with ExitStack() as stack:
        for number in range(MANY):
            visitor = stack.enter_context(socket.socket())
            visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            visitor.bind((f"127.0.{number // 100 + 1}.{number % 100 + 1}", 0))
            visitor.connect(("127.0.0.1", node.port))
            visitor.sendall(KINDS[kind])
        for path, status in (
            ("/healthz/live", 200),
            ("/healthz/ready", 200),
            ("/help/", 200),
            ("/account/login/", 200),
        ):
            answer = httpx.get(node.url + path, timeout=20)
            assert answer.status_code == status, (path, answer.status_code)


def test_one_address_has_its_share_and_health_is_answered_all_the_same(node: Installation) -> None:
    with ExitStack() as stack:
        for _ in range(MANY):
            visitor = stack.enter_context(socket.create_connection(("127.0.0.1", node.port)))
            visitor.sendall(KINDS["half its body"])
        until("its share is used up", lambda: httpx.get(node.url + "/help/", timeout=20).status_code == 429, 20)
        assert httpx.get(node.url + "/healthz/live", timeout=20).json() == {"status": "alive"}
        other = httpx.HTTPTransport(local_address="127.0.7.7")
        with httpx.Client(transport=other, timeout=20) as client:
            assert client.get(node.url + "/help/").status_code == 200


def test_a_node_ends_in_time_while_visitors_are_slow() -> None:
    # One process: a second could still be starting when the first answers, and would be ended as it starts.
    node = Installation(TUTELA_WEB_WORKERS="1")
    node.migrate()
    node.serve()
    until("the node answers", lambda: kills.answers(node.url + "/healthz/ready"), 240)
    assert node.process is not None
    try:
        with ExitStack() as stack:
            for kind in ("nothing", "half a line", "half its headers", "answers unread"):
                visitor = stack.enter_context(socket.create_connection(("127.0.0.1", node.port)))
                visitor.sendall(KINDS[kind])
            node.process.send_signal(signal.SIGTERM)
            assert node.process.wait(60) == 0
        assert "Killing worker" not in node.log.read_text(), "no worker was killed before its time"
    except subprocess.TimeoutExpired:
        pytest.fail(node.log.read_text()[-2000:])
    finally:
        node.stop()


def test_an_edge_lets_go_of_who_does_not_send_its_headers(tmp_path: Path) -> None:
    with running(tmp_path / "edge") as edge, ExitStack() as stack:
        visitors = [stack.enter_context(socket.create_connection(("127.0.0.1", edge.port))) for _ in range(20)]
        for visitor in visitors:
            visitor.sendall(KINDS["half its headers"])
            visitor.settimeout(20)
        assert all(
            visitor.recv(4096).partition(b"\r\n")[0] in (b"", b"HTTP/1.1 408 Request Timeout") for visitor in visitors
        )
        assert httpx.get(edge.url + "/healthz/live", timeout=20).status_code == 200
