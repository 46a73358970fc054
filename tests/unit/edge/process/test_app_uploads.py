"""Forms, addresses, events, sinks, the description of the API: the other ways into and out of an Edge."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from tests.support.edge_centre import NOW
from tests.support.matching_lists import pdq
from tests.unit.edge.process.test_app import AUTH, LISTED, TOKEN, World
from tutela import clock
from tutela.edge.http_api.multipart import FormError, parts
from tutela.edge.http_api.openapi import described_api
from tutela.edge.spool.candidates import Courier, to_file, to_webhook
from tutela.edge.spool.outbox import CandidateSink, WaitingMessage
from tutela.exchange.report.candidate import Candidate

ITEM = AUTH | {"X-Tutela-Item": "item-1"}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


def form(*named: tuple[str, bytes], boundary: str = "b0") -> tuple[bytes, str]:
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="x"\r\n\r\n'.encode() + data + b"\r\n"
        for name, data in named
    )
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def test_a_form_with_one_file_is_scanned(tmp_path: Path) -> None:
    world = World(tmp_path)
    answer = world.http.post("/v1/scan", files={"file": ("a.jpg", LISTED)}, headers=ITEM).json()
    assert answer["matches"]
    assert world.hasher.seen == [LISTED]


@pytest.mark.parametrize(
    "body",
    [
        form(("a", b"1"), ("b", b"2")),
        form(),
        (b"--b0\r\nnonsense", "multipart/form-data; boundary=b0"),
        (b"", "multipart/form-data"),
    ],
)
def test_another_form_is_refused_with_the_reason(tmp_path: Path, body: tuple[bytes, str]) -> None:
    world = World(tmp_path)
    answer = world.http.post("/v1/scan", content=body[0], headers=ITEM | {"Content-Type": body[1]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "body")
    assert world.hasher.seen == []


def test_a_part_that_is_there_twice_is_named(tmp_path: Path) -> None:
    body, kind = form(("file", b"1"), ("file", b"2"))
    answer = World(tmp_path).http.post("/v1/scan", content=body, headers=ITEM | {"Content-Type": kind})
    assert answer.status_code == 400
    assert "The part file occurs twice." in answer.text


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.binary(max_size=200)), max_size=5, unique_by=lambda one: one[0]))
def test_what_went_into_a_form_comes_out(named: list[tuple[str, bytes]]) -> None:
    if any(b"--zq0" in data for _, data in named):
        return
    assert [(one.name, bytes(one.data)) for one in parts(*form(*named, boundary="zq0"))] == named


@given(st.binary(max_size=400), st.text(max_size=60))
def test_no_bytes_break_the_reading_of_a_form(body: bytes, content_type: str) -> None:
    for kind in (content_type, "multipart/form-data; boundary=b0"):
        try:
            parts(body, kind)
            parts(b"--b0\r\n" + body, kind)
        except FormError:
            continue


def test_an_address_is_scanned_only_where_an_origin_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "off").mkdir()
    off = World(tmp_path / "off")
    wanted = {"url": "https://media.example/a", "item": "item-1"}
    assert off.http.post("/v1/scan/url", json=wanted, headers=AUTH).status_code == 422
    world = World(tmp_path, FETCH_ORIGINS="https://media.example")
    monkeypatch.setattr("tutela.edge.fetch.http_client.Fetcher.fetch", lambda _, url: LISTED)
    answer = world.http.post("/v1/scan/url", json=wanted, headers=AUTH).json()
    assert answer["candidate"]["new"]
    assert world.http.post("/v1/scan/url", json={"uri": "x"}, headers=AUTH).status_code == 422
    assert world.http.post("/v1/scan/url", json=wanted).status_code == 401


def event(key: str, bucket: str = "media", name: str = "ObjectCreated:Put") -> dict[str, Any]:
    return {"eventName": name, "eventVersion": "2.1", "s3": {"bucket": {"name": bucket}, "object": {"key": key}}}


def test_what_a_store_announces_is_queued_once(tmp_path: Path) -> None:
    world = World(tmp_path, FETCH_ORIGINS="s3://media")
    records = [event("a+b%2Fc.jpg"), event("a+b%2Fc.jpg"), event("x", name="ObjectRemoved:Delete")]
    answer = world.http.post("/v1/events/s3", json={"Records": records}, headers=AUTH)
    assert (answer.status_code, answer.json()) == (202, {"queued": 1, "known": 0})
    assert world.http.post("/v1/events/s3", json={"Records": records}, headers=AUTH).json()["known"] == 1
    ((_, one),) = world.unscanned.due(NOW)
    assert (one.item, one.location) == ("s3://media/a b/c.jpg",) * 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Records": [event("a", bucket="foreign")]}, 422),
        ({"Records": [{"eventName": "x"}]}, 422),
        ({"Event": "s3:TestEvent"}, 202),
        ({"Records": [event("a", bucket="m/../n")]}, 422),
    ],
)
def test_events_of_other_buckets_and_shapes(tmp_path: Path, body: dict[str, Any], status: int) -> None:
    world = World(tmp_path, FETCH_ORIGINS="s3://media")
    assert world.http.post("/v1/events/s3", json=body, headers=AUTH).status_code == status
    assert world.http.post("/v1/events/s3", json=body).status_code == 401
    assert world.unscanned.waiting()[0] == 0


def test_each_sink_gets_every_candidate_on_its_own(tmp_path: Path) -> None:
    sink = tmp_path / "sink" / "candidates.jsonl"
    world = World(
        tmp_path, DESK_URL="http://desk", WEBHOOK_URL="http://hook/path", SINK_FILE=str(sink), WEBHOOK_SECRET="s" * 32
    )
    world.http.post("/v1/scan", content=LISTED, headers=ITEM)
    assert world.outbox.counts() == (3, 0)
    seen: list[httpx.Request] = []

    def hook(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(500 if len(seen) == 1 else 204)

    client = httpx.Client(base_url="http://hook/path", transport=httpx.MockTransport(hook))
    webhook = Courier(world.outbox, to_webhook(client, SecretStr("s" * 32)), CandidateSink.WEBHOOK)
    assert webhook.deliver() == 0
    assert Courier(world.outbox, to_file(sink), CandidateSink.FILE).deliver() == 1
    with clock.simulate(NOW.replace(minute=10)):
        assert webhook.deliver() == 1
    assert world.outbox.counts() == (1, 0), "the desk's own copy still waits"
    assert hmac.compare_digest(
        seen[1].headers["x-tutela-signature"],
        "sha256=" + hmac.new(b"s" * 32, seen[1].content, hashlib.sha256).hexdigest(),
    )
    (line,) = sink.read_text().splitlines()
    assert json.loads(line)["key"] == seen[1].headers["idempotency-key"]
    assert (
        Candidate.from_bytes(seen[1].content).model_dump(mode="json", exclude_none=True)
        == json.loads(line)["candidate"]
    )


def test_the_log_has_a_line_for_a_request_and_no_hash_name_or_token(tmp_path: Path) -> None:
    world = World(tmp_path)
    with structlog.testing.capture_logs() as lines:
        world.http.post("/v1/scan", content=LISTED, headers=ITEM | {"X-Tutela-Account": "user-1"})
        world.http.post("/v1/scan", content=LISTED, headers={"Authorization": "Bearer wrong-wrong"})
        world.http.post("/v1/lookup", json={"items": [{"sha256": "ab" * 32}]}, headers=AUTH)
    assert [(line["path"], line["status"], line["client"]) for line in lines] == [
        ("/v1/scan", 200, 0),
        ("/v1/scan", 401, None),
    ]
    text = json.dumps(lines)
    for secret in (
        pdq(1).hex(),
        hashlib.sha256(LISTED).hexdigest(),
        "item-1",
        "user-1",
        TOKEN,
        "wrong-wrong",
        "ab" * 32,
    ):
        assert secret not in text


def test_lists_that_are_not_about_abuse_never_feed_a_report(tmp_path: Path) -> None:
    from dataclasses import replace

    from tutela.edge.active_lists.lists_in_use import Subject

    world = World(tmp_path)
    world.lists.put(replace(world.live, subject=Subject.OTHER))
    answer = world.http.post("/v1/scan", content=LISTED, headers=ITEM).json()
    assert answer["matches"]
    assert answer["lists"][0]["subject"] == "other"
    assert answer["candidate"] is None
    assert world.outbox.counts() == (0, 0)


def test_the_lists_and_their_ages_are_answered_to_callers(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.http.get("/v1/lists").status_code == 401
    (one,) = world.http.get("/v1/lists", headers=AUTH).json()["lists"]
    assert (one["list_id"], one["age_seconds"], one["trusted"]) == ("list-a", 0.0, True)


def test_the_description_names_every_way_in(tmp_path: Path) -> None:
    world = World(tmp_path)
    described = world.http.get("/openapi.json").json()
    assert described["openapi"] == "3.1.0"
    served = {route.path for route in world.http.app.routes} - {"/openapi.json"}  # type: ignore[attr-defined]
    assert set(described["paths"]) == served
    text = json.dumps(described_api())
    for reference in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert reference in described["components"]["schemas"]


def test_half_a_line_is_taken_back_from_a_full_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = tmp_path / "candidates.jsonl"
    sink.write_bytes(b'{"key": "before"}\n')
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:7]))
    assert to_file(sink)(WaitingMessage("a", b"{}", 0)) == 0
    assert sink.read_bytes() == b'{"key": "before"}\n'
    monkeypatch.undo()
    assert to_file(sink)(WaitingMessage("a", b"{}", 0)) == 200
    assert len(sink.read_bytes().splitlines()) == 2
