"""What a cluster raises for one batch, or one machine, ends neither the scan nor a line of it."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.fakes.media import HasherPool, picture
from tests.support.matching_lists import pdq
from tutela.edge.cluster import driver, worker_host
from tutela.edge.cluster.batches import batches
from tutela.edge.cluster.ledger import Counts, Ledger, ScanTerms
from tutela.edge.cluster.worker_host import Done, Host

LISTS = [("own", 1, "ab" * 32)]


class RayError(Exception):
    pass


class RayTaskError(RayError):
    pass


class ActorUnschedulableError(RayError):
    pass


class RayActorError(RayError):
    actor_init_failed = False


class Ray:
    """As much of Ray as a driver asks, in this process. A batch with "bad" in it fails as a task, on every machine."""

    exceptions = SimpleNamespace(RayError=RayError, RayActorError=RayActorError)

    def __init__(self, joining: Sequence[Exception], scan: Callable[[Sequence[str]], Done] | None = None) -> None:
        self.joining, self.killed, self.scan = list(joining), 0, scan or _scan
        strategy = SimpleNamespace(NodeAffinitySchedulingStrategy=lambda node, soft: node)
        self.util = SimpleNamespace(scheduling_strategies=strategy)

    def nodes(self) -> list[dict[str, Any]]:
        return [{"NodeID": "one", "Alive": True, "Resources": {"CPU": 2}}]

    def remote(self, _: type) -> Any:
        return SimpleNamespace(options=lambda **_: SimpleNamespace(remote=lambda *_: self._host()))

    def _host(self) -> Any:
        def called(work: Callable[..., Any]) -> Any:
            return SimpleNamespace(remote=lambda *given: _Reference(work, given))

        host = _Reference(lambda: None, ())
        host.lists, host.scan = called(self._lists), called(self.scan)
        return host

    def _lists(self) -> list[tuple[str, int, str]]:
        if self.joining:
            raise self.joining.pop()
        return LISTS

    def wait(self, references: list[Any], num_returns: int, timeout: float) -> tuple[list[Any], list[Any]]:
        return references[:num_returns], references[num_returns:]

    def get(self, reference: Any) -> Any:
        return reference.work(*reference.given)

    def kill(self, _: Any) -> None:
        self.killed += 1


class _Reference:
    lists: Any
    scan: Any

    def __init__(self, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
        self.work, self.given = work, given


def _scan(names: Sequence[str]) -> Done:
    if "bad" in names:
        raise RayTaskError
    return Done("".join(json.dumps({"name": one}) + "\n" for one in names).encode(), Counts(items=len(names)))


def test_a_task_that_fails_on_every_machine_has_its_line_and_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(driver, "WAIT_SECONDS", 0.0)
    ray, names = Ray([ActorUnschedulableError(), RayActorError()]), ["a", "bad", "b", "c", "d"]
    with Ledger(tmp_path / "out.jsonl", tmp_path / "out.ledger", ScanTerms(2, LISTS)) as ledger:
        counts = driver.Driver(ray, list, LISTS).run(batches(names, 2), ledger)
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert counts.items == len(written) == 5
    assert {one.get("name") for one in written} == set(names)
    assert [one["name"] for one in written if "crashed" in json.dumps(one)] == ["bad"]


def _folder(folder: Path, times: int) -> list[str]:
    """A picture, an archive of three, and one of none, so many times."""
    for number in range(times):
        (folder / f"{number}a.jpg").write_bytes(picture(pdq(number)))
        for name, members in (("b", ("one", "two", "in/three")), ("c", ())):
            with zipfile.ZipFile(folder / f"{number}{name}.zip", "w") as archive:
                for member in members:
                    archive.writestr(f"{member}.jpg", picture(pdq(number), tail=member.encode()))
    return [str(path) for path in sorted(folder.iterdir())]


def _items(names: Sequence[str]) -> Counter[str]:
    members = ("!one.jpg", "!two.jpg", "!in/three.jpg")
    return Counter(name + member for name in names for member in (members if name.endswith("b.zip") else ("",)))


def _answers(real: Host, kills: set[int]) -> Callable[[Sequence[str]], Done]:
    """A real host, which at some calls, the first is 0, is killed with its answer in hand."""
    calls: Iterator[int] = iter(range(1000))

    def scan(names: Sequence[str]) -> Done:
        done = real.scan(names)
        if next(calls) in kills:
            raise RayActorError
        return done

    return scan


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.7, 1.0])
def test_each_member_of_an_archive_has_one_line_after_kills_of_a_worker_and_of_the_driver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: float
) -> None:
    """The driver is killed at its third batch: part of the lines is in the output, half an entry in the ledger."""
    for name in ("LOOK_SECONDS", "WAIT_SECONDS"):
        monkeypatch.setattr(driver, name, 0.0)
    monkeypatch.setattr(worker_host, "HasherPool", HasherPool)
    (tmp_path / "in").mkdir()
    names, real, seen = _folder(tmp_path / "in", 5), Host(list, 1), list[Counts]()
    output, book, terms = tmp_path / "out.jsonl", tmp_path / "out.ledger", ScanTerms(2, LISTS)

    def run(kills: set[int]) -> Counts:
        with Ledger(output, book, terms) as ledger:
            driven = driver.Driver(Ray([], _answers(real, kills)), list, LISTS)
            driven.progress = lambda counts, *_: seen.append(Counts(counts.items, objects=counts.objects))
            return driven.run(batches(names, 2), ledger)

    def killed(ledger: Ledger, value: object) -> None:
        if len(ledger) < 2 or not isinstance(value, list):
            return append(ledger, value)
        book.write_bytes(book.read_bytes() + json.dumps(value).encode()[:20])
        whole = output.read_bytes()
        output.write_bytes(whole[: ledger._length + int(kept * (len(whole) - ledger._length))])
        raise KeyboardInterrupt

    append = Ledger._append
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "_append", killed)
        with pytest.raises(KeyboardInterrupt):
            run({1})
    counts = run({0, 3})
    assert Counter(json.loads(line)["name"] for line in output.read_text().splitlines()) == _items(names)
    assert (counts.objects, counts.items) == (15, 25)
    assert max(one.objects for one in seen) == 15
    assert all(one.objects % 2 == 0 or one == seen[-1] for one in seen), "progress is in whole objects"
