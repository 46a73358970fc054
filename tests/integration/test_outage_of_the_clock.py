"""The clock of a node's machine jumps a day ahead, and back: it is noted, nothing final is done by it, all goes on."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests import kills, reporting
from tests.drills import Installation, until
from tests.outages import Recipient
from tutela.app import embedded
from tutela.app.embedded import Cluster

pytestmark = pytest.mark.slow

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
DAY = 86_400
FOUND = """
from tutela.app.config import load
from tutela.law import acts
from tutela.organisations import apikeys, outbox
from tutela.organisations.founding import found
centre = found("EU Centre", "centre", "NL", api_url=load().public_url)
provider = found("Pixelpost", "provider", "IE", api_url=load().public_url)
authority = found("Kriminalamt", "authority", "DE", api_url={url!r})
acts.seed()
outbox.set_credential(centre, provider.organisation_id,
    apikeys.issue_key(centre, centre.organisation_id, name="c", scopes=["feedback:submit"])[1])
outbox.set_credential(centre, authority.organisation_id, "tut_" + "k" * 40)
key = apikeys.issue_key(provider, provider.organisation_id, name="desk", scopes=["reports:submit"])[1]
print(json.dumps({{"key": key, "authority": str(authority.organisation_id)}}))
"""
# A report that is closed while an authority asks that nobody is told: what is said of it waits for the hold's end.
HOLD = """
from datetime import timedelta
from uuid import UUID, uuid4
from tutela import clock
from tutela.events.acting import acting
from tutela.law import holds
from tutela.organisations import directory
from tutela.organisations.founding import machine
from tutela.reports import triage
centre = machine(directory.the_centre().id, "test")
report = UUID("{report}")
holds.place(centre, "report", report, asked_by=uuid4(), reason="token", until=clock.now() + timedelta(hours=2))
triage.assess(centre, report, "unfounded", "token", seen=0)
print("1")
"""
TOLD = """
from tutela.events.acting import acting
from tutela.organisations import directory
from tutela.organisations.founding import machine
from tutela.reports import feedback, jobs
from tutela.reports.models import FeedbackSent, Report
jobs.minutely(0)
with acting(machine(directory.the_centre().id, "test")):
    print(json.dumps({"told": FeedbackSent.objects.filter(kind="not_relevant").count(), "kept": feedback.waiting().count()}))
"""
DECIDE = """
from uuid import UUID
from tutela.events.acting import acting
from tutela.law import clocks
from tutela.organisations import directory, outbox
from tutela.organisations.founding import machine
from tutela.reports import triage
centre = machine(directory.the_centre().id, "test")
triage.assess(centre, UUID("{report}"), "forward", "", seen=0)
with acting(centre):
    found = [[spec.kind, [one.step for one in steps]] for spec, steps in clocks.histories("report", "{report}")]
    standing = [one.state for _spec, one in clocks.of_subject("report", "{report}")]
print(json.dumps([found, standing]))
"""
SEND = """
from tutela.events.acting import acting
from tutela.organisations import directory, outbox
from tutela.organisations.founding import machine
from uuid import UUID
centre = machine(directory.the_centre().id, "test")
with acting(centre):
    outbox.send(centre, UUID("{to}"), "referral", "/x", "{{}}", key="{key}", subject_id="{key}")
print("1")
"""
LOG = """
from tutela.accountability import public_log, publishing, sequencing
publishing.publish()
print(public_log.read_log().published().size)
"""


class Machine:
    """A node on a machine whose clock can be set; its database is on the same machine. How long it runs nobody sets."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        self._set = folder / "clock"
        self.move(0)
        faked = {
            "LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": str(self._set), "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DISABLE_SHM": "1",
        }  # fmt: skip
        self.neighbour = Recipient("refusing")
        self.node = Installation(**faked)
        self.node.migrate()
        cluster = Cluster(self.node.data)
        cluster.stop()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(embedded.subprocess, "run", _with(faked))
            cluster.ensure()
        self.url = cluster.url("postgres")
        self.made = self.node.run(FOUND.format(url=self.neighbour.url))
        self.node.serve()
        until("the node answers", lambda: kills.answers(self.node.url + "/healthz/ready"), 120)

    def move(self, seconds: int) -> None:
        """From now on the clock is so many seconds ahead."""
        fresh = self._set.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.chmod(0o644)
        fresh.replace(self._set)

    def stop(self) -> None:
        if self.node.log.exists():
            print(self.node.log.read_text(errors="replace")[-6000:])  # noqa: T201 - pytest shows it with a failure
        self.neighbour.stop()
        self.node.stop()

    def report(self, key: str, body: bytes) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.made['key']}", "Idempotency-Key": key}
        return httpx.post(f"{self.node.url}/api/v1/reports", content=body, headers=headers, timeout=20)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as db:
            return db.execute(statement).fetchall()  # type: ignore[call-overload,no-any-return]

    def moves(self) -> list[int]:
        """By how many days the node has noted that the clock was moved."""
        return [round(float(s) / DAY) for (s,) in self.ask("SELECT seconds FROM organisations_clockmoved ORDER BY id")]

    def in_order(self) -> bool:
        """Every event has its place: the job of every second runs."""
        return self.ask("SELECT count(*) FROM accountability_waiting_event") == [(0,)]


