"""What matching could not answer: held, or passed and scanned later, as was declared; nothing is forgotten."""

from __future__ import annotations

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

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.edge_centre import NOW
from tests.support.fakes.media import picture
from tests.support.matching_lists import pdq
from tests.unit.edge.process.test_app import AUTH, LISTED, World
from tutela import clock
from tutela.edge.errors import FetchFailedError, FetchGoneError, FetchRefusedError, QueueFullError, SettingsError
from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.http_api.bucket_events import Notification, announced
from tutela.edge.process.rescanner import Rescanner
from tutela.edge.spool.candidates import NamedItem
from tutela.edge.spool.encryption import Sealer
from tutela.edge.spool.unscanned import UnscannedQueue
from tutela.edge.spool.unscanned_entry import Unscanned, unscanned
from tutela.exchange.report.candidate import Candidate
from tutela.media import Refused
from tutela.media.results import Code

PLACE = "https://media.example/a"
ITEM = AUTH | {"X-Tutela-Item": "item-1", "X-Tutela-Account": "user-1"}


class Storage(Fetcher):
    """A storage in memory; what it does not have is gone, and `down` is down."""

    def __init__(self, **has: bytes) -> None:
        super().__init__(["https://media.example"], [], 1000)
        self.has, self.down = {f"https://media.example/{name}": data for name, data in has.items()}, False
        self.refusal: Exception = FetchGoneError("Status 404.")

    def fetch(self, location: str) -> bytes:
        if self.down:
            raise FetchFailedError("down")
        if location not in self.has:
            raise self.refusal
        return self.has[location]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


def world(folder: Path, policy: str, **more: str) -> World:
    return World(folder, FAILURE_POLICY=policy, FETCH_ORIGINS="https://media.example", **more)


def without_list(made: World) -> World:
    made.lists.put(replace(made.live, trusted_until=NOW))
    return made


def rescanner(made: World, storage: Storage | None = None) -> Rescanner:
    return Rescanner(made.unscanned, lambda: made.service, storage or Storage(), 2)


def test_hold_is_what_happens_if_nobody_chose(tmp_path: Path) -> None:
    made = without_list(World(tmp_path))
    answer = made.http.post("/v1/scan", content=LISTED, headers=ITEM)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert made.unscanned.waiting()[0] == 0


def test_pass_is_counted_and_never_looks_like_no_match(tmp_path: Path) -> None:
    made = without_list(world(tmp_path, "pass"))
    answer = made.http.post("/v1/scan", content=LISTED, headers=ITEM)
    assert answer.status_code == 202
    assert answer.json()["scanned"] is False
    assert "matches" not in answer.json()
    assert 'tutela_edge_passed_unscanned_total{policy="pass"} 1.0' in made.http.get("/metrics").text


def test_what_passed_is_matched_later_without_its_bytes(tmp_path: Path) -> None:
    made = without_list(world(tmp_path, "pass_and_queue"))
    answer = made.http.post("/v1/scan", content=LISTED, headers=ITEM)
    assert (answer.status_code, answer.json()["queued"]) == (202, True)
    made.http.post("/v1/scan", content=picture(pdq(77)), headers=ITEM)
    assert not rescanner(made).work(), "there is still no list"
    assert made.unscanned.waiting() == (2, NOW.timestamp())
    with clock.simulate(NOW + timedelta(minutes=5)):
        made.lists.put(replace(made.live, trusted_until=NOW + timedelta(hours=1)))
        assert rescanner(made).work()
        assert made.unscanned.waiting() == (0, 0.0)
        (one,) = made.outbox.due(clock.now())
    message = Candidate.from_bytes(one.body)
    assert (message.item, message.account, message.at) == ("item-1", "user-1", NOW), "it says when it went by"
    page = made.http.get("/metrics").text
    assert 'tutela_edge_rescans_total{outcome="matched"} 1.0' in page
    assert 'tutela_edge_rescans_total{outcome="nothing"} 1.0' in page


def test_what_nobody_could_find_again_does_not_pass(tmp_path: Path) -> None:
    made = without_list(world(tmp_path, "pass_and_queue"))
    assert made.http.post("/v1/scan", content=LISTED, headers=AUTH).status_code == 503, "it has no name"
    for number in range(3):
        assert made.http.post("/v1/scan", content=LISTED + bytes([number]), headers=ITEM).status_code == 202
    assert made.http.post("/v1/scan", content=LISTED + b"x", headers=ITEM).status_code == 503, "the queue is full"


