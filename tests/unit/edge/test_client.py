"""The client in an upload path: what it does while no Edge answers is what was declared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.unit.edge.centre import NOW
from tests.unit.edge.test_app import LISTED, TOKEN, World
from tests.unit.matching.lists import digests, entry_id

from tutela import clock
from tutela.edge.client import EdgeAwayError, EdgeClient, EdgeRefusedError


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
    with pytest.raises(EdgeRefusedError, match="body: send the bytes"):
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
    assert edge.rescan(stored.get) == 1, "what is gone is settled, the other waits for an Edge"
    assert [json.loads(line) for line in journal.read_text().splitlines()] == [{"item": "item-1", "account": "user-1"}]
    wire.cut = False
    assert edge.rescan(stored.get) == 0
    assert journal.read_text() == ""
    assert wire.world.outbox.counts() == (1, 0)
