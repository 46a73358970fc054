from __future__ import annotations

import builtins
import json
import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from tests.support.edge_centre import NOW, manifest
from tests.support.fakes.media import HasherPool, picture
from tests.support.matching_lists import digests, entry_id, flipped, pdq, record
from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveLists, live_list
from tutela.edge.errors import SettingsError
from tutela.edge.process.app import build_app
from tutela.edge.process.coordinator import policy_of
from tutela.edge.runtime import second_pass
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.scanner import EdgeService
from tutela.edge.runtime.settings import Settings
from tutela.edge.spool.candidates import Courier, to_desk
from tutela.edge.spool.encryption import Sealer
from tutela.edge.spool.outbox import Outbox
from tutela.edge.spool.unscanned import UnscannedQueue
from tutela.exchange.report.candidate import Candidate
from tutela.matching import Record, Snapshot, snapshot_bytes

TOKEN = "t" * 32
AUTH = {"Authorization": f"Bearer {TOKEN}"}
LISTED = picture(pdq(1))
SEALER = Sealer(bytes(32), "outbox")


class World:
    def __init__(self, folder: Path, detection: str = "on", source: str = "register", **more: str) -> None:
        given = {"TOKENS": TOKEN, "MAX_BODY_BYTES": "1000", "DETECTION": detection, "PROCESSES": "1", **more}
        self.settings = Settings.from_env({f"TUTELA_EDGE_{name}": value for name, value in given.items()})
        self.lists, self.outbox, self.hasher = LiveLists(["list-a"]), Outbox(folder / "outbox", SEALER), HasherPool()
        exact = Record(entry_id(900), sha256=[__import__("hashlib").sha256(LISTED).hexdigest()])
        data, report = snapshot_bytes([*(record(i) for i in range(5)), exact])
        made = manifest(data, report.entries, 3, source_kind=source)
        self.live = live_list(Snapshot(data), made, NOW + timedelta(hours=1), NOW)
        self.lists.put(self.live)
        self.unscanned = UnscannedQueue(folder / "unscanned", Sealer(bytes(32), "unscanned"), 3)
        policy = policy_of(self.settings)
        self.service = EdgeService(self.lists, self.hasher, self.outbox, Metrics(), policy, self.unscanned)
        self.http = TestClient(build_app(self.settings, self.service))


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize("path", ["/v1/scan", "/v1/lookup"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}])
def test_an_anonymous_caller_is_refused(world: World, path: str, headers: dict[str, str]) -> None:
    answer = world.http.post(path, content=LISTED, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == "authorization"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert world.hasher.seen == []


def test_a_scan_answers_matches_with_list_and_reason(world: World) -> None:
    answer = world.http.post("/v1/scan", content=picture(flipped(pdq(1), [3, 5])), headers=AUTH).json()
    (match,) = answer["matches"]
    assert (match["entry_id"], match["distance"], match["variant"]) == (str(entry_id(1)), 2, 0)
    assert (match["rule"], match["corroborated"], match["in_public_register"]) == ("near-pdq", False, True)
    assert answer["lists"][0]["version"] == 3
    assert answer["candidate"] is None, "an item without a name has nowhere to go"
    assert world.http.post("/v1/scan", content=picture(pdq(77)), headers=AUTH).json()["matches"] == []


def test_what_is_no_picture_is_still_looked_up_by_its_bytes(world: World) -> None:
    answer = world.http.post("/v1/scan", content=b"text", headers=AUTH).json()
    assert answer["refused"]["code"] == "not_a_picture"
    assert answer["digests"]["size"] == 4


def test_a_named_match_becomes_a_candidate_once(world: World) -> None:
    headers = AUTH | {"X-Tutela-Item": "item-1", "X-Tutela-Account": "user-1"}
    first = world.http.post("/v1/scan?channel=c-1", content=LISTED, headers=headers).json()
    again = world.http.post("/v1/scan?channel=c-1", content=LISTED, headers=headers).json()
    assert (first["candidate"]["new"], again["candidate"]["new"]) == (True, False)
    (one,) = world.outbox.due(NOW)
    message = Candidate.from_bytes(one.body)
    assert (message.item, message.account, message.channel, message.shadow) == ("item-1", "user-1", "c-1", False)
    assert {match.entry_id for match in message.matches} == {entry_id(1), entry_id(900)}
    assert world.outbox.counts() == (1, 0)


def test_shadow_and_provider_lists_say_what_they_are(tmp_path: Path) -> None:
    world = World(tmp_path, "shadow", "provider_source")
    headers = AUTH | {"X-Tutela-Item": "item-1"}
    answer = world.http.post("/v1/scan", content=LISTED, headers=headers).json()
    assert answer["candidate"]["shadow"] is True
    assert {match["in_public_register"] for match in answer["matches"]} == {False}
    assert Candidate.from_bytes(world.outbox.due(NOW)[0].body).shadow is True


@pytest.mark.parametrize(
    ("content", "headers", "status", "field"),
    [
        (b"x" * 1001, {}, 413, "body"),
        (iter([b"x" * 600, b"x" * 600]), {}, 413, "body"),
        (b"", {}, 400, "body"),
        (b"x", {"Content-Encoding": "gzip"}, 415, "content-encoding"),
        (b"x", {"X-Tutela-Item": "x" * 301}, 400, "X-Tutela-Item"),
        (b"x", {"X-Tutela-Item": "a", "X-Tutela-Account": " "}, 400, "X-Tutela-Account"),
    ],
)
def test_bad_uploads_are_refused_with_field_and_reason(
    world: World, content: Any, headers: dict[str, str], status: int, field: str
) -> None:
    answer = world.http.post("/v1/scan", content=content, headers=AUTH | headers)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["field"] == field
    assert world.hasher.seen == []


def test_lookups_answer_in_order(world: World) -> None:
    items = [
        {"ref": "a", "sha256": digests(2).sha256.upper()},
        {"pdq": [{"hash": pdq(3).hex(), "quality": 80}]},
        {"md5": "0" * 32},
    ]
    answer = world.http.post("/v1/lookup", json={"items": items}, headers=AUTH).json()
    assert [[m["entry_id"] for m in one["matches"]] for one in answer["items"]] == [
        [str(entry_id(2))],
        [str(entry_id(3))],
        [],
    ]
    assert answer["items"][0]["ref"] == "a"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 400, "body"),
        ("é".encode("latin-1"), 400, "body"),
        (b'{"items":[],"items":[]}', 400, "body"),
        (b'{"items":[]}', 422, "items"),
        (b'{"items":[{"sha256":"zz"}]}', 422, "items.0.sha256"),
        (b'{"items":[{"pdq":[{"hash":"' + b"a" * 64 + b'\\n","quality":90}]}]}', 422, "items.0.pdq.0.hash"),
        (b'{"items":[{"pdq":[{"hash":"' + b"a" * 64 + b'","quality":"90"}]}]}', 422, "items.0.pdq.0.quality"),
        (b'{"items":[{"other":1}]}', 422, "items.0.other"),
        (json.dumps({"items": [{"md5": "a" * 32}] * 1001}).encode(), 422, "items"),
        (b'{"items":[{}]}', 422, "items.0"),
    ],
)
def test_bad_lookups_are_refused_with_field_and_reason(world: World, body: bytes, status: int, field: str) -> None:
    answer = world.http.post("/v1/lookup", content=body, headers=AUTH)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)


