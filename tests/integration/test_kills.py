"""A node under fire: whatever is killed, no acknowledged report is lost and nothing is done twice."""

from __future__ import annotations

import itertools
import os
import random
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Sized
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.support import kills, reporting
from tests.support.drills import LONG, Edge, Installation, children, until
from tests.support.kills import Analyst, Traffic
from tests.support.pictures import landscape, png

pytestmark = pytest.mark.slow

SCANNERS = 2
KINDS = ("web worker", "edge", "job worker", "database session", "edge worker", "web server", "postmaster")
# The promise is thirty, every kind at least five times: the long form. In the short one each kind is killed once.
KILLS = (5 if LONG else 1) * len(KINDS)
# Reports that the provider has written; clients send them in turn.
WRITTEN = 4000 if LONG else 1500


@dataclass
class Uploads:
    """Clients that have the same listed picture scanned under new names, each again until it is answered."""

    url: str
    picture: bytes
    traffic: Traffic
    keys: set[str] = field(default_factory=set)
    under_way: int = 0

    def client(self, number: int) -> None:
        with httpx.Client(base_url=self.url, timeout=15, headers={"Authorization": f"Bearer {Edge.TOKEN}"}) as http:
            for item in itertools.count():
                if self.traffic.ending.is_set():
                    return
                while not self._scan(http, f"item-{number}-{item}"):
                    threading.Event().wait(0.2)
                self.traffic.ending.wait(kills.PAUSE)

    def _scan(self, http: httpx.Client, item: str) -> bool:
        with self.traffic.lock:
            self.under_way += 1
        try:
            answer = http.post("/v1/scan", content=self.picture, headers={"X-Tutela-Item": item})
        except httpx.HTTPError:
            return False
        finally:
            with self.traffic.lock:
                self.under_way -= 1
        if answer.status_code != 200:
            return False
        with self.traffic.lock:
            self.keys.add(answer.json()["candidate"]["key"])
        return True


def _edge_targets(edge: Edge, kind: str) -> list[int]:
    process = edge.process
    if process is None or process.poll() is not None:
        return []
    if kind == "edge":
        return [process.pid]
    return [pid for pid, command in children(process.pid).items() if "resource_tracker" not in command]


def test_whatever_is_killed_no_acknowledged_report_is_lost(tmp_path: Path) -> None:
    node, edges = Installation(), list[Edge]()
    try:
        _drill(node, edges, tmp_path)
    except BaseException:
        if node.log.exists():
            print(node.log.read_text(errors="replace")[-6000:])  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        for edge in edges:
            edge.stop()
        node.stop()


def _drill(node: Installation, edges: list[Edge], folder: Path) -> None:
    node.migrate()
    made = node.run(kills.FOUND.format(written=WRITTEN))
    node.serve()
    picture = folder / "listed.png"
    picture.write_bytes(png(landscape(7)))
    edge = Edge(folder / "edge", picture, node, made["hand_in"])
    edges.append(edge)
    traffic = Traffic(node.url, made["key"], iter(made["ids"]))
    analyst = Analyst(traffic, made["session"])
    uploads = Uploads(edge.url, picture.read_bytes(), traffic)
    until("the node answers", lambda: kills.answers(node.url + "/"), 240)
    decided = next(traffic.ids)
    decided_body = reporting.report(report_id=decided, **kills.DECIDED).to_bytes()
    node.run(kills.DECIDE.format(body=decided_body))
    until("the Edge answers", lambda: kills.answers(edge.url + "/healthz/ready"), 120)
    clients = [
        *(threading.Thread(target=traffic.client, daemon=True) for _ in range(kills.CLIENTS)),
        threading.Thread(target=analyst.work, daemon=True),
        *(threading.Thread(target=uploads.client, args=(n,), daemon=True) for n in range(SCANNERS)),
    ]
    for client in clients:
        client.start()
    killed: Counter[str] = Counter()
    for kind in itertools.cycle(KINDS):
        if killed.total() == KILLS:
            break
        killed[kind] += _kill(kind, node, edge, traffic, uploads)
    assert killed.total() == KILLS
    assert set(killed) == set(KINDS)
    traffic.ending.set()
    for client in clients:
        client.join(120)
        assert not client.is_alive(), "a client never got its answer"
    _nothing_is_lost_or_doubled(node, edge, traffic, analyst, uploads, decided)


def _kill(kind: str, node: Installation, edge: Edge, traffic: Traffic, uploads: Uploads) -> bool:
    """Kill one of a kind while requests are under way, and wait until answers come again. False if it had ended."""
    at_edge = kind.startswith("edge")
    look = (lambda: uploads.under_way > 0) if at_edge else traffic.under_way
    until(f"requests are in flight before the {kind} is killed", look, 120, pause=0.001)
    targets = (lambda: _edge_targets(edge, kind)) if at_edge else (lambda: kills.targets(node, kind))
    victims = until(f"there is a {kind}", targets, 120)
    done: Sized = uploads.keys if at_edge else traffic.receipts
    before = len(done)
    try:
        os.kill(random.choice(victims), signal.SIGKILL)
    except ProcessLookupError:
        return False  # it had ended already with the one before
    until(f"answers come after the {kind} was killed", lambda: len(done) > before + 3, 120)
    return True


def _nothing_is_lost_or_doubled(
    node: Installation, edge: Edge, traffic: Traffic, analyst: Analyst, uploads: Uploads, decided: str
) -> None:
    assert not traffic.refused
    assert analyst.referred
    assert node.process is not None
    assert node.process.poll() is None, "the supervisor ended"
    until("the Edge has delivered everything", lambda: _outbox(edge) == (0, 0), 120, pause=0.5)
    found = until("the outbox is empty and no job is stuck", lambda: kills.settled(node), 120, pause=1.0)
    assert not {name: n for name, n in kills.findings(found, traffic, analyst, decided).items() if n}
    assert found["repetitions"] > 0
    assert found["alerts"]
    assert uploads.keys
    assert sorted(found["candidates"]) == sorted(uploads.keys), "a candidate for every scan that was answered, once"
    verified = node.cli("verify")
    assert verified.returncode == 0, verified.stdout
    assert "sound" in verified.stdout.splitlines()


def _outbox(edge: Edge) -> tuple[int, int]:
    """(waiting, refused) in the Edge's outbox."""
    with closing(sqlite3.connect(f"file:{edge.outbox}?mode=ro", uri=True)) as db:
        waiting, refused = db.execute("SELECT COUNT(*) - COUNT(refused), COUNT(refused) FROM sealed_outbox").fetchone()
    return int(waiting), int(refused)
