"""A picture that is too flat is never "scanned"; one that is compared once stretched gives a marked candidate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.edge_centre import NOW
from tests.support.fakes.media import picture
from tests.support.matching_lists import entry_id, pdq
from tests.unit.edge.client.test_client import TOKEN
from tests.unit.edge.process.test_app import AUTH, LISTED, World
from tests.unit.edge.spool.test_unscanned import ITEM, PLACE, Storage, rescanner, unscanned
from tutela import clock
from tutela.edge.client.client import EdgeClient
from tutela.edge.spool.candidates import NamedItem
from tutela.media import Hashed, Window
from tutela.media.results import WindowKind
from tutela.scan.outcome import Status, code_of, status_of

FLAT = picture(pdq(77), quality=30)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


def changed(made: World, **frame: Any) -> None:
    """The hasher says this of the frame of each picture."""
    hashed = made.hasher.hash_bytes

    def answer(data: bytes, *, tenant: str, listed: bool = False) -> Any:
        found = hashed(data, tenant=tenant, listed=listed)
        return replace(found, frames=(replace(found.frames[0], **frame),)) if isinstance(found, Hashed) else found

    made.hasher.hash_bytes = answer  # type: ignore[method-assign]


def window(value: bytes) -> Window:
    return Window(WindowKind.STRETCHED, (0.0, 0.0, 1.0, 1.0), 80, (value,), (bytes(32),))


@pytest.mark.parametrize(("policy", "told"), [("queue", "pass"), ("pass", "pass"), ("hold", "hold")])
def test_a_flat_picture_is_not_compared_and_is_not_queued(tmp_path: Path, policy: str, told: str) -> None:
    made = World(tmp_path, UNDECODED_POLICY=policy)
    answer = made.http.post("/v1/scan", content=FLAT, headers=ITEM)
    body = answer.json()
    assert (answer.status_code, body["scanned"], body["status"]) == (202, False, "not_compared")
    assert (body["policy"], body["queued"], body["matches"]) == (told, False, [])
    assert made.unscanned.count_aside() == 0
    page = made.http.get("/metrics").text
    assert f'tutela_edge_not_compared_total{{policy="{told}"}} 1.0' in page
    assert "tutela_edge_not_decoded_total{" not in page
    assert 'tutela_edge_scans_total{outcome="not_compared"} 1.0' in page
    assert 'outcome="hashed"' not in page


def test_the_digests_of_a_flat_picture_are_looked_up(tmp_path: Path) -> None:
    made = World(tmp_path)
    changed(made, quality=10)
    body = made.http.post("/v1/scan", content=LISTED, headers=ITEM).json()
    assert (body["scanned"], body["status"]) == (False, "not_compared")
    assert {one["entry_id"] for one in body["matches"]} == {str(entry_id(900))}
    assert made.outbox.counts()[0] == 1


def test_a_stretched_picture_is_scanned_and_gives_a_marked_candidate(tmp_path: Path) -> None:
    made = World(tmp_path)
    changed(made, windows=(window(pdq(1)),))
    body = made.http.post("/v1/scan", content=FLAT, headers=ITEM).json()
    assert (body["scanned"], body["status"]) == (True, "scanned")
    (match,) = body["matches"]
    assert (match["rule"], match["by_window"], match["corroborated"]) == ("near-stretched", True, False)
    assert body["candidate"]["new"]
    assert made.outbox.counts()[0] == 1


def test_a_look_up_of_a_stretched_hash_gives_the_same(tmp_path: Path) -> None:
    made = World(tmp_path)
    known = {"hash": pdq(1).hex(), "quality": 80, "part": True, "stretched": True}
    item = {"pdq": [{"hash": pdq(77).hex(), "quality": 30, "windows": [known]}]}
    (answer,) = made.http.post("/v1/lookup", json={"items": [item]}, headers=AUTH).json()["items"]
    assert [(one["rule"], one["by_window"]) for one in answer["matches"]] == [("near-stretched", True)]


def test_what_waited_for_a_list_keeps_that_it_was_not_compared() -> None:
    for windows, status in (((), Status.NOT_COMPARED), ((window(pdq(1)),), Status.SCANNED)):
        frame = replace(_frame(), windows=windows)
        kept = unscanned(NamedItem("i"), NOW, result=replace(_hashed(), frames=(frame,)), location=None).result()
        assert kept is not None
        assert status_of(kept) is status


def test_a_later_scan_counts_a_flat_picture_apart(tmp_path: Path) -> None:
    made = World(tmp_path, FETCH_ORIGINS="https://media.example")
    made.unscanned.put([unscanned(NamedItem("i"), NOW, result=None, location=PLACE)])
    assert rescanner(made, Storage(a=FLAT)).work()
    assert 'rescans_total{outcome="not_compared"} 1.0' in made.http.get("/metrics").text
    assert made.unscanned.count_aside() == 0


def test_the_client_holds_a_flat_picture_where_the_policy_says_so(tmp_path: Path) -> None:
    made = World(tmp_path, UNDECODED_POLICY="hold")

    def ask(request: httpx.Request) -> httpx.Response:
        answer = made.http.request(
            request.method, request.url.path, content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, content=answer.content)

    with EdgeClient("http://edge.example", TOKEN, transport=httpx.MockTransport(ask)) as edge:
        held = edge.scan(FLAT, item="i-1")
        assert (held.scanned, held.status, held.policy, held.held) == (False, "not_compared", "hold", True)
        assert not edge.scan(FLAT, item="i-1", undecoded="pass").held
    journal = tmp_path / "journal"
    journal.write_text('{"item": "flat"}\n')
    with EdgeClient("http://edge.example", TOKEN, journal=journal, transport=httpx.MockTransport(ask)) as edge:
        assert edge.rescan({"flat": FLAT}.get) == 0
    assert "too flat" in journal.with_name("journal.refused").read_text()


def test_hma_never_answers_a_flat_photo_with_no_match(tmp_path: Path) -> None:
    from tests.unit.edge.hma.test_routes import Hma, photo

    made = Hma(tmp_path)
    answer = made.http.post("/m/lookup", files=photo(FLAT))
    assert (answer.status_code, answer.json()["details"]) == (400, "not_compared")
    assert code_of(made.hasher.hash_bytes(FLAT, tenant="a")) == "not_compared"
    changed(made, windows=(window(pdq(1)),))
    ((matches,),) = [one.values() for one in made.http.post("/m/lookup", files=photo(FLAT)).json().values()]
    assert [one["by_window"] for one in matches] == [True]


def _hashed() -> Any:
    from tests.support.fakes.media import HasherPool

    return HasherPool().hash_bytes(FLAT, tenant="a")


def _frame() -> Any:
    return _hashed().frames[0]
