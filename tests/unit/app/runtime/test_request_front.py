"""What stands in front of Django: slow bodies, slow readers, shares of an address, headers as WSGI may read them."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from tutela.app.runtime import request_front
from tutela.app.runtime.request_front import Front, readable


def scope(
    path: str = "/api/x", headers: Iterable[tuple[bytes, bytes]] = (), client: str = "192.0.2.1"
) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": (client, 1),
        "headers": list(headers),
    }


def echo(environ: dict[str, Any], start: Any) -> list[bytes]:
    body = environ["wsgi.input"].read()
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"%d" % len(body)]


class Visitor:
    """Sends these parts of a body, then waits for ever; keeps what is answered."""

    def __init__(self, parts: list[bytes], *, ends: bool = True, gone: bool = False) -> None:
        self.parts, self.ends, self.gone, self.said = parts, ends, gone, list[Any]()

    async def receive(self) -> dict[str, Any]:
        if self.parts:
            part = self.parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self.parts) or not self.ends}
        if self.gone:
            return {"type": "http.disconnect"}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Any) -> None:
        self.said.append(message)

    @property
    def status(self) -> int:
        return int(self.said[0]["status"]) if self.said else 0

    @property
    def body(self) -> bytes:
        return b"".join(one.get("body", b"") for one in self.said)


def asked(app: Front, visitor: Visitor, given: dict[str, Any] | None = None) -> Visitor:
    asyncio.run(app(given or scope(), visitor.receive, visitor.send))
    return visitor


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_front, "SECONDS", 0.2)
    monkeypatch.setattr(request_front, "PACE", 1 << 30)


@pytest.mark.parametrize(
    "size",
    [
        0,
        1,
        request_front.COLLECTED - 1,
        request_front.COLLECTED,
        request_front.COLLECTED + 1,
        3 * request_front.COLLECTED,
    ],
)
def test_a_body_arrives_whole_whatever_its_size(size: int) -> None:
    data = b"x" * size
    parts = [data[at : at + 65_536] for at in range(0, size, 65_536)] or [b""]
    assert asked(Front(echo), Visitor(parts)).body == b"%d" % size


def test_a_body_that_stops_is_answered_and_takes_no_thread() -> None:
    called = threading.Event()

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        called.set()
        return echo(environ, start)

    visitor = asked(Front(application), Visitor([b"begin"], ends=False))
    assert visitor.status == 408
    assert "bytes per second" in json.loads(visitor.body)["title"]
    assert not called.is_set()


def test_a_long_body_that_stops_is_never_taken_for_a_whole_one() -> None:
    visitor = asked(Front(echo), Visitor([b"x" * (request_front.COLLECTED + 1), b"y"], ends=False))
    assert visitor.status in (0, 408), "the application saw an error, not the end of the body"


def test_who_leaves_in_the_middle_is_not_taken_for_done() -> None:
    assert asked(Front(echo), Visitor([b"abc"], ends=False, gone=True)).status in (0, 408)


def test_a_slow_reader_does_not_hold_the_application() -> None:
    ended = threading.Event()

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        yield from (b"z" for _ in range(100))
        ended.set()

    class Unreading(Visitor):
        async def send(self, message: Any) -> None:
            await asyncio.Event().wait()

    asked(Front(application), Unreading([b""]))
    assert ended.is_set()


def test_slow_readers_hold_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than threads, each with an answer of many pieces; a visitor is served meanwhile."""
    monkeypatch.setattr(request_front, "SECONDS", 60.0)
    piece, begun, every = b"z" * 4096, list[int](), threading.Event()

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        begun.append(1)
        if len(begun) == request_front.THREADS:
            every.set()
        start("200 OK", [])
        return (piece for _ in range(200))

    async def run() -> tuple[int, list[int]]:
        app, reads = Front(application), asyncio.Event()

        class Slow(Visitor):
            async def send(self, message: Any) -> None:
                await reads.wait()
                await super().send(message)

        readers = [Slow([b""]) for _ in range(2 * request_front.THREADS)]
        tasks = [asyncio.create_task(app(scope("/"), one.receive, one.send)) for one in readers]
        visitor = Visitor([b""])
        try:
            assert await asyncio.to_thread(every.wait, 20), "each thread has a reader"
            async with asyncio.timeout(5):
                await app(scope("/", client="192.0.2.9"), visitor.receive, visitor.send)
        finally:
            reads.set()
            await asyncio.gather(*tasks)
        assert (app._buffered, app._collected) == (0, 0)
        return len(visitor.body), [len(one.body) for one in readers]

    whole = 200 * len(piece)
    assert asyncio.run(run()) == (whole, [whole] * 2 * request_front.THREADS)


