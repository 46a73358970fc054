"""What a node needs goes away and comes back: no hand is needed, nothing acknowledged is lost, and everybody is told.

Kills are drilled in `test_kills`. Here processes live, and what they stand on fails: a disk without room, a database
that is gone or hangs, a recipient that does not answer, a clock that jumps.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from tests.support import reporting
from tests.support.cybertips import report as tip
from tests.support.cybertips import user
from tests.support.drills import until
from tests.support.outage_world import ALIVE, AWAY, OFF, World
from tests.support.outages import postmaster_of, standing_still

pytestmark = pytest.mark.slow

WAITING = "SELECT count(*) FROM organisations_outboxmessage WHERE answered_at IS NULL"
PUBLISH = """
from tutela.accountability.public_log import log
from tutela.accountability.public_log import publish
from tutela.accountability.chain import sequencer
sequencer.sequence_all()
done = publish.publish()
print(json.dumps({"size": log.read_log().published().size, "done": done is not None}))
"""
# A report that is closed while an authority asks that nobody is told: what is said of it waits for the hold's end.
HOLD = """
from datetime import timedelta
from uuid import UUID, uuid4
from tutela import clock
from tutela.accountability.public_log import log
from tutela.accountability.public_log import publish
from tutela.accountability.chain import sequencer
from tutela.law import holds
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.reports.triage import assess
centre = machine(directory.the_centre().id, "test")
report = UUID("{report}")
holds.place(centre, "report", report, asked_by=uuid4(), reason="token", until=clock.now() + timedelta(hours=2))
assess.assess(centre, report, "unfounded", "token", seen=0, code="not_sexual")
sequencer.sequence_all()
publish.publish()
print(log.read_log().published().size)
"""
# What the worker does every minute, what the doctor says of the clock, and a message to one that does not answer.
MEANWHILE = """
from uuid import UUID
from tutela.app.runtime import doctor
from tutela.casework.models import Alert
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.messages import outbox
from tutela.organisations.people.bootstrap import machine
from tutela.casework.alerts import desk_bell
from tutela.reports.alerts import duty_screen
from tutela.reports.state import hold_queue
from tutela.reports import jobs
from tutela.reports.models import FeedbackSent
jobs.minutely(0)
centre = machine(directory.the_centre().id, "test")
duty_screen.raise_again(centre)
if "{answered}":
    duty_screen.answer(centre, UUID("{answered}"))
with acting(centre):
    outbox.send(centre, UUID("{to}"), "referral", "/x", "{{}}", key="{key}", subject_id="{key}")
    told, kept = FeedbackSent.objects.filter(kind="not_relevant").count(), hold_queue.pending_feedback().count()
    rung = Alert.objects.count()
calls = desk_bell.bell(centre)[0].unanswered
seen = [one.seen for one in doctor._database() if not one.fine]
said = {{"told": told, "kept": kept, "clock": seen, "rung": rung, "calls": calls}}
print(json.dumps(said | {{"before": globals().get("before")}}))
"""
DECIDE = """
from uuid import UUID
from tutela.accountability.public_log import log
from tutela.accountability.public_log import publish
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.reports.triage import assess
centre = machine(directory.the_centre().id, "test")
assess.assess(centre, UUID("{report}"), "forward", "", seen=0)
with acting(centre):
    steps = [[one.step for one in taken] for _spec, taken in clocks.histories("report", "{report}")]
    standing = [one.state for _spec, one in clocks.of_subject("report", "{report}")]
