"""What a witness answers over HTTP, as the protocol writes it to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tutela.app import witnessing
from tutela.tlog.witness import Answer


@pytest.mark.parametrize("media_type", ["text/x.tlog.size", "text/plain; charset=utf-8"])
def test_an_answers_type_is_exactly_that_of_the_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_type: str
) -> None:
    """A public client compares it letter by letter: no charset may be added."""
    monkeypatch.setattr(witnessing.Store, "answer", lambda *_: Answer(409, b"7\n", media_type))
    monkeypatch.setattr(witnessing.Store, "__init__", lambda *_: None)
    answer = TestClient(witnessing.application(tmp_path)).post("/add-checkpoint", content=b"x")
    assert (answer.status_code, answer.content) == (409, b"7\n")
    assert answer.headers["content-type"] == media_type
