"""The second pass over an upload: after the answer, for candidates alone, fair to all callers, and within bounds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
from structlog.testing import capture_logs

from tests.support.edge_centre import NOW, manifest
from tests.support.matching_lists import entry_id
from tests.support.pictures import landscape, png, turned
from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveLists, live_list
from tutela.edge.errors import NoTrustedListError, SettingsError
from tutela.edge.process.coordinator import policy_of
from tutela.edge.process.rescanner import Rescanner
from tutela.edge.runtime import second_pass
from tutela.edge.runtime.lookup_query import Lookup
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.remote import EdgeMatcher
from tutela.edge.runtime.scanner import EdgeService
from tutela.edge.runtime.second_pass import SecondPass, WaitingPicture, limits_of, open_second_pass
from tutela.edge.runtime.settings import Settings
from tutela.edge.spool.candidates import NamedItem
from tutela.edge.spool.encryption import Sealer
from tutela.edge.spool.outbox import Outbox
from tutela.edge.spool.unscanned import UnscannedQueue
from tutela.edge.spool.unscanned_entry import unscanned
from tutela.exchange.report.candidate import Candidate
from tutela.matching import Record, Snapshot, snapshot_bytes
from tutela.media import Code, Hashed, HasherPool, Level, Limits, Refused
from tutela.scan.hasher import Hasher

PICTURE = landscape(2, 600, 440)
TURNED = png(turned(PICTURE, 6))
OTHER = png(landscape(31, 600, 440))
ITEM = NamedItem("upload-1")
TOKEN = "t" * 32
SECONDS = 600
# A slow machine is no failing property.
PATIENT = Limits(seconds=300)
type Looks = tuple[str, int, str, bool]


def edge_settings(**given: str) -> Settings:
    return Settings.from_env({f"TUTELA_EDGE_{name}": value for name, value in {"TOKENS": TOKEN, **given}.items()})


def count(metrics: Metrics, outcome: str) -> float:
    return metrics.registry.get_sample_value("tutela_edge_second_pass_total", {"outcome": outcome}) or 0.0


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(1, PATIENT) as made:
        yield made


@pytest.fixture(scope="module")
def again() -> Iterator[HasherPool]:
    with HasherPool(1, limits_of(PATIENT)) as made:
        yield made


class Gate:
    """The decoder of the second pass, which starts when it is opened; `asked` counts its pictures."""

    def __init__(self, hasher: Hasher) -> None:
        self.hasher, self.open, self.asked, self.seen = hasher, threading.Event(), threading.Semaphore(0), list[str]()

    def __call__(self) -> AbstractContextManager[Hasher]:
        assert self.open.wait(SECONDS)
        return nullcontext(self)

    @property
    def isolation(self) -> str:
        return "fake"

    def hash_bytes(self, data: bytes, *, tenant: str, listed: bool = False) -> Hashed | Refused:
        self.seen.append(tenant)
        try:
            return self.hasher.hash_bytes(data, tenant=tenant, listed=listed)
        finally:
            self.asked.release()


class World:
    """An Edge with one listed picture."""

    def __init__(self, folder: Path, pool: HasherPool, again: Hasher) -> None:
        self.lists, self.metrics, self.gate = LiveLists(["list-a"]), Metrics(), Gate(again)
        self.outbox = Outbox(folder / "outbox", Sealer(bytes(32), "outbox"))
        self.unscanned = UnscannedQueue(folder / "unscanned", Sealer(bytes(32), "unscanned"), 3)
        found = pool.hash_bytes(png(PICTURE), tenant="list", listed=True)
        assert isinstance(found, Hashed)
        (frame,) = found.frames
        self.looks: Looks = (frame.pdq.hex(), frame.quality, frame.structures[0].hex(), False)
        self.list(Record(entry_id(1), pdq=[self.looks]))
        self.second = SecondPass(self.metrics, self.gate)
        policy = policy_of(edge_settings(DETECTION="on"))
        self.service = EdgeService(self.lists, pool, self.outbox, self.metrics, policy, self.unscanned, self.second)

    def list(self, *records: Record) -> None:
        data, report = snapshot_bytes(list(records))
        made = manifest(data, report.entries, 3)
        self.lists.put(live_list(Snapshot(data), made, NOW + timedelta(hours=1), NOW))

    def scan(self, data: bytes, named: NamedItem | None = ITEM, tenant: str = "caller") -> dict[str, Any]:
        return self.service.scan(data, named, tenant)

    def finish(self, pictures: int = 1) -> None:
        """Let it work until it has looked at so many pictures, and end it."""
        self.gate.open.set()
        assert all(self.gate.asked.acquire(timeout=SECONDS) for _ in range(pictures))
        self.second.close()

    def candidates(self) -> list[Candidate]:
        return [Candidate.from_bytes(one.body) for one in self.outbox.due(NOW)]


@pytest.fixture
def world(tmp_path: Path, pool: HasherPool, again: HasherPool, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # The thread of the pass asks the same clock; a picture in work is waited for to its end.
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(second_pass, "_GRACE", SECONDS)
    monkeypatch.setattr(second_pass, "_PAUSE", 0.01)
    made = World(tmp_path, pool, again)
    yield made
    made.gate.open.set()
    made.second.close()


def test_a_turned_picture_is_answered_at_once_and_becomes_a_candidate_later(world: World) -> None:
    answer = world.scan(TURNED)
    assert (answer["status"], answer["matches"], answer["candidate"]) == ("scanned", [], None)
    assert answer["second_pass"] is True
    assert not world.gate.seen, "the caller has its answer while no decoder of the second pass has started"
    world.finish()
    (one,) = world.candidates()
    (match,) = one.matches
    assert (one.item, match.rule, match.by_window, match.corroborated) == ("upload-1", "near-restored", True, False)
    assert one.pdq, "the desk gets the hash of the picture as it is"
    assert one.pdq[0].quality > 0
    assert count(world.metrics, "matched") == 1


def test_what_surely_matched_and_what_has_no_name_has_no_second_pass(world: World) -> None:
    assert world.scan(png(PICTURE))["second_pass"] is False
    assert world.scan(TURNED, None)["second_pass"] is False
    assert world.scan(b"no picture")["second_pass"] is False


def test_a_weak_match_with_another_entry_does_not_end_the_search(world: World, pool: HasherPool) -> None:
    """On a long list most uploads resemble something in part; the original must be found all the same."""
    seen = pool.hash_bytes(TURNED, tenant="x")
    assert isinstance(seen, Hashed)
    resembling = (seen.frames[0].pdq.hex(), 90, bytes(32).hex(), True)
    world.list(Record(entry_id(1), pdq=[world.looks]), Record(entry_id(2), pdq=[resembling]))
    answer = world.scan(TURNED)
    assert [match["rule"] for match in answer["matches"]] == ["near-window"]
    assert answer["second_pass"] is True
    world.finish()
    assert {match.entry_id for one in world.candidates() for match in one.matches} == {entry_id(1), entry_id(2)}


def test_what_the_first_pass_found_is_not_found_again(world: World, pool: HasherPool) -> None:
    seen = pool.hash_bytes(TURNED, tenant="x")
    assert isinstance(seen, Hashed)
    world.list(Record(entry_id(1), pdq=[world.looks, (seen.frames[0].pdq.hex(), 90, bytes(32).hex(), True)]))
    assert world.scan(TURNED)["candidate"]["new"] is True
    world.finish()
    assert (len(world.candidates()), count(world.metrics, "nothing")) == (1, 1)


def test_another_picture_becomes_no_candidate(world: World) -> None:
    assert world.scan(OTHER)["second_pass"] is True
    world.finish()
    assert (world.candidates(), count(world.metrics, "nothing")) == ([], 1)


def test_what_is_scanned_later_has_a_second_pass_too(world: World) -> None:
    later = unscanned(ITEM, NOW, result=None, location="https://media.example/1", tenant="caller")
    world.unscanned.put([later])
    fetcher: Any = SimpleNamespace(fetch=lambda _: TURNED)
    rescanner = Rescanner(world.unscanned, lambda: world.service, fetcher, 1)
    assert rescanner.work()
    rescanner.close()
    world.finish()
    assert [one.item for one in world.candidates()] == ["upload-1"]


class Script:
    """A decoder and a list that do as they are told."""

    def __init__(self, **bounds: Any) -> None:
        self.metrics, self.seen = Metrics(), list[str]()
        self.answers: list[Callable[[], Any]] = []
        self.done = threading.Event()
        self.second = SecondPass(self.metrics, lambda: nullcontext(self), **bounds)

    @property
    def isolation(self) -> str:
        return "fake"

    def hash_bytes(self, data: bytes, *, tenant: str, listed: bool = False) -> Any:
        self.seen.append(f"{tenant} {data.decode()}")
        if len(self.answers) == 1:
            self.done.set()
        return self.answers.pop(0)()

    def waiting(self, data: bytes, tenant: str = "a", at: timedelta = timedelta()) -> WaitingPicture:
        result: Any = SimpleNamespace(video=None)
        return WaitingPicture(data, result, ITEM, tenant, NOW + at, frozenset[tuple[str, UUID]](), lambda *_: True)


def refused(code: Code) -> Callable[[], Refused]:
    return lambda: Refused(None, code, "")


def raising(error: Exception) -> Callable[[], Any]:
    def run() -> Any:
        raise error

    return run


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(second_pass, "_PAUSE", 0.01)
    monkeypatch.setattr(second_pass, "_GRACE", SECONDS)


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(
    "first", [refused(Code.UNAVAILABLE), raising(NoTrustedListError("x")), raising(OSError(28, "full"))]
)
def test_a_failure_that_is_not_the_pictures_loses_none(first: Callable[[], Any]) -> None:
    world = Script()
    world.answers = [first, first, refused(Code.CORRUPT), refused(Code.CORRUPT)]
    with capture_logs() as logs:
        assert world.second.offer(world.waiting(b"1"))
        assert world.second.offer(world.waiting(b"2"))
        assert world.done.wait(SECONDS)
        world.second.close()
    assert world.seen == ["again-a 1"] * 3 + ["again-a 2"]
    assert count(world.metrics, "not_decoded") == 2
    assert [one["event"] for one in logs] == ["second pass pauses"] * 2


@pytest.mark.usefixtures("_quick")
def test_a_decoder_that_cannot_start_is_tried_again() -> None:
    world, starts = Script(), [raising(RuntimeError("no worker")), lambda: nullcontext(world)]
    world.second = SecondPass(world.metrics, lambda: starts.pop(0)())
    world.answers = [refused(Code.CORRUPT)]
    assert world.second.offer(world.waiting(b"1"))
    assert world.done.wait(SECONDS)
    world.second.close()
    assert count(world.metrics, "not_decoded") == 1


@pytest.mark.usefixtures("_quick")
def test_a_picture_that_always_fails_gives_way_to_the_next() -> None:
    world = Script()
    world.answers = [raising(ValueError("a fault"))] * 3 + [refused(Code.CORRUPT)]
    world.second.offer(world.waiting(b"1"))
    world.second.offer(world.waiting(b"2"))
    assert world.done.wait(SECONDS)
    world.second.close()
    assert (count(world.metrics, "failed"), count(world.metrics, "not_decoded")) == (1, 1)


@pytest.mark.usefixtures("_quick")
def test_tenants_take_turns_and_each_has_some_in_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_pass, "_IN_A_ROW", 2)
    world, begin = Script(), threading.Event()
    world.answers = [lambda: (begin.wait(SECONDS), Refused(None, Code.CORRUPT, ""))[1], *[refused(Code.CORRUPT)] * 6]
    for data, tenant in ((b"1", "a"), (b"2", "a"), (b"3", "a"), (b"4", "a"), (b"5", "b"), (b"6", "b"), (b"7", "b")):
        assert world.second.offer(world.waiting(data, tenant))
    begin.set()
    assert world.done.wait(SECONDS)
    world.second.close()
    order = [one.removeprefix("again-") for one in world.seen]
    assert sorted(order) == ["a 1", "a 2", "a 3", "a 4", "b 5", "b 6", "b 7"]
    # The first picture was taken before the others came.
    turns = [one[0] for one in order[1:]]
    assert max(len(run) for run in "".join(turns).replace("ab", "a b").replace("ba", "b a").split()) <= 3
    assert turns.index("b") <= 3, "the second tenant waits for some of the first, not for all"


@pytest.mark.usefixtures("_quick")
def test_no_tenant_takes_all_places_and_what_finds_none_is_counted() -> None:
    world = Script(most_pictures=4, most_bytes=100, share=0.5)
    stuck = threading.Event()
    world.answers = [lambda: (stuck.wait(SECONDS), Refused(None, Code.CORRUPT, ""))[1], *[refused(Code.CORRUPT)] * 9]
    offered = [world.second.offer(world.waiting(b"1", "a")) for _ in range(9)]
    assert 2 <= sum(offered) <= 3, "two wait, and one may be in work"
    assert world.second.offer(world.waiting(b"1", "b"))
    assert not world.second.offer(world.waiting(bytes(60), "c")), "more than its half of the bytes"
    assert count(world.metrics, "no_room") == 9 - sum(offered) + 1
    stuck.set()


@pytest.mark.usefixtures("_quick")
def test_what_has_waited_too_long_and_what_waits_at_the_end_are_left() -> None:
    world = Script()
    world.answers = [refused(Code.CORRUPT)]
    world.second.offer(world.waiting(b"old", at=-timedelta(hours=2)))
    world.second.offer(world.waiting(b"new"))
    assert world.done.wait(SECONDS)
    world.second.close()
    assert (world.seen, count(world.metrics, "late")) == (["again-a new"], 1)
    assert not world.second.offer(world.waiting(b"after")), "after the end nothing is taken"


def test_an_end_does_not_wait_for_a_picture_in_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor kills a process that takes half a minute to end."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(second_pass, "_GRACE", 0.01)
    world, begun, stuck = Script(), threading.Event(), threading.Event()
    world.answers = [lambda: (begun.set(), stuck.wait(SECONDS), Refused(None, Code.CORRUPT, ""))[2]]
    world.second.offer(world.waiting(b"1"))
    world.second.offer(world.waiting(b"2"))
    assert begun.wait(SECONDS)
    world.second.close()
    assert count(world.metrics, "left") == 1
    stuck.set()


def test_a_video_has_no_second_pass() -> None:
    world = Script()
    film: Any = SimpleNamespace(video=object())
    assert not world.second.offer(WaitingPicture(b"", film, ITEM, "a", NOW, frozenset(), lambda *_: True))


def test_an_edge_without_its_decoder_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_second_pass(edge_settings(SECOND_PASS="0"), Metrics(), ExitStack()) is None
    monkeypatch.setattr(second_pass, "second_available", lambda: False)
    with capture_logs() as logs:
        assert open_second_pass(edge_settings(), Metrics(), ExitStack()) is None
    assert "tutela[second-pass]" in logs[0]["event"]


def test_as_it_is_configured_by_default_it_finds_a_turned_picture(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the decoders that an Edge starts itself."""
    monkeypatch.setattr(second_pass, "SECONDS", 300.0)
    stack = ExitStack()
    second = open_second_pass(edge_settings(), world.metrics, stack)
    assert second is not None
    world.service._second = second
    assert world.scan(TURNED)["second_pass"] is True
    done = threading.Event()
    put = world.outbox.put

    def watched(*given: Any) -> bool:
        try:
            return put(*given)
        finally:
            done.set()

    monkeypatch.setattr(world.outbox, "put", watched)
    assert done.wait(SECONDS)
    stack.close()
    assert [one.matches[0].rule for one in world.candidates()] == ["near-restored"]


def test_the_level_of_the_second_pass_is_none_of_the_first() -> None:
    with pytest.raises(SettingsError, match="TUTELA_EDGE_SECOND_PASS"):
        edge_settings(WINDOWS="second")


def test_a_second_pass_elsewhere_keeps_its_rule(again: HasherPool) -> None:
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
