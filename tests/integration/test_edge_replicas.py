"""Edges behind a balancer know nothing of each other.

Lists are swapped and processes renewed under load, and no request fails; a burst is refused and never held in memory.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.support.balancer import Balancer
from tests.support.drills import children, ended, until
from tests.support.edges import LISTED, OTHER, TOKEN, RealEdge, hashes

pytestmark = pytest.mark.slow
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Connection": "close"}
CLIENTS = 4
# So many hashes are in every version of the list beside its own.
KEPT = 3000
# Seconds. A machine with other work is slow, and nothing here is about speed.
LONGEST = 180


@dataclass
class Load:
    """Clients that never stop asking, and never ask twice; whatever was no answer is kept."""

    url: str
    answers: int = 0
    failed: list[str] = field(default_factory=list)
    versions: set[int] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, question: dict[str, Any]) -> None:
        while not self.stop.is_set():
            try:
                asked = httpx.post(f"{self.url}/v1/lookup", json=question, headers=HEADERS, timeout=LONGEST)
                body = asked.raise_for_status().json()
                assert len(body["items"][0]["matches"]) == 1, "the item is in every version"
                self.versions |= {one["version"] for one in body["lists"]}
                self.answers += 1
            except (httpx.HTTPError, AssertionError, ValueError) as error:
                self.failed.append(f"{type(error).__name__}: {error}")

    def more(self, count: int = 40) -> bool:
        """Wait until so many further answers came."""
        goal = self.answers + count
        return until(f"{count} more answers", lambda: self.answers >= goal or None, LONGEST) is True


@contextmanager
def under_load(url: str, question: dict[str, Any]) -> Iterator[Load]:
    load = Load(url)
    with ThreadPoolExecutor(CLIENTS) as pool:
        for _ in range(CLIENTS):
            pool.submit(load.run, question)
        try:
            yield load
        finally:
            load.stop.set()


def own_hash(number: int) -> str:
    """The hash that a version alone has."""
    return np.random.default_rng(number).integers(1, 256, 32, dtype=np.uint8).tobytes().hex()


def version(path: Path, number: int) -> dict[str, Any]:
    """Write a version of the list: what is in all, and one hash of its own; answers a question for the former."""
    rng = np.random.default_rng(0)
    kept = [rng.integers(1, 256, 32, dtype=np.uint8).tobytes().hex() for _ in range(KEPT)]
    lines = [json.dumps({"sha256": value, "pdq": value, "quality": 90}) for value in [*kept, own_hash(number)]]
    fresh = path.with_suffix(".new")
    fresh.write_text("\n".join(lines) + "\n")
    fresh.replace(path)
    return {"items": [{"sha256": kept[7], "pdq": [{"hash": kept[7], "quality": 90}]}]}


def all_have(edges: list[RealEdge], number: int) -> bool:
    """Whether each worker of each Edge has a version, asked until all have been heard.

    By its own hash: each Edge counts its versions for itself.
    """
    question = {"items": [{"sha256": own_hash(number)}]}
    answers = (edge.ask("POST", "/v1/lookup", json=question).raise_for_status() for edge in edges for _ in range(6))
    return all(one.json()["items"][0]["matches"] for one in answers)


@pytest.fixture
def edges(tmp_path: Path) -> Iterator[list[RealEdge]]:
    version(tmp_path / "list.jsonl", 1)
    made = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        made.append(RealEdge(tmp_path / name, tmp_path / "list.jsonl"))
    for edge in made:
        edge.start()
    yield made
    for edge in made:
        edge.stop()


def test_two_edges_swap_lists_and_renew_their_processes_without_a_failed_request(
    edges: list[RealEdge], tmp_path: Path
) -> None:
    question = version(tmp_path / "list.jsonl", 1)
    with (
        Balancer([edge.port for edge in edges]) as balancer,
        under_load(f"http://127.0.0.1:{balancer.port}", question) as load,
    ):
        load.more()
        for number in range(2, 6):
            version(tmp_path / "list.jsonl", number)
            until("both have the new list", lambda n=number: (all_have(edges, n) and load.more(5)) or None, LONGEST)  # type: ignore[misc]
        assert not load.failed, load.failed[:5]
        before = load.answers
        for edge in edges:
            renewed = workers(edge)
            edge.signal(signal.SIGHUP)
            until("new workers have taken over", lambda old=renewed, e=edge: not (old & workers(e)) or None, LONGEST)  # type: ignore[misc]
            load.more()
        assert load.answers > before
    assert not load.failed, load.failed[:5]
    assert max(load.versions) >= 4
    assert edges[0].stop() == 0


def test_processes_are_renewed_again_and_again_and_no_direct_request_fails(
    edges: list[RealEdge], tmp_path: Path
) -> None:
    edge = edges[0]
    with under_load(edge.url, version(tmp_path / "list.jsonl", 1)) as load:
        for _ in range(5):
            renewed = workers(edge)
            edge.signal(signal.SIGHUP)
            until("new workers have taken over", lambda old=renewed: not (old & workers(edge)) or None, LONGEST)  # type: ignore[misc]
            load.more()
    assert not load.failed, load.failed[:5]


def test_the_same_item_at_two_edges_is_one_candidate(tmp_path: Path) -> None:
    listed = hashes(tmp_path / "listed.jsonl", LISTED)
    keys, made = [], []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        made.append(RealEdge(tmp_path / name, listed, PROCESSES="1"))
    for edge in made:
        edge.start()
        answer = edge.ask("POST", "/v1/scan", content=LISTED.read_bytes(), headers={"X-Tutela-Item": "item-1"}).json()
        keys.append(answer["candidate"]["key"])
        assert edge.ask("POST", "/v1/scan", content=OTHER.read_bytes()).json()["matches"] == []
        edge.stop()
    assert keys[0] == keys[1]


def uploads() -> tuple[str, dict[str, Any]]:
    return "/v1/scan", {"content": bytes(15 << 20)}


def questions() -> tuple[str, dict[str, Any]]:
    """Three megabytes of hashes, ten times as much once they are objects."""
    value = np.random.default_rng(5).integers(0, 256, 32, dtype=np.uint8).tobytes().hex()
    items = [{"pdq": [{"hash": value, "quality": 90}] * 30}] * 1000
    return "/v1/lookup", {"json": {"items": items}}


@pytest.mark.parametrize("burst", [uploads, questions])
def test_a_burst_is_refused_and_never_held(burst: Callable[[], tuple[str, dict[str, Any]]], tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    listed, (path, sent) = hashes(tmp_path / "listed.jsonl", LISTED), burst()
    limit = 48 << 20
    edge = RealEdge(tmp_path / "e", listed, PROCESSES="1", MAX_INFLIGHT_BYTES=str(limit), MAX_BODY_BYTES=str(16 << 20))
    edge.start()
    try:
        (worker,) = workers(edge)
        before = peak(worker)
        with ThreadPoolExecutor(24) as pool:
            answers = set(pool.map(lambda _: edge.ask("POST", path, **sent).status_code, range(48)))
        assert answers == {200, 503}, "some are answered, and the burst is met by refusals"
        assert peak(worker) - before < 4 * limit, "a body, its copy for the decoder, and what is on its way"
        assert edge.ready()
    finally:
        edge.stop()


def test_the_processes_of_an_edge_hold_together_what_the_setting_says(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    most, listed = str(8 << 20), hashes(tmp_path / "listed.jsonl", LISTED)
    edge = RealEdge(tmp_path / "e", listed, PROCESSES="2", MAX_INFLIGHT_BYTES=most, MAX_BODY_BYTES=most)
    edge.start()

    def asked() -> int:
        return edge.ask("POST", "/v1/scan", content=bytes(4 << 20), headers={"Connection": "close"}).status_code

    try:
        with socket.create_connection(("127.0.0.1", edge.port)) as slow:
            head = ("POST /v1/scan HTTP/1.1", "Host: e", f"Authorization: Bearer {TOKEN}", f"Content-Length: {6 << 20}")
            slow.sendall("\r\n".join((*head, "", "the first bytes")).encode())
            until("the slow upload has its room", lambda: asked() == 503, 30)
            assert {asked() for _ in range(20)} == {503}, "whichever process is asked"
        until("the room is there again", lambda: asked() == 200, 30)
    finally:
        edge.stop()


def workers(edge: RealEdge) -> set[int]:
    """The processes that answer: the children of the server below the holder."""
    assert edge.process is not None
    servers = [
        pid for pid, command in children(edge.process.pid).items() if "tutela.edge.process.supervisor" in command
    ]
    return {pid for server in servers for pid in children(server)}


def peak(pid: int) -> int:
    """The most memory that a process ever had, in bytes."""
    (line,) = [one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def test_when_any_part_of_an_edge_dies_all_of_it_ends(tmp_path: Path) -> None:
    """A service manager then starts it again; nothing goes on holding the port."""
    (tmp_path / "e").mkdir()
    edge = RealEdge(tmp_path / "e", hashes(tmp_path / "listed.jsonl", LISTED))
    edge.start()
    assert edge.process is not None
    answering = workers(edge)
    os.kill(edge.process.pid, signal.SIGKILL)
    edge.process.wait(30)
    until("its workers have ended", lambda: all(ended(pid) for pid in answering), 60)
    edge.start()
    edge.stop()