def _with(env: dict[str, str]) -> Callable[..., Any]:
    run = subprocess.run

    def moved(*given: Any, **how: Any) -> Any:
        return run(*given, **how | {"env": {**(how.get("env") or os.environ), **env}})

    return moved


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    if not LIBRARIES:
        pytest.skip("no faketime")
    made = Machine(tmp_path)
    yield made
    made.stop()


def test_a_clock_that_jumps_is_noted_and_nothing_is_done_by_its_word_that_cannot_be_undone(machine: Machine) -> None:
    bodies = [reporting.report().to_bytes() for _ in range(4)]
    ids = [json.loads(body)["report_id"] for body in bodies]
    receipts = [machine.report(f"k{n}", bodies[n]) for n in (0, 1)]
    assert {one.status_code for one in receipts} == {201}
    machine.node.run(HOLD.format(report=ids[0]))
    size = machine.node.run(LOG)
    machine.node.run(SEND.format(to=machine.made["authority"], key="before"))

    machine.move(DAY)
    until("the jump is noted", lambda: machine.moves() == [1], 20)
    # The hold of two hours is over by this clock, and nobody is told for all that.
    assert machine.node.run(TOLD) == {"told": 0, "kept": 1}
    ready = httpx.get(f"{machine.node.url}/healthz/ready").json()
    assert any(one.startswith("clock: moved by +86400") for one in ready["troubles"]), ready
    assert "moved by +86400 s" in machine.node.cli("doctor").stdout
    # The node works: the same key has the same receipt, new reports are received, and have their place.
    assert machine.report("k0", bodies[0]).content == receipts[0].content
    assert machine.report("k2", bodies[2]).status_code == 201
    until("the events of that day have their place", machine.in_order, 20)
    machine.node.run(SEND.format(to=machine.made["authority"], key="that day"))
    until("it was tried", lambda: len(_away(machine)) == 1, 20)

    machine.move(0)
    until("the way back is noted", lambda: machine.moves() == [1, -1], 20)
    assert machine.node.run(TOLD) == {"told": 0, "kept": 1}
    assert machine.report("k3", bodies[3]).status_code == 201
    until("jobs of every second go on, and wait for no day to pass", machine.in_order, 20)
    # A clock of the law that was started by the wrong clock is stopped by the right one, once.
    steps, standing = machine.node.run(DECIDE.format(report=ids[2]))
    assert all(taken[0] == "start" and taken.count("start") == 1 for _kind, taken in steps), steps
    assert "expired" not in standing
    assert machine.node.run(LOG) >= size
    assert machine.report("k0", bodies[0]).content == receipts[0].content
    # What waited for a moment of that day arrives now.
    machine.neighbour.comes_back()
    until("both messages arrive, once", lambda: sorted(machine.neighbour.arrived) == ["before", "that day"], 40)
    assert set(machine.neighbour.times.values()) == {1}
    verified = machine.node.cli("verify")
    assert verified.returncode == 0, verified.stdout
    # By the right clock the hold stands, and ends when it ends: nothing has forgotten it.
    assert machine.ask("SELECT count(*) FROM law_hold WHERE lifted_at IS NULL") == [(1,)]
    assert datetime.now(UTC) < machine.ask("SELECT until FROM law_hold")[0][0]


def _away(machine: Machine) -> list[tuple[Any, ...]]:
    return machine.ask("SELECT 1 FROM organisations_recipientaway WHERE attempts > 1")