publish.publish()
before = [steps, standing, log.read_log().published().size]
"""
DAY = 86_400
WAITERS = 400


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World({"postgres": 400, "evidence": 560, "log": 8})
    yield made
    made.close()


@pytest.fixture
def moved() -> Iterator[World]:
    made = World({}, clock=True)
    if not made.clock.there:
        made.close()
        pytest.skip("no faketime")
    yield made
    made.close()


def said_later(answer: httpx.Response, *statuses: int) -> None:
    """The answer says that it is to be tried again, when, and why, and has no receipt in it."""
    assert answer.status_code in statuses, answer.text[:500]
    assert int(answer.headers["Retry-After"]) > 0
    if answer.headers["content-type"] == "application/problem+json":
        assert answer.json()["status"] == answer.status_code
        detail = answer.json()["detail"]
        # Where the request had begun, nobody knows what became of it.
        assert "Send the same data again later" in detail or "Check first, or send it again with the same key" in detail


NO_ROOM = "database: a statement failed"


def _desk(world: World) -> str:
    answer = world.page("/desk/messages/")
    assert answer.status_code == 200
    return answer.text


def test_a_recipient_that_is_away_holds_up_nobody_and_gets_everything_once_when_it_is_back(world: World) -> None:
    waiting = [("HR", f"HR {n}", f"subject {n}", False) for n in range(WAITERS)]
    waiting += [(country, f"{country} {n}", f"subject {n}", False) for country in ("SI", "AT", "HU") for n in range(20)]
    # About one subject: a package, and what takes it back. Written in this order, told in this order.
    waiting += [("HR", "HR package", "one report", False), ("HR", "HR undone", "one report", True)]
    waiting += [("HR", f"HR urgent {n}", f"urgent {n}", True) for n in range(3)]
    world.send(*waiting)
    for country in AWAY:
        name = f"Kriminalamt {country}"
        until(f"{name} was asked", lambda country=country: country == "SI" or world.neighbours[country].asked, 20)
    # One who lives is told before the first answer of one that hangs has had its time, of which hundreds wait.
    world.send(*[(ALIVE, f"{ALIVE} {n}", f"subject {n}", n == 0) for n in range(5)])
    until("the living one has its messages", lambda: len(world.neighbours[ALIVE].arrived) == 5, 18)
    # The desk says who is away and why; those that hang are found out by their time.
    until("the desk names those who refuse", lambda: {"SI", "AT"} <= _named(world), 30, pause=0.5)
    page = _desk(world)
    assert "HTTP 502" in page
    assert "ConnectError: the recipient did not answer" in page
    hr = world.neighbours["HR"]
    hr.hangs_up()
    until("the hanging one is asked by one message again", lambda: hr.asked == 2, 20)
    # Hours go by: the pauses are at their longest.
    world.ask("UPDATE organisations_recipientaway SET attempts = 40")
    assert max(world.neighbours[country].asked for country in AWAY) < 20, "every message asked for itself"
    for country in AWAY:
        world.neighbours[country].comes_back()
    until("the hanging one is noted as away", lambda: _away(world, "HR"), 30)
    # A minute, for those that something urgent waits for; ten for the others.
    world.passes(61)
    until("the first one is told", lambda: hr.arrived, 15)
    world.passes(600)
    until("everything has arrived", lambda: world.ask(WAITING) == [(0,)], 60, pause=0.2)
    sent = {key for _country, key, _subject, _urgent in waiting}
    assert {key for country in AWAY for key in world.neighbours[country].arrived} == sent
    assert all(times == 1 for country in AWAY for times in world.neighbours[country].times.values())
    # Whoever found it back may be any; then what is urgent, and with it what has to come before.
    assert {f"HR urgent {n}" for n in range(3)} | {"HR package", "HR undone"} <= set(hr.arrived[:6])
    assert hr.arrived.index("HR package") < hr.arrived.index("HR undone")
    assert hr.most == 1, "a crowd met the recipient that was back"
    assert "Unreachable recipients" not in _desk(world)


def _named(world: World) -> set[str]:
    section = re.search(r'id="absent".*?</section>', _desk(world), re.DOTALL)
    return set(re.findall(r"Kriminalamt (\w\w)", section[0])) if section else set()


def _away(world: World, country: str) -> bool:
    return bool(
        world.ask(
            f"SELECT 1 FROM organisations_recipientaway WHERE attempts > 40 AND recipient_id = '{world.made[country]}'"
        )
    )


def test_a_full_shelf_keeps_nothing_of_a_file_and_the_next_try_is_whole(world: World) -> None:
    auth, disk = ("esp", world.made["key"]), world.disks["evidence"]
    pointing = tip(after=user("<estimatedLocation><countryCode>HR</countryCode></estimatedLocation>"))
    xml = {"Content-Type": "text/xml"}
    opened = world.post("/ispws/submit", content=pointing, headers=xml, auth=auth).text
    number = int(re.search(r"<reportId>(\d+)", opened)[1])  # type: ignore[index]

    def upload(full_after: int | None) -> httpx.Response:
        head = f'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n{number}\r\n'
        head += '--b\r\nContent-Disposition: form-data; name="file"; filename="quay.bin"\r\n\r\n'

        def body() -> Iterator[bytes]:
            yield head.encode()
            for piece in range(6):
                if piece == full_after:
                    until("the file is being written", lambda: list(disk.folder.rglob("*.part")), 10)
                    disk.fill()
                yield bytes(1 << 20)
            yield b"\r\n--b--\r\n"

        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        return world.post("/ispws/upload", content=body(), headers=headers, auth=auth)

    refused = upload(full_after=3)
    said_later(refused, 507)
    assert "<responseCode>1111</responseCode>" in refused.text
    assert not [file for file in disk.folder.rglob("*") if file.is_file() and file.name != ".ballast"]
    assert any(one.startswith("sealed evidence") for one in world.ready()["troubles"])
    # Everything else goes on: pages, and reports without files.
    assert world.page("/desk/reports/").status_code == 200
    assert world.report("full-shelf", reporting.report().to_bytes()).status_code == 201
    # Where the disk is full from the beginning, nothing is begun.
    said_later(upload(full_after=None), 507)
    disk.empty()
    assert upload(full_after=None).status_code == 200
    assert world.post("/ispws/finish", data={"id": number}, auth=auth).status_code == 200
    assert world.ask("SELECT count(*) FROM reports_evidence") == [(1,)]


def test_a_public_log_without_room_publishes_nothing_and_goes_on_by_itself(world: World) -> None:
    disk = world.disks["log"]
    before = world.node.run(PUBLISH)["size"]
    assert before > 0
    disk.fill()
    assert world.report("full-log", reporting.report().to_bytes()).status_code == 201
    full = world.node.run(PUBLISH)
    assert full == {"size": before, "done": False}
    assert "public log: 0 MB free" in world.ready()["troubles"]
    disk.empty()
    # The worker's own run, four times a minute; asked for here, so that nobody waits for it.
    until("it is published", lambda: world.node.run(PUBLISH)["size"] > before, 30)


def test_a_database_without_room_refuses_and_is_brought_back_when_there_is_some(world: World) -> None:
    disk, bodies = world.disks["postgres"], {f"full-disk-{n}": reporting.report().to_bytes() for n in range(400)}
    disk.fill()
    answers: dict[str, httpx.Response] = {}
    for key, body in bodies.items():
        answers[key] = world.report(key, body)
        if answers[key].status_code == 507:
            break
        assert answers[key].status_code in (201, 503)
    said_later(answers[key], 507)
    assert "disk is full" in answers[key].text
    # What is there can be read, and the node says what is the matter.
    assert world.page("/help/").status_code == 200
    assert world.ready()["ready"]
    # The process that met it says so; another may be asked first.
    until("it is said", lambda: any(one.startswith(NO_ROOM) for one in world.ready()["troubles"]), 20)
    # Its journal too: then PostgreSQL ends itself, and cannot begin.
    with pytest.raises(psycopg.Error):
        _write_journal(world)
    until("PostgreSQL has ended itself", lambda: not _lives(world), 20)
    said_later(until("it is said", lambda: _later(world), 15), 503)
    assert httpx.get(f"{world.node.url}/healthz/live").status_code == 200
    assert httpx.get(f"{world.node.url}/help/").status_code == 200
    assert httpx.get(f"{world.node.url}/healthz/ready").status_code == 503
    disk.empty()
    until("it is back, and nobody touched it", lambda: world.report("back", bodies[key]).status_code in (201, 409), 60)
    for one, body in bodies.items():
        if one in answers:
            again = until("it is received", lambda one=one, body=body: _received(world, one, body), 20)
            if answers[one].status_code == 201:
                assert again.content == answers[one].content, "another receipt for the same key"
    kept = world.reports()
    assert len(kept) == len(set(kept))
    assert {json.loads(bodies[one])["report_id"] for one in answers} <= set(kept)


def _write_journal(world: World) -> None:
    with psycopg.connect(world.cluster.url("postgres"), autocommit=True) as db:
        for _ in range(100):
            db.execute("SELECT pg_logical_emit_message(false, 'drill', repeat('x', 1000000))")
            db.execute("SELECT pg_switch_wal()")


def _lives(world: World) -> bool:
    try:
        with psycopg.connect(world.cluster.url("postgres"), connect_timeout=2) as db:
            return db.execute("SELECT 1").fetchone() is not None
    except psycopg.Error:
        return False


def _later(world: World) -> httpx.Response | None:
    answer = world.report("away", reporting.report().to_bytes())
    return answer if answer.status_code == 503 else None


def _received(world: World, key: str, body: bytes) -> httpx.Response | None:
    answer = world.report(key, body)
    assert answer.status_code in (201, 503, 507), answer.text
    return answer if answer.status_code == 201 else None


def _later_at_once(world: World) -> bool:
    """Whether a report is answered within a second that it is to come later: each process finds out by itself."""
    begun = time.monotonic()
    said_later(world.report("hang", reporting.report().to_bytes()), 503)
    return time.monotonic() - begun < 1


def test_a_database_that_hangs_keeps_nobody_waiting_and_loses_nothing(world: World) -> None:
    ending, answers, lock = threading.Event(), list[tuple[str, bytes, httpx.Response, float]](), threading.Lock()

    def client(name: int) -> None:
        count = 0
        while not ending.is_set():
            key, body, begun = f"hang-{name}-{count}", reporting.report().to_bytes(), time.monotonic()
            answer = world.report(key, body)
            with lock:
                answers.append((key, body, answer, time.monotonic() - begun))
            count += 1
            ending.wait(0.05 if answer.status_code == 201 else 0.3)

    clients = [threading.Thread(target=client, args=(n,), daemon=True) for n in range(12)]
    for one in clients:
        one.start()
    until("reports are received", lambda: sum(a.status_code == 201 for _, _, a, _ in answers) > 20, 20)
    with standing_still(postmaster_of(world.node.data)):
        until("everybody is told: later", lambda: sum(a.status_code == 503 for _, _, a, _ in answers) > 24, 25)
        until("it is known that nothing comes, and nobody waits", lambda: _later_at_once(world), 15)
        page = world.page("/desk/")
        assert page.status_code == 503
        assert "Nothing that was confirmed to you is lost" in page.text
        tip_later = world.post("/ispws/submit", content=tip(), headers={"Content-Type": "text/xml"}, auth=("e", "k"))
        said_later(tip_later, 503)
        assert "<responseCode>1000</responseCode>" in tip_later.text
    until("the first one is received again", lambda: _received(world, "hang", reporting.report().to_bytes()), 6)
    before = len(answers)
    until("so are the others", lambda: sum(a.status_code == 201 for _, _, a, _ in answers[before:]) > 12, 15)
    ending.set()
    for one in clients:
        one.join(20)
        assert not one.is_alive(), "somebody waits for ever"
    assert {a.status_code for _, _, a, _ in answers} == {201, 503}
    assert max(seconds for _, _, _, seconds in answers) < 12
    for key, body, answer, _seconds in answers[:40]:
        again = until("the same is received", lambda key=key, body=body: _received(world, key, body), 6)
        assert answer.status_code == 503 or again.content == answer.content
    kept = world.reports()
    acknowledged = {json.loads(body)["report_id"] for _, body, answer, _ in answers if answer.status_code == 201}
    assert acknowledged <= set(kept)
    assert len(kept) == len(set(kept))
    # The worker was there all the time and goes on.
    world.neighbours[ALIVE].arrived.clear()
    world.send((ALIVE, "after the hang", "after", False))
    until("the worker delivers", lambda: "after the hang" in world.neighbours[ALIVE].arrived, 20)
    verified = world.node.cli("verify")
    assert verified.returncode == 0, verified.stdout
    assert "sound" in verified.stdout.splitlines()


def test_a_clock_that_jumps_is_noted_and_nothing_is_done_by_its_word_that_cannot_be_undone(moved: World) -> None:
    urgent = reporting.report(urgency={"urgent": True, "reason": "token"}).to_bytes()
    bodies = [*(reporting.report().to_bytes() for _ in range(3)), urgent]
    ids = [json.loads(body)["report_id"] for body in bodies]
    receipt = moved.report("clock-0", bodies[0])
    assert receipt.status_code == 201
    assert moved.report("clock-3", urgent).status_code == 201
    size = moved.node.run(HOLD.format(report=ids[0]))
    later = moved.neighbours[OFF]

    moved.clock.move(DAY)
    until("the jump is noted", lambda: _moves(moved) == [1], 20)
    # The hold of two hours is over by this clock, and nobody is told for all that.
    meanwhile = moved.node.run(MEANWHILE.format(to=moved.made[OFF], key="that day", answered=""))
    assert (meanwhile["told"], meanwhile["kept"]) == (0, 1)
    assert meanwhile["rung"] > 1, "the urgent one is late by this clock"
    assert meanwhile["calls"] == 1
    assert "moved by +86400 s" in meanwhile["clock"][0]
    assert any(one.startswith("clock: moved by +86400") for one in moved.ready()["troubles"])
    # The node works: the same key has the same receipt, new reports are received, and have their place.
    assert moved.report("clock-0", bodies[0]).content == receipt.content
    assert moved.report("clock-1", bodies[1]).status_code == 201
    until("the events of that day have their place", lambda: _in_order(moved), 20)
    until("who does not answer was asked", lambda: moved.ask("SELECT 1 FROM organisations_recipientaway"), 20)

    moved.clock.move(0)
    until("the way back is noted", lambda: _moves(moved) == [-1, 1], 20)
    assert moved.report("clock-2", bodies[2]).status_code == 201
    until("what happens every second goes on, and waits for no day to pass", lambda: _in_order(moved), 20)
    then = DECIDE.format(report=ids[1]) + MEANWHILE.format(to=moved.made[OFF], key="today", answered=ids[3])
    meanwhile = moved.node.run(then)
    assert (meanwhile["told"], meanwhile["kept"]) == (0, 1)
    assert meanwhile["calls"] == 0, "an answer answers what sounded by that clock too"
    # A clock of the law that was started by the wrong clock is stopped by the right one, once.
    steps, standing, grown = meanwhile["before"]
    assert all(taken[0] == "start" and len(taken) == len(set(taken)) for taken in steps), steps
    assert "expired" not in standing
    assert grown >= size
    assert moved.report("clock-0", bodies[0]).content == receipt.content
    # What waited for a moment of that day arrives now.
    later.comes_back()
    until("both messages arrive", lambda: sorted(later.arrived) == ["that day", "today"], 40)
    assert set(later.times.values()) == {1}
    # By the right clock the hold stands, and ends when it ends: nothing has forgotten it.
    assert moved.ask("SELECT count(*) FROM law_hold WHERE lifted_at IS NULL AND until > now()") == [(1,)]


def _moves(world: World) -> list[int]:
    """By how many days the node has noted that the clock was moved."""
    return sorted(round(float(moved) / DAY) for (moved,) in world.ask("SELECT seconds FROM organisations_clockmoved"))


def _in_order(world: World) -> bool:
    """Every event has its place: the job of every second runs."""
    return world.ask("SELECT count(*) FROM accountability_waiting_event") == [(0,)]
