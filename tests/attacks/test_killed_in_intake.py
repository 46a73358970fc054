"""The web process is killed while reports come in, one by one, as a batch and as a file, on a node as it is served.

At each of three moments: half of the body has arrived, the transaction is under way, it is committed and nobody has the
answer. What was stored is whole; the sender's second try under the same key is answered, and makes one report of each.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from tests.integration.reports.intake.test_file_uploads import line, table
from tests.support import kills
from tests.support.drills import Installation, until
from tests.support.reporting import report
from tutela.app.runtime.embedded_postgres import Cluster

pytestmark = pytest.mark.slow

FOUND = """
from tutela.law import acts
from tutela.organisations.people import api_keys
from tutela.organisations.people.bootstrap import found

found("EU Centre", "centre", "NL")
provider = found("Pixelpost", "provider", "IE")
acts.seed()
key = api_keys.issue_key(provider, provider.organisation_id, name="desk", scopes=["reports:submit"])[1]
print(json.dumps({"key": key}))
"""
BATCH = 3


@dataclass(frozen=True)
class Form:
    """One way of filing: what is posted where, and how many reports that makes."""

    path: str
    key: str
    body: bytes
    makes: int


def forms() -> list[Form]:
    single, many = report(), [report() for _ in range(BATCH)]
    return [
        Form("/api/v1/reports", f"report:{single.report_id}", single.to_bytes(), 1),
        Form("/api/v1/reports/batch", "batch", b"\n".join(one.to_bytes() for one in many), BATCH),
        Form("/api/v1/reports/file?name=reports.csv", "file", table(*(line() for _ in range(BATCH))), BATCH),
    ]


class Node:
    """The node with one web process, a key to file with, and its database as the owner sees it."""

    def __init__(self, folder: Installation) -> None:
        self.node = folder
        folder.migrate()
        self.key = folder.run(FOUND)["key"]
        folder.serve()
        self.answers()
        self.owner = psycopg.connect(Cluster(folder.data).url("postgres"), autocommit=True)

    def answers(self) -> None:
        until("the node answers", lambda: kills.answers(self.node.url + "/"), 120)

    def counted(self) -> dict[str, int]:
        """What there is, in every table that a report comes to."""
        tables = ("reports_report", "reports_item", "organisations_receivedmessage")
        found = {}
        for name in tables:
            row = self.owner.execute(f"SELECT count(*) FROM {name}").fetchone()  # type: ignore[arg-type]
            found[name] = int(row[0]) if row else 0
        return found

    def begin(self, form: Form, share: float = 1.0) -> socket.socket:
        """Send a request, or its first part, and read nothing."""
        line = socket.create_connection(("127.0.0.1", self.node.port), 60)
        head = (
            f"POST {form.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n"
            f"Idempotency-Key: {form.key}\r\nContent-Type: application/json\r\nContent-Length: {len(form.body)}\r\n\r\n"
        )
        line.sendall(head.encode() + form.body[: int(len(form.body) * share)])
        return line

    def kill(self) -> None:
        (victim,) = until("there is a web process", lambda: kills.targets(self.node, "web worker"), 60)
        os.kill(victim, signal.SIGKILL)
        until("another serves", lambda: victim not in kills.targets(self.node, "web worker"), 60)
        self.answers()

    def again(self, form: Form) -> tuple[int, Any]:
        """The sender's next try, under the same key."""
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": form.key}
        answer = httpx.post(self.node.url + form.path, content=form.body, headers=headers, timeout=60)
        return answer.status_code, json.loads(answer.content)

    def waiting(self) -> int:
        """How many transactions wait for a lock."""
        row = self.owner.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted").fetchone()
        return int(row[0]) if row else 0


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    folder = Installation(TUTELA_WEB_WORKERS="1")
    try:
        yield Node(folder)
    except BaseException:
        if folder.log.exists():
            print(folder.log.read_text(errors="replace")[-4000:])  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        folder.stop()


def _once(node: Node, filed: list[Form], before: dict[str, int]) -> None:
    """Each next try is answered, a further one alike, and there is one report of each."""
    for form in filed:
        status, said = node.again(form)
        assert status == (200 if form.makes > 1 else 201), said
        assert node.again(form) == (status, said), "the same receipts"
        if form.makes > 1:
            assert [one["status"] for one in said["results"]] == [201] * form.makes, said
    after = node.counted()
    made = sum(form.makes for form in filed)
    assert after["reports_report"] - before["reports_report"] == made
    assert after["reports_item"] - before["reports_item"] == made


def test_killed_while_half_of_the_body_is_there_nothing_is_stored(node: Node) -> None:
    before, filed = node.counted(), forms()
    lines = [node.begin(form, 0.5) for form in filed]
    node.kill()
    assert node.counted()["reports_report"] == before["reports_report"]
    _close(lines)
    _once(node, filed, before)


def test_killed_in_the_transaction_nothing_is_stored(node: Node) -> None:
    before, filed = node.counted(), forms()
    with psycopg.connect(Cluster(node.node.data).url("postgres")) as holding:
        holding.execute("LOCK TABLE reports_report IN SHARE MODE")
        lines = [node.begin(form) for form in filed]
        until("the transactions are under way", lambda: node.waiting() >= 2, 60)
        node.kill()
    until("the database has ended them", lambda: node.waiting() == 0, 60)
    assert node.counted()["reports_item"] == before["reports_item"], "nothing half"
    assert node.counted()["reports_report"] == before["reports_report"]
    _close(lines)
    _once(node, filed, before)


def test_killed_after_the_commit_the_next_try_has_the_answer_and_makes_no_second(node: Node) -> None:
    before, filed = node.counted(), forms()
    wanted = before["reports_report"] + sum(form.makes for form in filed)
    lines = [node.begin(form) for form in filed]
    until("all are committed", lambda: node.counted()["reports_report"] == wanted, 60)
    node.kill()
    _close(lines)
    _once(node, filed, before)


def _close(lines: list[socket.socket]) -> None:
    for one in lines:
        with contextlib.suppress(OSError):
            one.close()
