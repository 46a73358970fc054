"""A dump of the database, a backup and the logs after a request: no address, no browser, no passphrase, no hash."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from tests.support.anonymous import ADDRESS, BROWSER, Visitor
from tests.support.cast import Cast
from tests.support.dump import dumped
from tests.support.removal_world import PLACE, Removal, digests, forget_limits
from tutela.victims.removal import intake


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def test_nothing_of_a_requester_is_in_dump_backup_or_logs(
    world: Removal, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    made, place = digests(), f"https://host-{secrets.token_hex(4)}.example.org/p/1"
    with caplog.at_level(logging.DEBUG):
        person = world.asks(made)
        request = world.request(person)
        intake.add_text(world.analyst, request, place)
        contact = {"contact": "phone", "where": "channel-token-77", "when": "time-token-77"}
        assert person.submit("contact", **contact).status_code == 200
        assert person.submit("pause").status_code == 200
        assert Visitor(kind=person.kind).enters(person.number, "acid acorn").status_code == 422
        refused = Client().post(PLACE, b"\x89PNG", content_type="image/png", **Visitor().headers)
        assert refused.status_code == 415
    parts, number = dumped(tmp_path / "backup.age"), world.row(request).number
    assert any(number.encode() in one for one in parts), "the dump has this request"
    console = capfd.readouterr()
    logs = f"{caplog.text}{console.out}{console.err}"
    traces = [ADDRESS, "203.0.113.0", BROWSER, "trace.example", person.passphrase, person.reader, place]
    traces += [person.passphrase.replace(" ", "-"), "channel-token-77", "time-token-77", *made.values()]
    for part in (*parts, logs.encode()):
        for trace in traces:
            assert trace.encode() not in part
            assert trace.encode().hex().encode() not in part
    assert not re.search(r"/(removal|remove-pictures)/", logs), "not even when somebody was there"
