"""The second look at an upload: after the answer, for candidates alone, and within bounds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.support.edge_centre import NOW, manifest
from tests.support.matching_lists import entry_id
from tests.support.pictures import landscape, png
from tests.unit.media.pixels.test_restored import turned
from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveLists, live_list
from tutela.edge.errors import NoTrustedListError, SettingsError
from tutela.edge.process.coordinator import open_second_pass, policy_of
from tutela.edge.runtime import second_pass
from tutela.edge.runtime.lookup_query import Lookup
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.remote import EdgeMatcher
from tutela.edge.runtime.scanner import EdgeService
from tutela.edge.runtime.second_pass import SecondPass, limits_of
from tutela.edge.runtime.settings import Settings
from tutela.edge.spool.candidates import NamedItem
from tutela.edge.spool.encryption import Sealer
from tutela.edge.spool.outbox import Outbox
from tutela.edge.spool.unscanned import UnscannedQueue
from tutela.exchange.report.candidate import Candidate
from tutela.matching import Record, Snapshot, snapshot_bytes
from tutela.media import Hashed, HasherPool, Level, Limits

PICTURE = landscape(2, 600, 440)
TURNED = png(turned(6)(PICTURE))
OTHER = png(landscape(31, 600, 440))
ITEM = NamedItem("upload-1")
TOKEN = "t" * 32
SECONDS = 600
# A slow machine is no failing property.
PATIENT = Limits(seconds=300)


def edge_settings(**given: str) -> Settings:
    return Settings.from_env({f"TUTELA_EDGE_{name}": value for name, value in {"TOKENS": TOKEN, **given}.items()})


def count(metrics: Metrics, outcome: str) -> float:
    return metrics.registry.get_sample_value("tutela_edge_second_looks_total", {"outcome": outcome}) or 0.0


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(1, PATIENT) as made:
        yield made


@pytest.fixture(scope="module")
def again() -> Iterator[HasherPool]:
    with HasherPool(1, limits_of(PATIENT)) as made:
        yield made


class World:
    """An Edge with one listed picture, whose second pass tells when it has looked."""

    def __init__(self, folder: Path, pool: HasherPool, again: HasherPool) -> None:
        self.lists, self.metrics = LiveLists(["list-a"]), Metrics()
        self.outbox = Outbox(folder / "outbox", Sealer(bytes(32), "outbox"))
        unscanned = UnscannedQueue(folder / "unscanned", Sealer(bytes(32), "unscanned"), 3)
        found = pool.hash_bytes(png(PICTURE), tenant="list", listed=True)
        assert isinstance(found, Hashed)
        (frame,) = found.frames
        looks = [(frame.pdq.hex(), frame.quality, frame.structures[0].hex(), False)]
        data, report = snapshot_bytes([Record(entry_id(1), pdq=looks)])
        made = manifest(data, report.entries, 3)
        self.lists.put(live_list(Snapshot(data), made, NOW + timedelta(hours=1), NOW))
        self.second, self.looked = SecondPass(self.metrics, lambda: again), threading.Semaphore(0)
        policy = policy_of(edge_settings(DETECTION="on"))
        self.service = EdgeService(self.lists, pool, self.outbox, self.metrics, policy, unscanned, self.second)

    def begin(self) -> None:
        self.second.begin(self._settle)

    def _settle(self, *given: Any) -> bool:
        with clock.simulate(NOW):
            try:
                return self.service.settle_again(*given)
            finally:
                self.looked.release()

    def scan(self, data: bytes, named: NamedItem | None = ITEM) -> dict[str, Any]:
        return self.service.scan(data, named, "caller")

    def candidates(self) -> list[Candidate]:
        return [Candidate.from_bytes(one.body) for one in self.outbox.due(NOW)]


@pytest.fixture
def world(tmp_path: Path, pool: HasherPool, again: HasherPool) -> Iterator[World]:
    with clock.simulate(NOW):
        made = World(tmp_path, pool, again)
        yield made
    made.second.close()


def test_a_turned_picture_is_answered_at_once_and_becomes_a_candidate_later(world: World) -> None:
    answer = world.scan(TURNED)
    assert (answer["status"], answer["matches"], answer["candidate"]) == ("scanned", [], None)
    assert answer["second_pass"] is True
    assert world.candidates() == [], "nobody looks before the caller has the answer"
    world.begin()
    assert world.looked.acquire(timeout=SECONDS)
    world.second.close()
    (one,) = world.candidates()
    (match,) = one.matches
    assert (one.item, match.rule, match.by_window, match.corroborated) == ("upload-1", "near-restored", True, False)
    assert one.pdq, "the desk gets the hash of the picture as it is"
    assert one.pdq[0].quality > 0
    assert count(world.metrics, "matched") == 1


def test_what_matched_and_what_has_no_name_is_not_looked_at_again(world: World) -> None:
    assert world.scan(png(PICTURE))["second_pass"] is False
    assert world.scan(TURNED, None)["second_pass"] is False
    assert world.scan(b"no picture")["second_pass"] is False


def test_another_picture_becomes_no_candidate(world: World) -> None:
    assert world.scan(OTHER)["second_pass"] is True
    world.begin()
    assert world.looked.acquire(timeout=SECONDS)
    world.second.close()
    assert (world.candidates(), count(world.metrics, "nothing")) == ([], 1)


def test_what_finds_no_room_is_counted_and_the_answer_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_pass, "MOST_PICTURES", 1)
    assert [world.scan(TURNED)["second_pass"], world.scan(TURNED)["second_pass"]] == [True, False]
    monkeypatch.setattr(second_pass, "MOST_PICTURES", 9)
    monkeypatch.setattr(second_pass, "MOST_BYTES", len(TURNED))
    assert world.scan(TURNED)["second_pass"] is False
    assert count(world.metrics, "no_room") == 2


def test_a_list_that_nobody_trusts_any_more_and_a_fault_end_one_look_alone(world: World) -> None:
    errors: list[Exception | None] = [NoTrustedListError("no list"), RuntimeError("a fault"), None]

    def settle(*given: Any) -> bool:
        try:
            if (error := errors.pop(0)) is not None:
                raise error
        finally:
            world.looked.release()
        return True

    for _ in range(3):
        world.scan(TURNED)
    world.second.begin(settle)
    assert all(world.looked.acquire(timeout=SECONDS) for _ in range(3))
    world.second.close()
    assert [count(world.metrics, outcome) for outcome in ("no_list", "failed", "matched")] == [1, 1, 1]


def test_after_the_end_nothing_is_taken(world: World) -> None:
    world.begin()
    world.second.close()
    assert world.scan(TURNED)["second_pass"] is False


def test_a_video_is_not_looked_at_again(world: World) -> None:
    film: Any = SimpleNamespace(video=object())
    at: datetime = NOW
    assert not world.second.offer(b"film", film, ITEM, "caller", at)


def test_an_edge_without_the_second_pass_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        assert open_second_pass(edge_settings(), Metrics(), stack) is not None
        assert open_second_pass(edge_settings(SECOND_PASS="0"), Metrics(), stack) is None
        monkeypatch.setattr("tutela.edge.process.coordinator.second_available", lambda: False)
        assert open_second_pass(edge_settings(), Metrics(), stack) is None


def test_the_level_of_a_second_look_is_none_of_a_first() -> None:
    with pytest.raises(SettingsError, match="TUTELA_EDGE_SECOND_PASS"):
        edge_settings(WINDOWS="second")


def test_a_second_look_elsewhere_keeps_its_rule(again: HasherPool) -> None:
    """`tutela scan --windows second --edge`: the Edge that is asked must know which hashes are of guesses."""
    sent: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(200, json={"items": [{"matches": []}]})

    client = httpx.Client(base_url="http://edge", transport=httpx.MockTransport(answer))
    EdgeMatcher(client)(again.hash_bytes(TURNED, tenant="scan"))
    (item,) = Lookup.from_bytes(sent[0]).items
    assert item.pdq[0].windows
    assert all(one.restored for one in item.pdq[0].windows)


def test_its_limits_are_those_of_the_edge_but_for_level_and_time() -> None:
    assert limits_of(Limits(max_pixels=7, seconds=90)) == Limits(max_pixels=7, windows=Level.SECOND, seconds=90)
    assert limits_of(Limits(seconds=1)).seconds == second_pass.SECONDS, "it gives way to others, and nobody waits"
