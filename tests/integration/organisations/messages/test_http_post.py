"""A message has its answer or its failure within a limited time, whatever the recipient does."""

from __future__ import annotations

import time

import httpx
import pytest
from django.conf import settings

from tests.support.outages import Recipient
from tutela.organisations.keys.envelope_encryption import wrap
from tutela.organisations.messages import http_post
from tutela.organisations.messages.http_post import Connection
from tutela.organisations.models import OutboxMessage


@pytest.fixture(autouse=True)
def on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PEER_NETWORKS", "127.0.0.0/8")


def _sign(_path: str, _key: str, _body: bytes) -> str:
    return "signed"


def _message(key: str) -> OutboxMessage:
    return OutboxMessage(key=key, kind="outcome", path="/x", sealed_body=wrap(b"{}", f"outbox:{key}"))


@pytest.mark.parametrize("how", ["hanging", "dripping"])
def test_who_never_ends_an_answer_is_cut_off(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_post, "TIMEOUT_SECONDS", 0.4)
    recipient = Recipient(how)
    begun = time.monotonic()
    with Connection(recipient.url, None, _sign) as line:
        said = line.post(_message("a"))
        assert time.monotonic() - begun < 60
        assert said.away
        assert "did not answer" in said.error
        recipient.comes_back()
        assert line.post(_message("b")).status == 201, "the line is good for the next message"
    recipient.stop()


@pytest.mark.parametrize("more", ["", "; charset=zlib", "; charset=idna", '; charset=""'])
def test_an_answer_in_whatever_encoding_is_read_as_well_as_may_be(more: str) -> None:
    headers = {"Content-Type": f"application/json{more}"}
    answers = httpx.MockTransport(lambda _: httpx.Response(201, content=b'{"a": "\0\xff"}', headers=headers))
    said = Connection("http://x", None, _sign, httpx.Client(transport=answers)).post(_message("a"))
    assert (said.status, said.body) == (201, '{"a": "\ufffd"}')


def test_messages_share_a_connection() -> None:
    recipient = Recipient("alive")
    with Connection(recipient.url, None, _sign) as line:
        assert [line.post(_message(str(n))).status for n in range(3)] == [201, 201, 201]
    assert recipient.connections == 1
    recipient.stop()


def test_an_address_that_is_none_is_somebody_who_does_not_answer() -> None:
    for url in ("", "http://[broken", "http://127.0.0.1:1"):
        with Connection(url, None, _sign) as line:
            said = line.post(_message("a"))
            assert (said.status, said.away) == (0, True)
            assert said.error
