"""Reports that come at the same moment: one transaction for several, an answer for each."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import pytest
from django.db import OperationalError

from tests.support.reporting import report
from tutela.events.errors import Conflict, TutelaError
from tutela.events.identifiers import uuid7
from tutela.organisations.messages.inbox import Answer
from tutela.reports.intake import group_commit
from tutela.reports.intake.group_commit import Gathering, WaitingReport
from tutela.reports.intake.store import Filing


class World:
    """A gathering whose first group works until it is let go; what came together is kept in `groups`."""

    def __init__(self, answers: dict[str, Answer | TutelaError | Exception] | None = None) -> None:
        self.gathering, self.answers = Gathering(), answers or {}
        self.groups: list[list[str]] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self.pool = ThreadPoolExecutor(32)

    def take(self, group: Sequence[WaitingReport]) -> list[Answer | TutelaError]:
        self.groups.append([one.key for one in group])
        self.begun.set()
        assert self.go.wait(10)
        said = [self.answers.get(one.key, (201, one.key)) for one in group]
        for one in said:
            if isinstance(one, Exception) and not isinstance(one, TutelaError):
                raise one
        return [one for one in said if isinstance(one, (tuple, TutelaError))]

    def send(self, *keys: str, whose: str = "pixelpost") -> list[Future[Answer | TutelaError]]:
        """Send each in a thread of its own, one after the other."""
        sent = []
        for key in keys:
            one = WaitingReport(key, b"", Filing(uuid7(), report()))
            before = self._inside(whose)
            sent.append(self.pool.submit(self.gathering.answer, whose, one, self.take))
            while self._inside(whose) == before:
                threading.Event().wait(0.001)
        return sent

    def _inside(self, whose: str) -> int:
        """How many have come: who works first, and those behind."""
        line = self.gathering._lines.get(whose)
        return -1 if line is None else len(line)


def test_one_alone_is_taken_in_at_once() -> None:
    world = World()
    world.go.set()
    one = WaitingReport("a", b"", Filing(uuid7(), report()))
    assert world.gathering.answer("pixelpost", one, world.take) == (201, "a")
    assert world.groups == [["a"]]
    assert not world.gathering._lines, "nobody is at work"


def test_what_comes_meanwhile_is_taken_in_together_and_each_is_answered() -> None:
    world = World({"c": Conflict()})
    sent = world.send("a", "b", "c", "d")
    world.go.set()
    said = [one.result(10) for one in sent]
    assert [said[0], said[1], said[3]] == [(201, "a"), (201, "b"), (201, "d")]
    assert isinstance(said[2], Conflict)
    assert world.groups == [["a"], ["b", "c", "d"]]
    assert not world.gathering._lines


def test_two_under_one_key_never_share_a_transaction() -> None:
    world = World()
    sent = world.send("a", "b", "b", "c")
    world.go.set()
    assert [one.result(10) for one in sent] == [(201, "a"), (201, "b"), (201, "b"), (201, "c")]
    assert world.groups == [["a"], ["b", "c"], ["b"]]


def test_a_group_has_a_greatest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MOST", 2)
    world = World()
    sent = world.send("a", "b", "c", "d")
    world.go.set()
    assert [one.result(10)[1] for one in sent] == ["a", "b", "c", "d"]  # type: ignore[index]
    assert world.groups == [["a"], ["b", "c"], ["d"]]


def test_another_sender_waits_for_nobody() -> None:
    world = World()
    sent = [*world.send("a"), *world.send("b", whose="clipnest")]
    while len(world.groups) < 2:
        threading.Event().wait(0.001)
    assert sorted(world.groups) == [["a"], ["b"]], "both are at work"
    world.go.set()
    assert [one.result(10) for one in sent] == [(201, "a"), (201, "b")]


def test_what_is_wrong_with_one_stops_no_other() -> None:
    world = World({"c": RuntimeError("c")})
    sent = world.send("a", "b", "c", "d")
    world.go.set()
    assert [sent[place].result(10) for place in (0, 1, 3)] == [(201, "a"), (201, "b"), (201, "d")]
    with pytest.raises(RuntimeError, match="c"):
        sent[2].result(10)
    assert world.groups[:2] == [["a"], ["b", "c", "d"]]
    assert sorted(world.groups[2:]) == [["b"], ["c"], ["d"]]
    assert not world.gathering._lines, "an error leaves nobody at work"


def test_an_error_of_one_alone_lets_the_next_work() -> None:
    world = World({"a": RuntimeError("a")})
    first, second = world.send("a", "b")
    world.go.set()
    with pytest.raises(RuntimeError, match="a"):
        first.result(10)
    assert second.result(10) == (201, "b")


@pytest.mark.parametrize(
    "error", [OperationalError("the connection is lost"), psycopg.OperationalError("lost")], ids=str
)
def test_where_the_way_to_the_database_broke_nobody_that_waits_tries_it_again(error: Exception) -> None:
    world = World({"a": error})
    sent = world.send("a", "b", "c")
    world.go.set()
    for one in sent:
        with pytest.raises(type(error)):
            one.result(10)
    assert world.groups == [["a"]]


def test_what_the_database_itself_refuses_is_tried_again_by_each() -> None:
    refused = OperationalError("deadlock detected")
    refused.__cause__ = psycopg.errors.DeadlockDetected()
    world = World({"a": refused})
    first, second = world.send("a", "b")
    world.go.set()
    with pytest.raises(OperationalError):
        first.result(10)
    assert second.result(10) == (201, "b")
