"""What a witness answers over HTTP, as the protocol writes it to the letter."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tutela.app.runtime import witness_service
from tutela.tlog.witness import WitnessAnswer


@pytest.mark.parametrize("media_type", ["text/x.tlog.size", "text/plain; charset=utf-8"])
def test_an_answers_type_is_exactly_that_of_the_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_type: str
) -> None:
    """A public client compares it letter by letter: no charset may be added."""
    monkeypatch.setattr(witness_service.Store, "answer", lambda *_: WitnessAnswer(409, b"7\n", media_type))
    monkeypatch.setattr(witness_service.Store, "__init__", lambda *_: None)
    answer = TestClient(witness_service.application(tmp_path)).post("/add-checkpoint", content=b"x")
    assert (answer.status_code, answer.content) == (409, b"7\n")
    assert answer.headers["content-type"] == media_type


def test_a_request_that_stops_half_way_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness_service.Store, "__init__", lambda *_: None)
    monkeypatch.setattr(witness_service, "BODY_SECONDS", 0.05)
    said = list[Any]()

    async def receive() -> dict[str, Any]:
        if not said:
            said.append(None)
            return {"type": "http.request", "body": b"old 0", "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/add-checkpoint",
        "raw_path": b"/add-checkpoint",
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
    }
    asyncio.run(witness_service.application(tmp_path)(scope, receive, send))
    assert said[1]["status"] == 408