def test_a_place_is_fetched_later_and_tried_until_it_answers(tmp_path: Path) -> None:
    made, storage = world(tmp_path, "pass_and_queue"), Storage(a=LISTED)
    for name in ("a", "gone"):
        entry = unscanned(NamedItem(name), NOW, result=None, location=f"https://media.example/{name}")
        assert (made.unscanned.put([entry]), made.unscanned.put([entry])) == (1, 0)
    storage.down = True
    assert rescanner(made, storage).work()
    assert made.unscanned.waiting()[0] == 2
    storage.down = False
    assert rescanner(made, storage).work(), "nothing is due yet"
    assert made.unscanned.waiting()[0] == 2
    with clock.simulate(NOW + timedelta(seconds=5)):
        assert rescanner(made, storage).work()
    assert made.unscanned.waiting()[0] == 0
    assert [Candidate.from_bytes(one.body).item for one in made.outbox.due(NOW + timedelta(hours=1))] == ["a"]
    assert 'outcome="gone"} 1.0' in made.http.get("/metrics").text


def roomy(made: World, folder: Path) -> World:
    made.unscanned = UnscannedQueue(folder / "roomy", Sealer(bytes(32), "unscanned"), 200)
    return made


def places(made: World, *names: str) -> None:
    at = "https://media.example/{}".format
    made.unscanned.put([unscanned(NamedItem(one), NOW, result=None, location=at(one)) for one in names])


@pytest.mark.parametrize("refusal", [FetchRefusedError("Status 401."), ValueError("a//b"), OSError("broken")])
def test_a_passing_fault_or_a_strange_one_loses_nothing_and_stops_nobody(tmp_path: Path, refusal: Exception) -> None:
    made, storage = roomy(world(tmp_path, "pass_and_queue"), tmp_path), Storage(good=LISTED)
    storage.refusal = refusal
    places(made, *(f"bad-{number}" for number in range(70)))
    with clock.simulate(NOW + timedelta(seconds=1)):
        made.unscanned.put(
            [unscanned(NamedItem("good"), clock.now(), result=None, location="https://media.example/good")]
        )
        assert rescanner(made, storage).work()
        assert [Candidate.from_bytes(one.body).item for one in made.outbox.due(clock.now())] == ["good"]
    assert made.unscanned.waiting()[0] == 70, "a credential is renewed, and then they are scanned"


def test_what_is_put_again_while_it_is_scanned_is_scanned_again(tmp_path: Path) -> None:
    made, storage = world(tmp_path, "pass_and_queue"), Storage(a=picture(pdq(77)))
    places(made, "a")

    class Swapping(Storage):
        def fetch(self, location: str) -> bytes:
            harmless = storage.has[location]
            if harmless != LISTED:
                storage.has[location] = LISTED
                places(made, "a")
            return harmless

    assert rescanner(made, Swapping()).work()
    assert made.unscanned.waiting()[0] == 0
    assert [Candidate.from_bytes(one.body).item for one in made.outbox.due(NOW)] == ["a"]


def test_entries_that_do_not_open_stand_in_nobodys_way(tmp_path: Path) -> None:
    made = roomy(world(tmp_path, "pass_and_queue"), tmp_path)
    places(made, *(f"bad-{number}" for number in range(70)))
    with sqlite3.connect(tmp_path / "roomy") as db:
        db.execute("UPDATE unscanned SET body = zeroblob(99)")
    places(made, "good")
    assert [one.item for _, one in made.unscanned.due(NOW)] == ["good"]
    assert made.unscanned.waiting()[0] == 71
    made.outbox.put("bad", b"x", NOW)
    with sqlite3.connect(tmp_path / "outbox") as db:
        db.execute("UPDATE sealed_outbox SET body = zeroblob(99)")
    made.outbox.put("good", b"x", NOW)
    assert [one.key for one in made.outbox.due(NOW, limit=1)] == ["good"]
    assert made.outbox.counts() == (1, 1), "kept apart for a human being"


def test_what_no_decoder_could_read_waits_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(tmp_path, "pass_and_queue")
    away = Refused(None, Code.UNAVAILABLE, "no worker can be started")
    monkeypatch.setattr(made.hasher, "hash_bytes", lambda *_, **__: away)
    assert made.http.post("/v1/scan", content=LISTED, headers=ITEM).status_code == 503, "nothing to find it by"
    headers = ITEM | {"X-Tutela-Location": "https://media.example/a"}
    assert made.http.post("/v1/scan", content=LISTED, headers=headers).json()["queued"]
    assert rescanner(made, Storage(a=LISTED)).work()
    assert made.unscanned.waiting()[0] == 1
    monkeypatch.undo()
    with clock.simulate(NOW + timedelta(minutes=1)):
        assert rescanner(made, Storage(a=LISTED)).work()
    assert (made.unscanned.waiting()[0], made.outbox.counts()) == (0, (1, 0))


