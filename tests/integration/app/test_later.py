"""What passes is said as such, to everybody in their own form, and how a node stands is said without a database."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import psycopg
import pytest
from django.db.utils import OperationalError
from django.test import Client

from tests.cast import Cast
from tutela.app.lifeline import LIFELINE
from tutela.organisations import apikeys, directory
from tutela.organisations.troubles import Trouble


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
    [(FULL, 507, "no room"), (OSError(errno.ENOSPC, "No space left"), 507, "no room"), (GONE, 503, "does not answer"),
     (BUSY, 503, "is busy")],
    ids=["disk full", "folder full", "away", "busy"],
)  # fmt: skip
def test_a_caller_is_told_when_to_come_back_in_the_form_that_it_reads(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, word: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(apikeys, "actor_and_centre", fail)
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

    monkeypatch.setattr(apikeys, "actor_and_centre", fail)
    answer = client.post(
        "/api/v1/reports", b"{}", content_type="application/json", headers={"Authorization": "Bearer x"}
    )
    assert (answer.status_code, answer.headers.get("Retry-After")) == (500, None)
    tip = client.post("/ispws/submit", b"<report/>", content_type="text/xml", headers={"Authorization": "Basic eDp5"})
    assert tip.status_code == 500
    assert b"<responseCode>1000</responseCode>" in tip.content


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
    assert "database: it does not answer" in ready.json()["troubles"]
    LIFELINE.away = False
    assert browser.get("/desk/").status_code == 200, "still signed in"


def test_a_node_that_is_ready_names_its_troubles(client: Client) -> None:
    LIFELINE.note(Trouble.NO_ROOM)
    ready = client.get("/healthz/ready", headers={"Host": "what.balancers.send"})
    assert ready.status_code == 200
    said = ready.json()["troubles"]
    assert any("no room on the disk" in one for one in said)
    assert any(one.startswith("worker:") for one in said), "no worker runs here"
    assert "/" not in "".join(said), "no path is said"
