"""A file that cannot be hashed is never "scanned": its status, what becomes of it, and who hears of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from tests.support.edge_centre import NOW
from tests.support.fakes.media import digests_of, picture
from tests.support.matching_lists import entry_id, pdq
from tests.unit.edge.client.test_client import TOKEN
from tests.unit.edge.process.test_app import AUTH, LISTED, World
from tests.unit.edge.spool.test_unscanned import ITEM, PLACE, Storage, rescanner, unscanned
from tutela import clock
from tutela.app.cli import app
from tutela.edge.client.client import EdgeClient
from tutela.edge.errors import QueueFullError
from tutela.edge.process.coordinator import open_unscanned
from tutela.edge.runtime.settings import Settings
from tutela.edge.spool.candidates import NamedItem
from tutela.media import Digests, Hashed, Refused
from tutela.media.results import INCOMPLETE, Code
from tutela.scan.outcome import Status, status_of
from tutela.scan.scan import Scan

NO_PICTURE = {Code.NOT_A_PICTURE, Code.EMPTY}
BROKEN = b"BROKEN picture"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


def refuse(made: World, code: Code = Code.CORRUPT) -> None:
    """The hasher refuses what begins with BROKEN, and bytes of the listed file."""
    hashed = made.hasher.hash_bytes

    def answer(data: bytes, *, tenant: str, listed: bool = False) -> Any:
        if data.startswith(BROKEN) or (data == LISTED and code is not Code.CORRUPT):
            return Refused(Digests(**vars(digests_of(data))), code, "It cannot be decoded.")
        return hashed(data, tenant=tenant, listed=listed)

    made.hasher.hash_bytes = answer  # type: ignore[method-assign]


def world(folder: Path, code: Code = Code.CORRUPT, **more: str) -> World:
    made = World(folder, FETCH_ORIGINS="https://media.example", **more)
    refuse(made, code)
    return made


@pytest.mark.parametrize("code", [one for one in Code if one is not Code.UNAVAILABLE])
def test_no_refused_file_is_scanned_and_its_digests_are_looked_up(tmp_path: Path, code: Code) -> None:
    made = world(tmp_path, code)
    answer = made.http.post("/v1/scan", content=LISTED if code is not Code.CORRUPT else BROKEN, headers=ITEM)
    body = answer.json()
    assert body["scanned"] is False
    assert body["status"] == ("not_a_picture" if code in NO_PICTURE else "not_decoded")
    assert answer.status_code == (200 if code in NO_PICTURE else 202)
    assert body["refused"]["code"] == code
    if code is not Code.CORRUPT:
        assert {one["entry_id"] for one in body["matches"]} == {str(entry_id(900))}
        assert made.outbox.counts()[0] == 1, "a match by digest is a candidate all the same"


def test_a_video_without_frames_is_not_scanned() -> None:
    nothing = Hashed(Digests(**vars(digests_of(b"v"))), "MP4", 1, 1, (), ())
    assert status_of(nothing) is Status.NOT_DECODED


def part_left_out(made: World) -> None:
    """The hasher says of each picture that it holds others."""
    hashed = made.hasher.hash_bytes

    def answer(data: bytes, *, tenant: str, listed: bool = False) -> Any:
        found = hashed(data, tenant=tenant, listed=listed)
        return replace(found, notes=(f"{INCOMPLETE}: more",)) if isinstance(found, Hashed) else found

    made.hasher.hash_bytes = answer  # type: ignore[method-assign]


def test_a_file_of_which_pictures_were_left_out_is_not_scanned_and_its_matches_are_answered(tmp_path: Path) -> None:
    made = World(tmp_path)
    part_left_out(made)
    body = made.http.post("/v1/scan", content=LISTED, headers=ITEM).json()
    assert (body["scanned"], body["status"], body["queued"]) == (False, "not_decoded", True)
    assert body["matches"]
    assert made.outbox.counts()[0] == 1
    assert made.http.post("/v1/scan", content=picture(pdq(77)), headers=ITEM).json()["status"] == "not_decoded"
    assert 'not_decoded_total{code="incomplete",policy="queue"} 2.0' in made.http.get("/metrics").text


def test_that_pictures_were_left_out_is_kept_until_a_list_is_there(tmp_path: Path) -> None:
    made = World(tmp_path)
    part_left_out(made)
    result = made.hasher.hash_bytes(LISTED, tenant="a")
    kept = unscanned(NamedItem("i"), NOW, result=result, location=None).result()
    assert kept is not None
    assert status_of(kept) is Status.NOT_DECODED


def test_a_scan_says_that_a_file_of_which_pictures_were_left_out_is_unhashed(tmp_path: Path) -> None:
    made = World(tmp_path)
    part_left_out(made)
    (tmp_path / "a.img").write_bytes(LISTED)
    (one,) = Scan(made.hasher, lambda _: ()).run([str(tmp_path / "a.img")])
    assert one.unhashed


def test_hma_answers_the_matches_of_such_a_file_and_never_nothing(tmp_path: Path) -> None:
    from tests.unit.edge.hma.test_routes import Hma, photo

    made = Hma(tmp_path)
    part_left_out(made)
    assert made.http.post("/m/lookup", files=photo(LISTED)).status_code == 200
    answer = made.http.post("/m/lookup", files=photo(picture(pdq(77))))
    assert (answer.status_code, answer.json()["details"]) == (400, "incomplete")


def test_by_default_it_passes_and_waits_for_a_person(tmp_path: Path) -> None:
    made = world(tmp_path)
    body = made.http.post("/v1/scan", content=BROKEN, headers=ITEM).json()
    assert (body["policy"], body["queued"]) == ("queue", True)
    ((_, one),) = made.unscanned.aside()
    assert (one.item, one.account, one.hashes.refused if one.hashes else "") == ("item-1", "user-1", "corrupt")
    page = made.http.get("/metrics").text
    assert 'tutela_edge_not_decoded_total{code="corrupt",policy="queue"} 1.0' in page
    assert "tutela_edge_undecoded_waiting 1.0" in page
    assert made.http.get("/healthz/ready").json()["unscanned"] == {"waiting": 0, "not_decoded": 1}


def test_what_cannot_be_queued_is_held(tmp_path: Path) -> None:
    made = world(tmp_path)
    unnamed = made.http.post("/v1/scan", content=BROKEN, headers=AUTH).json()
    assert (unnamed["policy"], unnamed["queued"]) == ("hold", False)
    for number in range(3):
        made.http.post("/v1/scan", content=BROKEN, headers=AUTH | {"X-Tutela-Item": f"i-{number}"})
    full = made.http.post("/v1/scan", content=BROKEN, headers=ITEM).json()
    assert (full["policy"], full["queued"]) == ("hold", False)


@pytest.mark.parametrize("policy", ["hold", "pass"])
def test_the_policy_is_a_setting_and_one_of_a_request(tmp_path: Path, policy: str) -> None:
    made = world(tmp_path, UNDECODED_POLICY=policy)
    asked = made.http.post("/v1/scan", content=BROKEN, headers=ITEM).json()
    assert (asked["policy"], asked["queued"], made.unscanned.count_aside()) == (policy, False, 0)
    headers = ITEM | {"X-Tutela-Undecoded": "queue"}
    assert made.http.post("/v1/scan", content=BROKEN, headers=headers).json()["policy"] == "queue"
    wrong = made.http.post("/v1/scan", content=BROKEN, headers=ITEM | {"X-Tutela-Undecoded": "ignore"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "X-Tutela-Undecoded")


def test_what_can_be_fetched_is_scanned_again_and_then_set_aside(tmp_path: Path) -> None:
    made, headers = world(tmp_path), ITEM | {"X-Tutela-Location": PLACE}
    assert made.http.post("/v1/scan", content=BROKEN, headers=headers).json()["queued"]
    assert (made.unscanned.waiting()[0], made.unscanned.count_aside()) == (1, 0)
    assert rescanner(made, Storage(a=BROKEN)).work()
    assert (made.unscanned.waiting()[0], made.unscanned.count_aside()) == (0, 1)
    assert 'rescans_total{outcome="not_decoded"} 1.0' in made.http.get("/metrics").text
    made.http.post("/v1/scan", content=BROKEN, headers=headers)
    with clock.simulate(NOW + timedelta(minutes=1)):
        assert rescanner(made, Storage(a=LISTED)).work(), "it was only a moment's trouble"
    assert made.outbox.counts()[0] == 1


def test_an_announced_object_that_cannot_be_hashed_is_set_aside(tmp_path: Path) -> None:
    made = world(tmp_path)
    made.unscanned.put([unscanned(NamedItem("s3://media/a"), NOW, result=None, location=PLACE)])
    assert rescanner(made, Storage(a=BROKEN)).work()
    ((_, one),) = made.unscanned.aside()
    assert (one.item, one.location) == ("s3://media/a", PLACE)


def test_no_more_are_set_aside_than_the_queue_may_hold(tmp_path: Path) -> None:
    made, refused = world(tmp_path), Refused(Digests(**vars(digests_of(b"x"))), Code.CORRUPT, "")
    for number in range(3):
        made.service.set_aside(NamedItem(f"i-{number}"), refused, NOW)
    with pytest.raises(QueueFullError):
        made.service.set_aside(NamedItem("one-more"), refused, NOW)


def test_the_client_says_whether_to_hold_and_no_picture_stops_its_journal(tmp_path: Path) -> None:
    made, journal = world(tmp_path, UNDECODED_POLICY="hold"), tmp_path / "journal"

    def ask(request: httpx.Request) -> httpx.Response:
        answer = made.http.request(
            request.method, request.url.path, content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, content=answer.content)

    with EdgeClient("http://edge.example", TOKEN, transport=httpx.MockTransport(ask)) as edge:
        held = edge.scan(BROKEN, item="i-1")
        assert (held.scanned, held.status, held.policy, held.held) == (False, "not_decoded", "hold", True)
        passed = edge.scan(BROKEN, item="i-1", undecoded="pass")
        assert (passed.scanned, passed.held) == (False, False)
        text = edge.scan(b"text", item="i-2")
        assert (text.scanned, text.status, text.held) == (False, "not_a_picture", False)
        assert edge.scan(LISTED, item="i-3").held
    journal.write_text("".join(json.dumps({"item": one}) + "\n" for one in ("broken", "text", "listed")))
    bytes_of = {"broken": BROKEN, "text": b"text", "listed": LISTED}
    with EdgeClient("http://edge.example", TOKEN, journal=journal, transport=httpx.MockTransport(ask)) as edge:
        assert edge.rescan(bytes_of.get) == 0
    assert "corrupt" in journal.with_name("journal.refused").read_text()


def test_the_command_lists_what_waits_and_removes_what_was_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTELA_EDGE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TUTELA_EDGE_TOKENS", "t" * 32)
    settings, refused = Settings.from_env(), Refused(Digests(**vars(digests_of(b"x"))), Code.TIME_LIMIT, "")
    queue = open_unscanned(settings, settings.key())
    queue.set_aside(unscanned(NamedItem("a"), NOW, result=refused, location=None))
    queue.set_aside(unscanned(NamedItem("b"), NOW, result=refused, location=PLACE))
    run = CliRunner()
    listed = run.invoke(app, ["edge", "undecoded"])
    assert listed.exit_code == 3
    found = [json.loads(line) for line in listed.stdout.splitlines()]
    assert sorted((one["item"], one["code"], one["location"]) for one in found) == [
        ("a", "time_limit", None),
        ("b", "time_limit", PLACE),
    ]
    assert run.invoke(app, ["edge", "undecoded", "--looked-at", "a"]).exit_code == 3
    assert run.invoke(app, ["edge", "undecoded", "--again"]).exit_code == 0
    assert (queue.count_aside(), queue.waiting()[0]) == (0, 1)


def test_callers_and_contents_that_share_a_name_wait_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTELA_EDGE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TUTELA_EDGE_TOKENS", "t" * 32)
    settings = Settings.from_env()
    queue = open_unscanned(settings, settings.key())
    for tenant, data in (("a", b"x"), ("b", b"x"), ("b", b"y"), ("b", b"y")):
        refused = Refused(Digests(**vars(digests_of(data))), Code.CORRUPT, "")
        queue.set_aside(unscanned(NamedItem("same"), NOW, result=refused, location=None, tenant=tenant))
    assert queue.count_aside() == 3
    run = CliRunner()
    found = [json.loads(line) for line in run.invoke(app, ["edge", "undecoded"]).stdout.splitlines()]
    assert len({(one["tenant"], one["sha256"]) for one in found}) == 3
    several = run.invoke(app, ["edge", "undecoded", "--looked-at", "same"])
    assert (several.exit_code, queue.count_aside()) == (2, 3)
    assert "3 entries have this item" in several.output
    mine = next(one["id"] for one in found if one["tenant"] == "a")
    run.invoke(app, ["edge", "undecoded", "--looked-at", mine])
    assert [one.tenant for _, one in queue.aside()] == ["b", "b"]


def test_callers_that_share_a_name_wait_apart_for_a_later_scan(tmp_path: Path) -> None:
    made = World(tmp_path)
    for tenant in ("a", "b", "b"):
        made.unscanned.put([unscanned(NamedItem("same", tenant), NOW, result=None, location=PLACE, tenant=tenant)])
    assert sorted(one.account or "" for _, one in made.unscanned.due(NOW)) == ["a", "b"]


def test_what_waits_incomplete_is_told_as_such(tmp_path: Path) -> None:
    made = World(tmp_path)
    part_left_out(made)
    made.http.post("/v1/scan", content=LISTED, headers=ITEM)
    ((_, one),) = made.unscanned.aside()
    assert one.code == "incomplete"


@pytest.mark.parametrize("code", [one for one in Code if one is not Code.UNAVAILABLE])
def test_hma_never_answers_an_unhashed_photo_with_nothing(tmp_path: Path, code: Code) -> None:
    from tests.unit.edge.hma.test_routes import Hma, photo

    made = Hma(tmp_path)
    refuse(made, code)
    for address in ("/m/lookup", "/h/hash"):
        answer = made.http.post(address, files=photo(BROKEN))
        assert (answer.status_code, answer.json()["details"]) == (400, code)
    assert made.banks_of(pdq(1)), "a hash is looked up as before"
    if code not in NO_PICTURE:
        assert f'not_decoded_total{{code="{code}",policy="hma"}} 2.0' in made.http.get("/metrics").text
