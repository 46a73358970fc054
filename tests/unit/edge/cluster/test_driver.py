"""What a cluster raises for one batch, or one machine, ends neither the scan nor a line of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tutela.edge.cluster import driver
from tutela.edge.cluster.batches import batches
from tutela.edge.cluster.host import Done
from tutela.edge.cluster.ledger import Counts, Ledger, Terms

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

    def __init__(self, joining: Sequence[Exception]) -> None:
        self.joining, self.killed = list(joining), 0
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
        host.lists, host.scan = called(self._lists), called(_scan)
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
    with Ledger(tmp_path / "out.jsonl", tmp_path / "out.ledger", Terms(2, LISTS)) as ledger:
        counts = driver.Driver(ray, list, LISTS).run(batches(names, 2), ledger)
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert counts.items == len(written) == 5
    assert {one.get("name") for one in written} == set(names)
    assert [one["name"] for one in written if "crashed" in json.dumps(one)] == ["bad"]
