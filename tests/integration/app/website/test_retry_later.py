"""What passes is said as such, to everybody in their own form, and how a node stands is said without a database."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client

from tests.support.cast import Cast
from tutela import clock
from tutela.app.runtime import database_watchdog, health
from tutela.app.runtime.database_watchdog import LIFELINE
from tutela.organisations.keys import envelope_encryption
from tutela.organisations.messages import recipient_queues
from tutela.organisations.people import api_keys, directory
from tutela.organisations.vocabulary.transient_errors import Trouble


def _database(inner: psycopg.Error) -> OperationalError:
    error = OperationalError(str(inner))
    error.__cause__ = inner
    return error


FULL = _database(psycopg.errors.DiskFull("could not extend file"))
GONE = _database(psycopg.OperationalError("server closed the connection unexpectedly"))
BUSY = _database(psycopg.errors.LockNotAvailable("canceling statement due to lock timeout"))


@pytest.fixture(autouse=True)
def _lifeline() -> Iterator[None]:
    yield
    LIFELINE.away, LIFELINE._full = False, None


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (FULL, 507, "disk is full"),
        (OSError(errno.ENOSPC, "No space left"), 507, "disk is full"),
        (GONE, 503, "does not answer"),
        (BUSY, 503, "is busy"),
    ],
    ids=["disk full", "folder full", "away", "busy"],
)
def test_a_caller_is_told_when_to_come_back_in_the_form_that_it_reads(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, word: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(api_keys, "presented", fail)
    monkeypatch.setattr(directory, "the_centre", fail)
    key = {"Authorization": "Bearer tut_x"}
    machine = client.post("/api/v1/reports", b"{}", content_type="application/json", headers=key)
    tip = client.post("/ispws/submit", b"<report/>", content_type="text/xml", headers={"Authorization": "Basic eDp5"})
    end = client.post("/ispws/finish", {"id": "7"}, headers={"Authorization": "Basic eDp5"})
    person = client.get("/log/absent/1", headers={"Accept": "text/html"})
    for answer in (machine, tip, end, person):
        assert answer.status_code == status, answer.content
        assert int(answer["Retry-After"]) > 0
    assert machine["Content-Type"] == "application/problem+json"
    assert word in machine.json()["detail"]
    assert b"<responseCode>1000</responseCode>" in tip.content
    assert b"<reportDoneResponse>" in end.content
    assert tip["Request-ID"]
    assert word in person.content.decode()
    assert "No space left" not in person.content.decode()


def test_a_fault_is_no_trouble(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("a fault")

    monkeypatch.setattr(api_keys, "presented", fail)
    answer = client.post(
        "/api/v1/reports", b"{}", content_type="application/json", headers={"Authorization": "Bearer x"}
    )
    assert (answer.status_code, answer.headers.get("Retry-After")) == (500, None)
    tip = client.post("/ispws/submit", b"<report/>", content_type="text/xml", headers={"Authorization": "Basic eDp5"})
    assert tip.status_code == 500
    assert b"<responseCode>1000</responseCode>" in tip.content


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), BrokenPipeError(), ValueError("closed")])
def test_a_log_that_cannot_be_written_ends_no_asking(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Otherwise the process would answer "later" for as long as it lives, with the database long back."""

    def full(*_: object, **__: object) -> None:
        raise error

    cut = list[bool]()
    one = database_watchdog.Lifeline()
    monkeypatch.setattr(database_watchdog, "log", SimpleNamespace(warning=full))
    monkeypatch.setattr(one, "_cut", lambda: cut.append(True))
    one._hangs()
    assert (one.away, cut) == (True, [True])
    one._say(away=False)
    assert not one.away


def test_while_the_database_is_away_nobody_waits_and_help_is_there(cast: Cast) -> None:
    browser = cast.client(cast.centre, "analyst")
    LIFELINE.away = True
    desk = browser.get("/desk/", headers={"Accept": "text/html"})
    assert desk.status_code == 503
    assert "Nothing that was confirmed to you is lost" in desk.content.decode()
    assert browser.get("/help/").status_code == 200
    assert browser.get("/static/tutela.css").status_code in (200, 404)
    assert browser.get("/healthz/live").json() == {"status": "alive"}
    ready = browser.get("/healthz/ready")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert "database: no answer" in ready.json()["troubles"]
    LIFELINE.away = False
    assert browser.get("/desk/").status_code == 200, "still signed in"


def test_a_node_that_is_ready_names_its_troubles(client: Client) -> None:
    LIFELINE.note(Trouble.NO_ROOM)
    ready = client.get("/healthz/ready", headers={"Host": "what.balancers.send"})
    assert ready.status_code == 200
    said = ready.json()["troubles"]
    assert any("the disk is full" in one for one in said)
    assert any(one.startswith("worker:") for one in said), "no worker runs here"
    assert "/" not in "".join(said), "no path is said"


def _parts(client: Client) -> dict[str, str]:
    return {one["name"]: one["state"] for one in client.get("/healthz/ready").json()["parts"]}


def test_each_part_of_a_node_says_how_it_stands(client: Client) -> None:
    parts = _parts(client)
    assert parts["worker"] == "degraded", "no worker runs here"
    # Whether somebody sends what waits there is another test's: earlier ones may have left something.
    parts.pop("outbox")
    ready = {"database", "migrations", "data keys", "clock", "data folder", "sealed evidence", "public log"}
    assert {name for name, state in parts.items() if state == "ready"} == ready
    LIFELINE.away = True
    parts = _parts(client)
    assert (parts["database"], parts["migrations"], parts["data keys"]) == ("away", "unknown", "ready")


def test_tables_of_an_older_version_take_nothing_in(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = health._wanted()
    assert ("reports", "0001_initial") in wanted
    monkeypatch.setattr(health, "_wanted", lambda: wanted | {("reports", "9999_later")})
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer["Retry-After"], answer.json()["ready"]) == (503, "5", False)
    assert answer.json()["troubles"][0] == "migrations: 1 pending"


def test_data_keys_that_do_not_open_take_nothing_in(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise envelope_encryption.CannotUnwrap

    monkeypatch.setattr(envelope_encryption, "unwrap", fail)
    answer = client.get("/healthz/ready")
    assert answer.status_code == 503
    assert "data keys: the data keys cannot be opened" in answer.json()["troubles"]


def test_messages_that_nobody_sends_are_named_and_take_no_node_away(client: Client) -> None:
    recipient_queues.order_at(uuid4(), uuid4(), clock.now())
    with connection.cursor() as cursor:
        cursor.execute(
            # Older than whatever other tests left waiting.
            "UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1000 days'"
            " WHERE id = (SELECT max(id) FROM procrastinate_jobs) RETURNING id"
        )
        ((job,),) = cursor.fetchall()
    try:
        answer = client.get("/healthz/ready")
        assert answer.status_code == 200
        assert _parts(client)["outbox"] == "degraded"
        assert any(one.startswith("outbox: messages have been due for 86400") for one in answer.json()["troubles"])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job])


def test_a_full_disk_is_named_with_its_place(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "free_bytes", lambda _folder: 7 * 2**20)
    answer = client.get("/healthz/ready")
    assert answer.status_code == 200
    assert "data folder: 7 MB free" in answer.json()["troubles"]