def test_what_no_decoder_could_read_is_not_known_by_its_digests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, headers = without_list(world(tmp_path, "pass_and_queue")), ITEM | {"X-Tutela-Location": PLACE}
    seen = made.hasher.hash_bytes(LISTED, tenant="any").digests
    away = Refused(seen, Code.UNAVAILABLE, "no worker can be started")
    monkeypatch.setattr(made.hasher, "hash_bytes", lambda *_, **__: away)
    assert made.http.post("/v1/scan", content=LISTED, headers=ITEM).status_code == 503, (
        "its digests would not be enough"
    )
    assert made.http.post("/v1/scan", content=LISTED, headers=headers).json()["queued"]
    made.unscanned.put([unscanned(NamedItem("of-before"), NOW, result=away, location=PLACE)])
    monkeypatch.undo()
    made.lists.put(replace(made.live, trusted_until=NOW + timedelta(hours=1)))
    assert rescanner(made, Storage(a=LISTED)).work()
    assert (made.unscanned.waiting()[0], made.outbox.counts()) == (0, (2, 0))


def test_what_is_scanned_later_is_each_caller_s_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(tmp_path, "pass_and_queue")
    for name in ("token-0", "token-1"):
        made.unscanned.put([unscanned(NamedItem(name), NOW, result=None, location=PLACE, tenant=name)])
    event = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "media"}, "object": {"key": "a"}}}
    fetcher = Fetcher(["s3://media"], [], 1000)
    (one,) = announced(Notification.model_validate({"Records": [event]}), fetcher, "token-2")
    made.unscanned.put([one.model_copy(update={"location": PLACE})])
    tenants: list[str] = []
    hashed = made.hasher.hash_bytes

    def noting(data: bytes, *, tenant: str, listed: bool = False) -> Any:
        tenants.append(tenant)
        return hashed(data, tenant=tenant, listed=listed)

    monkeypatch.setattr(made.hasher, "hash_bytes", noting)
    assert rescanner(made, Storage(a=LISTED)).work()
    assert sorted(tenants) == ["later-token-0", "later-token-1", "later-token-2"]


def test_an_upload_says_where_it_can_be_had_and_a_foreign_place_is_refused(tmp_path: Path) -> None:
    made = world(tmp_path, "pass_and_queue")
    headers = ITEM | {"X-Tutela-Location": "https://elsewhere.example/a"}
    assert made.http.post("/v1/scan", content=LISTED, headers=headers).status_code == 422


def test_the_queue_survives_a_kill_and_lies_sealed(tmp_path: Path) -> None:
    program = """
        import os, signal, sys
        from datetime import UTC, datetime
        from pathlib import Path
        from tutela.edge.spool.candidates import NamedItem
        from tutela.edge.spool.encryption import Sealer
        from tutela.edge.spool.unscanned import UnscannedQueue
        from tutela.edge.spool.unscanned_entry import unscanned
        queue = UnscannedQueue(Path(sys.argv[1]), Sealer(bytes(32), "unscanned"), 9)
        at = datetime(2026, 3, 1, 12, tzinfo=UTC)
        queue.put([unscanned(NamedItem("item-secret"), at, result=None, location="https://media.example/secret")])
        os.kill(os.getpid(), signal.SIGKILL)
    """
    path = tmp_path / "queue"
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program), str(path)], check=False)
    assert done.returncode == -9
    at_rest = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"secret" not in at_rest
    queue = UnscannedQueue(path, Sealer(bytes(32), "unscanned"), 9)
    ((_, one),) = queue.due(NOW)
    assert (one.item, one.location) == ("item-secret", "https://media.example/secret")
    with pytest.raises(SettingsError, match="another key"):
        UnscannedQueue(path, Sealer(os.urandom(32), "unscanned"), 9)


def test_a_full_queue_takes_all_or_nothing(tmp_path: Path) -> None:
    queue = UnscannedQueue(tmp_path / "q", Sealer(bytes(32), "unscanned"), 2)
    many = [unscanned(NamedItem(str(i)), NOW, result=None, location="https://media.example/") for i in range(3)]
    with pytest.raises(QueueFullError):
        queue.put(many)
    assert queue.waiting()[0] == 0


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=8), st.text(max_size=50), st.text(max_size=50))
def test_an_entry_says_the_same_after_the_disk(hashes: list[bytes], item: str, account: str) -> None:
    from tests.support.fakes.media import digests_of
    from tutela.media import Digests, FrameHash, Hashed

    frames = tuple(FrameHash(i, value, 90, (value,)) for i, value in enumerate(hashes))
    result = Hashed(Digests(**vars(digests_of(item.encode()))), "JPEG", 3, 4, frames, ())
    entry = unscanned(NamedItem(item, account), NOW, result=result, location=None)
    again = Unscanned.model_validate_json(entry.model_dump_json())
    assert (again.named, again.result(), again.at) == (NamedItem(item, account), result, NOW)
