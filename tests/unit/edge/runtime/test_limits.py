"""Back-pressure: what is too much is refused before it is read, and the Edge goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.edge_centre import NOW
from tests.unit.edge.process.test_app import AUTH, LISTED, World
from tests.unit.edge.process.test_app_uploads import event
from tutela import clock
from tutela.edge.http_api import middleware
from tutela.edge.runtime.limits import LimitedError, Limits
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.settings import Settings


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def limits(now: Any = None, **given: Any) -> Limits:
    return Limits(Settings(processes=1, **given), Metrics(), **({"now": now} if now else {}))


def test_uploads_in_memory_have_a_bound_and_room_comes_back() -> None:
    made = limits(max_body_bytes=60, max_inflight_bytes=100)
    with made.holding(0) as one:
        one.add(60)
        with made.holding(0) as other:
            with pytest.raises(LimitedError) as caught:
                other.add(60)
            assert (caught.value.status, caught.value.seconds) == (503, 1)
            other.add(40)
    with made.holding(0) as one:
        one.add(60)


def test_where_there_are_several_callers_none_fills_the_memory() -> None:
    made = limits(max_body_bytes=40, max_inflight_bytes=100, tokens=("a" * 24, "b" * 24))
    with made.holding(0) as one, made.holding(0) as two, made.holding(1) as other:
        one.add(40)
        with pytest.raises(LimitedError) as caught:
            two.add(20)
        assert (caught.value.status, two.size) == (429, 0)
        two.add(10)
        other.add(40)
    with made.holding(0) as one:
        one.add(100)
        assert one.size == 100, "a request alone always finds room"


def test_a_body_that_does_not_come_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "_BODY_SECONDS", 0.05)
    app, sent = world.http.app, []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"authorization", AUTH["Authorization"].encode()), (b"content-length", b"900")]
    scope = {"type": "http", "method": "POST", "path": "/v1/scan", "headers": headers, "query_string": b""}
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408
    assert b"too slow" in sent[1]["body"]


def test_a_request_alone_always_finds_room() -> None:
    made = limits(max_body_bytes=60, max_inflight_bytes=1)
    for _ in range(2):
        with made.holding(0) as one:
            one.add(50)
            one.add(60)
            assert one.size == made.most == 60


def test_scans_that_wait_have_a_bound() -> None:
    made = limits(max_waiting_scans=1)
    with made.scan(0), pytest.raises(LimitedError), made.scan(0):
        pass
    with made.scan(0):
        pass


def test_of_several_callers_none_takes_all_places_of_scans() -> None:
    made = limits(max_waiting_scans=4, tokens=("a" * 32, "b" * 32))
    with made.scan(0), made.scan(0):
        with pytest.raises(LimitedError) as caught, made.scan(0):
            pass
        assert caught.value.status == 429
        with made.scan(1), made.scan(1), pytest.raises(LimitedError) as caught, made.scan(2):
            pass
        assert caught.value.status == 503
    with made.scan(0):
        pass


def test_a_caller_has_its_share_and_no_other_pays_for_it() -> None:
    moment = [0.0]
    made = limits(lambda: moment[0], client_items_per_second=10)
    made.take(0, 20)
    with pytest.raises(LimitedError) as caught:
        made.take(0, 5)
    assert (caught.value.status, caught.value.seconds) == (429, 1)
    made.take(1, 5)
    moment[0] = 0.5
    made.take(0, 5)
    moment[0] = 10.0
    made.take(0, 1000)
    moment[0] = 50.0
    with pytest.raises(LimitedError):
        made.take(0, 1)


def test_an_announced_object_is_an_item_and_a_look_at_the_lists_is_one(tmp_path: Path) -> None:
    world = World(tmp_path, CLIENT_ITEMS_PER_SECOND="1", FETCH_ORIGINS="s3://media")
    records = [event(f"{number}.jpg") for number in range(3)]
    assert world.http.post("/v1/events/s3", json={"Records": records}, headers=AUTH).status_code == 202
    for answer in (
        world.http.post("/v1/events/s3", json={"Records": [event("4.jpg")]}, headers=AUTH),
        world.http.get("/v1/lists", headers=AUTH),
        world.http.post("/v1/events/s3", json={"Event": "s3:TestEvent"}, headers=AUTH),
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (429, "application/problem+json")
        assert int(answer.headers["retry-after"]) >= 1
    assert world.unscanned.waiting()[0] == 3, "what was refused is not queued"


def test_every_way_in_with_a_token_counts(tmp_path: Path) -> None:
    world = World(tmp_path, CLIENT_ITEMS_PER_SECOND="1", FETCH_ORIGINS="https://media.example")
    for _ in range(2):
        assert world.http.get("/v1/lists", headers=AUTH).status_code == 200
    guarded = [route for route in world.http.app.routes if route.path.startswith("/v1/")]  # type: ignore[attr-defined]
    bodies = {
        "/v1/lookup": b'{"items": [{"md5": "%032d"}]}' % 0,
        "/v1/scan/url": b'{"url": "https://media.example/a"}',
        "/v1/events/s3": b'{"Event": "s3:TestEvent"}',
    }
    for route in guarded:
        (method,) = route.methods - {"HEAD"}
        body = None if method == "GET" else bodies.get(route.path, LISTED)
        assert world.http.request(method, route.path, content=body, headers=AUTH).status_code == 429, route.path


def test_over_http_a_limit_is_a_problem_with_the_time_to_wait(tmp_path: Path) -> None:
    world = World(tmp_path, CLIENT_ITEMS_PER_SECOND="1", MAX_INFLIGHT_BYTES="1")
    for _ in range(2):
        assert world.http.post("/v1/lookup", json={"items": [{"md5": "0" * 32}]}, headers=AUTH).status_code == 200
    answer = world.http.post("/v1/lookup", json={"items": [{"md5": "0" * 32}]}, headers=AUTH)
    assert (answer.status_code, answer.headers["content-type"]) == (429, "application/problem+json")
    assert int(answer.headers["retry-after"]) >= 1
    assert 'tutela_edge_limited_total{limit="rate"} 1.0' in world.http.get("/metrics").text
    assert world.http.post("/v1/scan", content=LISTED, headers=AUTH).status_code == 429
    assert world.hasher.seen == []