def test_answers_that_wait_have_a_bound_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_front, "BUFFERED", 10)
    monkeypatch.setattr(request_front, "ALL_COLLECTED", 15)
    sent = list[Any]()

    class Slow(Visitor):
        async def send(self, message: Any) -> None:
            sent.append(message)

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        yield from (b"z" * 9 for _ in range(50))

    asked(Front(application), Slow([b""]))
    assert sum(len(one.get("body", b"")) for one in sent) == 450


def test_liveness_needs_no_application_and_no_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_front, "MOST_PER_ADDRESS", 0)
    app = Front(echo)
    assert asked(app, Visitor([b""]), scope(request_front.LIVE)).body == b'{"status": "alive"}'
    assert asked(app, Visitor([b""])).status == 429


def test_a_share_comes_back_when_a_request_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_front, "MOST_PER_ADDRESS", 1)
    app = Front(echo)
    for _ in range(3):
        assert asked(app, Visitor([b"begin"], ends=False)).status == 408
    assert not app._under_way
    assert app._collected == 0


def test_a_header_with_an_underscore_stands_for_no_other() -> None:
    found = readable(
        scope(headers=[(b"x_forwarded_proto", b"https"), (b"x-a", b"1"), (b"cookie", b"a=1"), (b"cookie", b"b=2")])
    )
    assert found["headers"] == [(b"x-a", b"1"), (b"cookie", b"a=1; b=2")]


def test_a_query_with_raw_bytes_is_no_error() -> None:
    given = scope() | {"query_string": b"a=\xff&b=%20+c"}
    assert readable(given)["query_string"] == b"a=%FF&b=%20+c"
    assert asked(Front(echo), Visitor([b""]), given).status == 200


def test_every_answer_says_what_browsers_and_proxies_may_do_with_it() -> None:
    for path in ("/x", request_front.LIVE):
        for secure in (False, True):
            visitor = Visitor([b""])
            asyncio.run(Front(echo, secure=secure)(scope(path), visitor.receive, visitor.send))
            told = dict(visitor.said[0]["headers"])
            assert told[b"cache-control"] == b"no-store"
            assert told[b"server"] == b"tutela"
            assert told[b"x-content-type-options"] == b"nosniff"
            assert b"camera=()" in told[b"permissions-policy"]
            assert (b"strict-transport-security" in told) is secure


def test_what_an_answer_says_itself_stays() -> None:
    def kept(_environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Cache-Control", "public, max-age=60")])
        return [b""]

    visitor = Visitor([b""])
    asyncio.run(Front(kept)(scope(), visitor.receive, visitor.send))
    told = [value for name, value in visitor.said[0]["headers"] if name.lower() == b"cache-control"]
    assert told == [b"public, max-age=60"]


@pytest.mark.parametrize(
    ("path", "status"), [("/api/v1/x", 200), ("/ispws/upload", 200), ("/desk/x/", 200), ("/account/login/", 413)]
)
def test_a_long_body_comes_only_where_one_is_expected(path: str, status: int) -> None:
    called = list[str]()

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        called.append(environ["PATH_INFO"])
        return echo(environ, start)

    app = Front(application)
    assert asked(app, Visitor([b"x" * (request_front.COLLECTED + 1), b"y"]), scope(path)).status == status
    assert bool(called) == (status == 200)
    assert app._collected == 0


def test_what_is_held_in_memory_is_counted_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_front, "ALL_COLLECTED", 1000)
    app = Front(echo)
    visitor = asked(app, Visitor([b"x" * 600, b"y" * 600], ends=False))
    assert visitor.status == 503
    assert app._collected == 0
    assert asked(app, Visitor([b"x" * 900])).status == 200
