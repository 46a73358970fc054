"""Somebody names a file, an account or an organisation so that its name works on a terminal or turns a page around."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from typer.testing import CliRunner

from tests.support.cast import Cast
from tutela.app.cli import app
from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.website.middleware import VisibleMiddleware
from tutela.organisations.people import directory

BAD = "a\u202egpj.exe \x1b]0;pwned\x07 \x9b31m"
SHOWN = "a\\u202egpj.exe"


def test_a_command_prints_no_name_that_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a\u202egpj.exe \x1b]0;pwned\x07"
    answer = CliRunner().invoke(app, ["match", "--list", str(file), secrets.token_hex(32)])
    fail(f"{file}: no such file", Exit.USAGE)
    said = answer.output + "".join(capsys.readouterr())
    assert SHOWN in said
    assert not set(said) & {"\u202e", "\x07"}
    assert "\x1b]0" not in said


def test_no_page_has_a_character_that_turns_it_around(cast: Cast) -> None:
    actor = cast.organisation(f"Evil {BAD[:12]}", "hotline", "IE")
    assert directory.entry(actor.organisation_id).name.startswith("Evil a\u202e"), "it is kept as it was given"
    page = cast.client(actor, "administrator").get("/desk/organisation/", follow=True).content.decode()
    assert "\u202e" not in page
    assert SHOWN in page


def test_only_whole_pages_are_looked_through() -> None:
    kinds = {"text/html; charset=utf-8": "\\u202e", "application/json": "\u202e", "text/csv": "\u202e"}
    for kind, shown in kinds.items():
        given = HttpResponse("\u202e".encode(), content_type=kind)
        assert VisibleMiddleware(lambda _, given=given: given)(HttpRequest()).content.decode() == shown  # type: ignore[misc]
    stream = StreamingHttpResponse([b"x"], content_type="text/html")
    assert VisibleMiddleware(lambda _: stream)(HttpRequest()) is stream  # type: ignore[arg-type, return-value]
