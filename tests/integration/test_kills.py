"""A node under fire: whatever is killed, no acknowledged report is lost and nothing is done twice."""

from __future__ import annotations

import itertools
import os
import random
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Sized
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests import reporting
from tests.drills import Edge, Installation, children, until
from tests.pictures import landscape, png

pytestmark = pytest.mark.slow

CLIENTS = 8
SCANNERS = 2
KINDS = ("web worker", "edge", "job worker", "database session", "edge worker", "web server", "postmaster")
# The promise is thirty; every kind at least five times.
KILLS = 5 * len(KINDS)
PAUSE = 0.3
# Reports that the provider has written; clients send them in turn.
WRITTEN = 4000

FOUND = f"""
from tutela.app.config import load
from tutela.detection import services
from tutela.detection.models import Draft, Sending, Service
from tutela.events.acting import acting
from tutela.events.ids import uuid7
from tutela.law import acts
from tutela.organisations import apikeys, outbox
from tutela.organisations.founding import enrol, found
from tutela.organisations.people import actor_of

url = load().public_url
centre = found("EU Centre", "centre", "NL", api_url=url)
provider = found("Pixelpost", "provider", "IE", api_url=url)
acts.seed()
_row, submit = apikeys.issue_key(provider, provider.organisation_id, name="desk", scopes=["reports:submit"])
_row, feedback = apikeys.issue_key(centre, centre.organisation_id, name="to Pixelpost", scopes=["feedback:submit"])
outbox.set_credential(centre, provider.organisation_id, feedback)
_row, hand_in = apikeys.issue_key(provider, provider.organisation_id, name="Edge", scopes=["candidates:submit"])
lead = actor_of(enrol(provider, email="lead@example.org", name="Lead", password="x" * 20, roles=["lead"]))
chosen = services.create(lead, "Albums", services.Wanted(kind="hosting", mode="on"))
own = {{"organisation_id": provider.organisation_id}}
with acting(provider):
    service = Service.objects.get(pk=chosen)
    ids = [uuid7() for _ in range({WRITTEN})]
    Draft.objects.bulk_create(
        Draft(**own, pk=pk, number=f"D-{{n}}", service=service, origin="manual", how="viewed", by="test")
        for n, pk in enumerate(ids)
    )
    Sending.objects.bulk_create(
        Sending(
            **own, draft_id=pk, number=1, recipient_id=centre.organisation_id, wrapped=b"x", sha256="0" * 64, by="test"
        )
        for pk in ids
    )
print(json.dumps({{"key": submit, "hand_in": hand_in, "ids": [str(i) for i in ids]}}))
"""

DECIDE = """
from uuid import UUID
from tutela.organisations import directory
from tutela.reports import intake, triage

entries = {{e.kind: e for e in directory.listing()}}
sender = directory.acting_for(entries["provider"], "key:test", "desk", frozenset({{"reports.submit"}}))
body = {body!r}
intake.receive(sender, entries["centre"], "decided", body)
analyst = directory.acting_for(entries["centre"], "system:test", "Analyst", frozenset({{"reports.assess"}}))
triage.assess(analyst, UUID(json.loads(body)["report_id"]), "unfounded", "token", seen=0)
print("{{}}")
"""

COUNT = """
from django.db import connection
from tutela.detection.models import Candidate, ReceivedFeedback
from tutela.events.acting import acting
from tutela.organisations import directory
from tutela.organisations.founding import machine
from tutela.organisations.models import OutboxMessage
from tutela.reports.models import FeedbackSent, Report

entries = {e.kind: machine(e.id, "test") for e in directory.listing()}
with acting(entries["centre"]):
    reports = [str(r) for r in Report.objects.values_list("report_id", flat=True)]
    told = FeedbackSent.objects.filter(kind="not_relevant")
    sent = [str(r) for r in told.values_list("report__report_id", flat=True)]
    repetitions = Report.objects.exclude(duplicate_of=None).count()
    messages = list(OutboxMessage.objects.values_list("subject_id", "answer_status"))
with acting(entries["provider"]):
    taken = [str(r) for r in ReceivedFeedback.objects.filter(kind="not_relevant").values_list("draft_id", flat=True)]
    candidates = list(Candidate.objects.values_list("fingerprint", flat=True))
with connection.cursor() as cursor:
    cursor.execute(
        "SELECT task_name, status::text, worker_id IN (SELECT id FROM procrastinate_workers"
        " WHERE last_heartbeat > now() - interval '10 seconds') FROM procrastinate_jobs"
    )
    jobs = cursor.fetchall()
print(json.dumps({
    "reports": reports, "sent": sent, "messages": messages, "taken": taken, "jobs": jobs, "candidates": candidates,
    "repetitions": repetitions,
}))
"""


# What was decided on before the drill. Half of the reports repeat it: at once each of them causes a word to its
# provider, which the job worker delivers.
DECIDED = {
    "items": [reporting.item("d0" * 32, at=datetime(2026, 1, 1, tzinfo=UTC))], "users": [reporting.account("decided")],
    "locations": [{"ip": "192.0.2.7", "at": "2026-01-01T00:00:00Z"}],
}  # fmt: skip


def _repeats(report_id: str) -> bool:
    return int(report_id[-1], 16) % 2 == 0


def _report(report_id: str) -> bytes:
    return reporting.report(report_id=report_id, **(DECIDED if _repeats(report_id) else {})).to_bytes()


