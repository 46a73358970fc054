"""Against python-threatexchange's own client of StopNCII: both read the same pages, and say the same of a hash."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threatexchange.exchanges.clients.stopncii.api import (
    StopNCIIAPI,
    StopNCIICSPFeedbackValue,
    StopNCIIEndpoint,
    StopNCIISignalType,
)

from tutela.exchange.feeds.feed import EntryFeedback, FeedItem
from tutela.exchange.feeds.stopncii import GONE, StopNcii, submission

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
STATES = ("Received", "Active", "Withdrawn", "Deleted")
OPINIONS = ("None", "PendingReview", "Blocked", "NotBlocked", "Withdrawn")
OPINION = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["", "One", "Two"]),
        "feedbackValue": st.sampled_from(OPINIONS),
        "tags": st.lists(st.sampled_from(["a", "b"]), unique=True, max_size=2),
    }
)
CASES = st.dictionaries(st.sampled_from(["c-1", "c-2", "c-3"]), st.sampled_from(STATES), max_size=3)


def _record(kind: str, digits: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "lastModtimestamp": st.integers(0, 2**33),
            "signalType": st.just(kind),
            "hashValue": st.integers(0, 16**digits - 1).map(lambda n: f"{n:0{digits}x}"),
            "hashStatus": st.sampled_from(STATES),
            "caseNumbers": CASES | st.just([]),
            "CSPFeedbacks": st.lists(OPINION, max_size=3),
        }
    )


RECORDS = st.lists(
    _record("ImagePDQ", 64) | _record("VideoMD5", 32), max_size=12, unique_by=lambda one: one["hashValue"]
)


class Twin:
    """StopNCII as its public client expects it: pages of records, and what was posted."""

    def __init__(self) -> None:
        self.pages: list[list[dict[str, Any]]] = [[]]
        self.until = 1_800_000_000
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.posted: list[tuple[str, Any]] = []

    def answer(self, path: str) -> dict[str, Any]:
        asked = parse_qs(urlsplit(path).query)
        number = int(asked.get("nextPageToken", ["0"])[0])
        more = number + 1 < len(self.pages)
        return {
            "count": len(self.pages[number]),
            "nextPageToken": str(number + 1) if more else None,
            "nextSetTimestamp": self.until,
            "hasMoreRecords": more,
            "hashRecords": self.pages[number],
        }


@contextmanager
def _served(twin: Twin) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def _reply(self, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            twin.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            self._reply(twin.answer(self.path))

        def do_POST(self) -> None:
            twin.posted.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self._reply({})

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Twin, str]]:
    twin = Twin()
    with _served(twin) as address:
        yield twin, address


def _theirs(address: str) -> StopNCIIAPI:
    more = {StopNCIIEndpoint.SubmitFeedback: "tell", StopNCIIEndpoint.SubmitHashes: "tell"}
    return StopNCIIAPI("subscription", "fetch", more, base_url_override=address)


def _ours(address: str) -> tuple[dict[str, FeedItem], str]:
    feed, state, found = StopNcii(), "", dict[str, FeedItem]()
    headers = feed.headers("", "fetch,subscription,tell")
    with httpx.Client() as client:
        while asked := feed.ask(state, NOW):
            answer = client.get(address + asked.path, headers=headers)
            read = feed.read(state, asked, answer.status_code, answer.content, NOW)
            assert (read.broken, read.unknown) == ((), ())
            found |= {one.key: one for one in read.items}
            state = read.state
    return found, state


@given(RECORDS, st.integers(1, 4))
def test_both_clients_read_the_same(world: tuple[Twin, str], records: list[dict[str, Any]], pages: int) -> None:
    twin, address = world
    size = max(1, -(-len(records) // pages))
    twin.pages = [records[at : at + size] for at in range(0, len(records), size)] or [[]]
    twin.asked.clear()
    theirs = {
        f"{one.signalType.value}:{one.hashValue}": one
        for page in _theirs(address).fetch_hashes_iter()
        for one in page.hashRecords
    }
    asked_by_them = list(twin.asked)
    twin.asked.clear()
    found, state = _ours(address)
    assert found.keys() == theirs.keys()
    for key, one in theirs.items():
        cases = [case.value for case in one.caseNumbers.values()]
        gone = one.hashStatus.value in GONE or (bool(cases) and all(case in GONE for case in cases))
        assert found[key].withdrawn == gone
        if not gone:
            said = [(o.source, o.feedbackValue.value, set(o.tags)) for o in one.CSPFeedbacks]
            content = found[key].content
            assert [(o["source"], o["said"], set(o["tags"])) for o in content.get("opinions", [])] == said
            assert content.get("cases", {}) == {name: case.value for name, case in one.caseNumbers.items()}
    assert json.loads(state)["since"] == twin.until
    # And asked for it in the same way: the same pages, tokens and keys.
    for mine, other in zip(twin.asked, asked_by_them, strict=True):
        assert parse_qs(urlsplit(mine[0]).query) == parse_qs(urlsplit(other[0]).query)
        for name in ("x-functions-key", "ocp-apim-subscription-key"):
            assert mine[1][name] == other[1][name]


@pytest.mark.parametrize(
    ("right", "value"), [(True, StopNCIICSPFeedbackValue.Blocked), (False, StopNCIICSPFeedbackValue.NotBlocked)]
)
def test_both_say_the_same_of_a_hash(world: tuple[Twin, str], right: bool, value: StopNCIICSPFeedbackValue) -> None:
    twin, address = world
    twin.posted.clear()
    _theirs(address).submit_feedback(StopNCIISignalType.ImagePDQ, "ab" * 32, value)
    sending = StopNcii().sending(EntryFeedback("x", "pdq", "ab" * 32, right))
    assert twin.posted == [(f"/v1{sending.path}", json.loads(sending.body))]


def test_both_submit_the_same_but_for_the_word_for_its_kind(world: tuple[Twin, str]) -> None:
    """Theirs writes the name of its own class before the kind, which no reader of theirs takes back."""
    twin, address = world
    twin.posted.clear()
    _theirs(address).submit_hash(StopNCIISignalType.ImagePDQ, "ab" * 32)
    sending = submission([("image", "ab" * 32)], NOW)
    ((path, theirs),) = twin.posted
    mine = json.loads(sending.body)
    assert path == f"/v1{sending.path}"
    (record,), (own,) = theirs["hashRecords"], mine["hashRecords"]
    assert record.pop("signalType") == "StopNCIISignalType.ImagePDQ"
    assert own.pop("signalType") == "ImagePDQ"
    record.pop("lastModtimestamp"), own.pop("lastModtimestamp")
    assert theirs == mine