def test_without_a_trusted_list_there_is_no_answer_and_no_readiness(world: World) -> None:
    assert world.http.get("/healthz/ready").status_code == 200
    world.lists.put(replace(world.live, trusted_until=NOW))
    ready = world.http.get("/healthz/ready")
    assert (ready.status_code, ready.json()["missing"]) == (503, ["list-a"])
    assert world.http.get("/healthz/live").status_code == 200
    for path, body in (("/v1/scan", LISTED), ("/v1/lookup", b'{"items":[{"md5":"' + b"a" * 32 + b'"}]}')):
        assert world.http.post(path, content=body, headers=AUTH).status_code == 503


def test_an_edge_without_any_list_says_how_to_set_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.service.lists = LiveLists([])
    assert world.http.get("/healthz/ready").json()["troubles"][-1].startswith("No list is set: give TUTELA_EDGE_")


@pytest.mark.parametrize(
    ("setting", "installed", "state"), [("0", True, "off"), ("1", True, "on"), ("1", False, "not installed")]
)
def test_readiness_tells_of_the_second_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, installed: bool, state: str
) -> None:
    monkeypatch.setattr(second_pass, "second_available", lambda: installed)
    world = World(tmp_path, SECOND_PASS=setting)
    assert world.http.get("/healthz/ready").json()["second_pass"] == state
    assert 'tutela_edge_second_pass_total{outcome="matched"} 0.0' in world.http.get("/metrics").text


def test_a_wrong_setting_names_what_it_may_be() -> None:
    with pytest.raises(SettingsError, match=r"TUTELA_EDGE_SECOND_PASS: must be 1 or 0$"):
        Settings.from_env({"TUTELA_EDGE_SECOND_PASS": "perhaps"})
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({"TUTELA_EDGE_WINDOWS": "second"})
    assert "Value error" not in str(refused.value)


def test_metrics_count_and_carry_no_hash(world: World) -> None:
    world.http.post("/v1/scan", content=LISTED, headers=AUTH | {"X-Tutela-Item": "item-1"})
    page = world.http.get("/metrics").text
    assert 'tutela_edge_list_version{list="list-a"} 3.0' in page
    assert "tutela_edge_outbox_waiting 1.0" in page
    assert pdq(1).hex() not in page
    assert "item-1" not in page


def test_no_upload_touches_a_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    real_open, real_os = builtins.open, os.open
    monkeypatch.setattr(builtins, "open", lambda *a, **k: (opened.append(a), real_open(*a, **k))[1])
    monkeypatch.setattr(os, "open", lambda *a, **k: (opened.append(a), real_os(*a, **k))[1])
    assert world.http.post("/v1/scan", content=LISTED, headers=AUTH).status_code == 200
    assert opened == []