@dataclass
class Traffic:
    """Clients that file reports and send each again under its key until it is receipted."""

    url: str
    key: str
    ids: Iterator[str]
    receipts: dict[str, list[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    in_flight: int = 0
    ending: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self) -> None:
        with httpx.Client(base_url=self.url, timeout=15) as http:
            while not self.ending.is_set():
                with self.lock:
                    report_id = next(self.ids)
                body = _report(report_id)
                while not self._send(http, report_id, body):
                    self.ending.wait(PAUSE / 2) or threading.Event().wait(0.2)
                self.ending.wait(PAUSE)

    def _send(self, http: httpx.Client, report_id: str, body: bytes) -> bool:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": f"report:{report_id}"}
        with self.lock:
            self.in_flight += 1
        try:
            answer = http.post("/api/v1/reports", content=body, headers=headers)
        except httpx.HTTPError:
            return False
        finally:
            with self.lock:
                self.in_flight -= 1
        if answer.status_code == 201:
            with self.lock:
                self.receipts.setdefault(report_id, []).append(answer.text)
            return True
        if answer.status_code < 500:
            self.refused.append(f"{answer.status_code} {answer.text[:300]}")
            return True
        return False

    def under_way(self) -> bool:
        with self.lock:
            return self.in_flight > 0


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
                self.traffic.ending.wait(PAUSE)

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


def _targets(node: Installation, kind: str) -> list[int]:
    assert node.process is not None
    own = children(node.process.pid)
    master = next((pid for pid, command in own.items() if "granian" in command), None)
    if kind == "web server":
        return [master] if master else []
    if kind == "web worker":
        return [
            pid for pid, command in (children(master) if master else {}).items() if "resource_tracker" not in command
        ]
    if kind == "job worker":
        return [pid for pid, command in own.items() if "tutela.app.worker" in command]
    try:
        postmaster = int((node.data / "postgres/data/postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(postmaster, 0)
    except (OSError, ValueError):
        return []
    if kind == "postmaster":
        return [postmaster]
    return [pid for pid, command in children(postmaster).items() if "tutela_app" in command]


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
    made = node.run(FOUND)
    node.serve()
    picture = folder / "listed.png"
    picture.write_bytes(png(landscape(7)))
    edge = Edge(folder / "edge", picture, node, made["hand_in"])
    edges.append(edge)
    traffic = Traffic(node.url, made["key"], iter(made["ids"]))
    uploads = Uploads(edge.url, picture.read_bytes(), traffic)
    until("the node answers", lambda: _answers(node.url + "/"), 240)
    decided = next(traffic.ids)
    node.run(DECIDE.format(body=reporting.report(report_id=decided, **DECIDED).to_bytes()))
    until("the Edge answers", lambda: _answers(edge.url + "/healthz/ready"), 120)
    clients = [
        *(threading.Thread(target=traffic.client, daemon=True) for _ in range(CLIENTS)),
        *(threading.Thread(target=uploads.client, args=(n,), daemon=True) for n in range(SCANNERS)),
    ]
    for client in clients:
        client.start()
    killed: Counter[str] = Counter()
    for kind in itertools.cycle(KINDS):
        if killed.total() == KILLS:
            break
        killed[kind] += _kill(kind, node, edge, traffic, uploads)
    assert killed.total() >= 30
    assert set(killed) == set(KINDS)
    traffic.ending.set()
    for client in clients:
        client.join(120)
        assert not client.is_alive(), "a client never got its answer"
    _nothing_is_lost_or_doubled(node, edge, traffic, uploads, decided)


def _kill(kind: str, node: Installation, edge: Edge, traffic: Traffic, uploads: Uploads) -> bool:
    """Kill one of a kind while requests are under way, and wait until answers come again. False if it had ended."""
    at_edge = kind.startswith("edge")
    look = (lambda: uploads.under_way > 0) if at_edge else traffic.under_way
    until(f"requests are in flight before the {kind} is killed", look, 120, pause=0.001)
    targets = (lambda: _edge_targets(edge, kind)) if at_edge else (lambda: _targets(node, kind))
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
    node: Installation, edge: Edge, traffic: Traffic, uploads: Uploads, decided: str
) -> None:
    assert not traffic.refused
    assert node.process is not None
    assert node.process.poll() is None, "the supervisor ended"
    until("the Edge has delivered everything", lambda: _outbox(edge) == (0, 0), 120, pause=0.5)
    found = until("the outbox is empty and no job is stuck", lambda: _settled(node), 120, pause=1.0)
    receipts = {*traffic.receipts, decided}
    told = sorted(one for one in receipts if one == decided or _repeats(one))
    assert sorted(found["reports"]) == sorted(receipts)
    assert found["repetitions"] == len(told) - 1 > 0
    assert sorted(found["sent"]) == told
    assert sorted(subject for subject, _ in found["messages"]) == told
    assert {status for _, status in found["messages"]} == {200}
    assert sorted(found["taken"]) == told
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


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _settled(node: Installation) -> dict[str, list[list[object]]] | None:
    found = node.run(COUNT)
    stuck = [job for job in found["jobs"] if job[1] == "doing" and not job[2]]
    failed = [job for job in found["jobs"] if job[0] == "outbox.deliver"]
    waiting = [m for m in found["messages"] if m[1] is None]
    return None if stuck or failed or waiting else found
