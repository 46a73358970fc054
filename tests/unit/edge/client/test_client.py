"""The client in an upload path: what it does while no Edge answers is what was declared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.edge_centre import NOW
from tests.support.matching_lists import digests, entry_id
from tests.unit.edge.process.test_app import LISTED, TOKEN, World
from tutela import clock
from tutela.edge.client.client import EdgeAwayError, EdgeClient, EdgeRefusedError


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


class Wire(httpx.BaseTransport):
    """The way to an Edge in this process, which can be cut."""

    def __init__(self, world: World) -> None:
        self.world, self.cut = world, False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("cut")
        answer = self.world.http.request(
            request.method, request.url.path, content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, headers={"content-type": "application/json"}, content=answer.content)


@pytest.fixture
def wire(tmp_path: Path) -> Wire:
    return Wire(World(tmp_path))


def client(wire: Wire, **options: Any) -> EdgeClient:
    return EdgeClient("http://edge", TOKEN, transport=wire, **options)


def test_an_upload_is_scanned_and_hashes_are_looked_up(wire: Wire) -> None:
    with client(wire) as edge:
        answer = edge.scan(LISTED, item="item-1", account="user-1", channel="public")
        assert (answer.scanned, answer.queued) == (True, False)
        assert {match["entry_id"] for match in answer.matches} == {str(entry_id(1)), str(entry_id(900))}
        assert answer.candidate
        assert answer.candidate["new"]
        (found,) = edge.lookup([{"sha256": digests(2).sha256}])
        assert found[0]["entry_id"] == str(entry_id(2))
        assert edge.lists()[0]["list_id"] == "list-a"
        assert edge.ready()


def test_hold_raises_and_a_wrong_question_is_the_callers_mistake(wire: Wire) -> None:
    edge = client(wire)
    with pytest.raises(EdgeRefusedError, match="body: send the picture's bytes"):
        edge.scan(b"")
    wire.cut = True
    assert not edge.ready()
    with pytest.raises(EdgeAwayError):
        edge.scan(LISTED, item="item-1")
    with pytest.raises(EdgeAwayError):
        edge.lookup([{}])


def test_pass_says_that_nothing_was_scanned(wire: Wire) -> None:
    wire.cut = True
    answer = client(wire, policy="pass").scan(LISTED, item="item-1")
    assert (answer.scanned, answer.queued, answer.matches) == (False, False, ())


def test_what_passed_waits_in_the_journal_and_is_scanned(wire: Wire, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with pytest.raises(ValueError, match="journal"):
        client(wire, policy="pass_and_queue")
    edge = client(wire, policy="pass_and_queue", journal=journal)
    assert edge.rescan(lambda _: b"") == 0
    wire.cut = True
    assert edge.scan(LISTED, item="item-1", account="user-1").queued
    assert edge.scan(LISTED, item="gone").queued
    with pytest.raises(EdgeAwayError):
        edge.scan(LISTED)
    stored = {"item-1": LISTED}
    assert edge.rescan(stored.get) == 2, "they wait for an Edge"
    assert json.loads(journal.read_text().splitlines()[0]) == {"item": "item-1", "account": "user-1"}
    wire.cut = False
    assert edge.rescan(stored.get) == 0
    assert journal.read_text() == ""
    assert wire.world.outbox.counts() == (1, 0)


def test_one_item_that_is_refused_or_torn_stops_none_behind_it(wire: Wire, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text('{"item": "empty"}\n{"item": "to')
    edge = client(wire, policy="pass_and_queue", journal=journal)
    wire.cut = True
    assert edge.scan(LISTED, item="item-1").queued
    wire.cut = False
    assert edge.rescan({"empty": b"", "item-1": LISTED}.get) == 0
    assert wire.world.outbox.counts() == (1, 0)
    aside = [json.loads(line) for line in (tmp_path / "journal.refused").read_text().splitlines()]
    assert [one["line"] for one in aside] == ['{"item": "empty"}', '{"item": "to']
    assert "body" in aside[0]["reason"]
    assert edge.rescan(lambda _: LISTED) == 0
    assert wire.world.outbox.counts() == (1, 0)


def test_an_upload_does_not_wait_for_a_scan_of_the_journal(wire: Wire, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text("".join(json.dumps({"item": f"item-{number}"}) + "\n" for number in range(3)))
    edge = client(wire, policy="pass_and_queue", journal=journal)
    asked: list[str] = []

    def fetch(item: str) -> bytes:
        asked.append(item)
        wire.cut = True
        assert edge.scan(LISTED, item="meanwhile").queued
        assert edge.rescan(lambda _: b"never") == 4, "another does it"
        return LISTED

    assert edge.rescan(fetch) == 4, "the first that finds no Edge ends it"
    assert asked == ["item-0"]
    assert [json.loads(line)["item"] for line in journal.read_text().splitlines()] == [
        "item-0",
        "item-1",
        "item-2",
        "meanwhile",
    ]


def test_what_an_edge_let_pass_and_did_not_keep_is_not_done(wire: Wire, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text('{"item": "item-1"}\n')
    passed = httpx.MockTransport(lambda _: httpx.Response(202, json={"scanned": False, "queued": False}))
    edge = EdgeClient("http://edge", TOKEN, policy="pass_and_queue", journal=journal, transport=passed)
    assert edge.rescan(lambda _: LISTED) == 1