def test_an_unexpected_error_shows_nothing_inside(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: bytes, *, tenant: str, listed: bool = False) -> None:
        raise RuntimeError("secret path")

    monkeypatch.setattr(world.hasher, "hash_bytes", broken)
    answer = world.http.post("/v1/scan", content=LISTED, headers=AUTH)
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_delivery_is_repeated_until_the_desk_has_it(world: World) -> None:
    answers, bodies = [503, 202], []

    def desk(request: httpx.Request) -> httpx.Response:
        bodies.append((request.headers["idempotency-key"], request.content))
        return httpx.Response(answers[len(bodies) - 1])

    courier = Courier(world.outbox, to_desk(httpx.Client(base_url="http://desk", transport=httpx.MockTransport(desk))))
    world.outbox.put("k1", b"{}", NOW)
    assert (courier.deliver(), courier.deliver()) == (0, 0), "the second try waits"
    with clock.simulate(NOW + timedelta(seconds=2)):
        assert courier.deliver() == 1
    assert bodies == [("k1", b"{}")] * 2
    assert world.outbox.counts() == (0, 0)


@pytest.mark.parametrize(("status", "counts"), [(409, (0, 0)), (404, (1, 0)), (401, (1, 0)), (500, (1, 0))])
def test_what_the_desk_has_is_forgotten_and_what_may_yet_work_is_kept(
    world: World, status: int, counts: tuple[int, int]
) -> None:
    """409: the key came before, with an earlier time in its body. 404: the desk's address is wrong, not the item."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status))
    world.outbox.put("k1", b"{}", NOW)
    Courier(world.outbox, to_desk(httpx.Client(base_url="http://desk", transport=transport))).deliver()
    assert world.outbox.counts() == counts


def test_what_the_desk_refuses_for_good_is_kept_apart(world: World) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(422))
    world.outbox.put("k1", b"{}", NOW)
    Courier(world.outbox, to_desk(httpx.Client(base_url="http://desk", transport=transport))).deliver()
    assert world.outbox.counts() == (0, 1)


def test_a_candidate_survives_a_kill_between_answer_and_delivery(tmp_path: Path) -> None:
    program = """
        import os, signal, sys
        from datetime import UTC, datetime
        from pathlib import Path
        from tutela.edge.spool.outbox import Outbox
        from tutela.edge.spool.encryption import Sealer
        Outbox(Path(sys.argv[1]), Sealer(bytes(32), "outbox")).put("k1", b"body", datetime(2026, 3, 1, tzinfo=UTC))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "outbox")], check=False)
    assert done.returncode == -9
    assert [one.key for one in Outbox(tmp_path / "outbox", SEALER).due(NOW)] == ["k1"]
    with sqlite3.connect(tmp_path / "outbox") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKENS", "short"),
        ("LISTEN", "nowhere"),
        ("DETECTION", "maybe"),
        ("RELEASE_KEYS", "zz"),
        ("SURPRISE", "1"),
        ("LIST_IDS", "list-a"),
        ("CENTRE_URL", "ftp://x"),
    ],
)
def test_wrong_settings_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"TUTELA_EDGE_{name}") as caught:
        Settings.from_env({f"TUTELA_EDGE_{name}": value})
    assert name in {"LIST_IDS", "LISTEN", "SURPRISE", "DETECTION"} or f"'{value}'" not in str(caught.value)


def test_a_desk_that_is_away_is_asked_by_one_candidate_and_then_gets_all(world: World) -> None:
    answers, asked = {"now": 503}, list[str]()

    def desk(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["Idempotency-Key"])
        return httpx.Response(answers["now"])

    for number in range(20):
        world.outbox.put(f"key-{number}", b"{}", clock.now())
    courier = Courier(world.outbox, to_desk(httpx.Client(base_url="http://desk", transport=httpx.MockTransport(desk))))
    assert courier.deliver() == 0
    assert len(asked) == 1
    assert courier.deliver() == 0
    assert len({*asked}) == 2, "another one asks: none hides that the desk is there"
    answers["now"] = 201
    assert courier.deliver() == 18
    assert courier.deliver() == 2, "those that had asked are due with the first answer"
    assert world.outbox.counts() == (0, 0)


def test_every_answer_says_what_browsers_and_proxies_may_do_with_it(world: World) -> None:
    for path in ("/healthz/live", "/v1/lists", "/openapi.json", "/nothing"):
        for headers in ({}, {"X-Forwarded-Proto": "https"}):
            told = world.http.get(path, headers=headers).headers
            assert told["cache-control"] == "no-store", path
            assert told["server"] == "tutela"
            assert "camera=()" in told["permissions-policy"]
            assert ("strict-transport-security" in told) is bool(headers)
    assert world.http.post("/v1/lookup", content=b"x").headers["cache-control"] == "no-store"
