"""What a security key answered, verified on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from tests.unit.exchange.register.test_approval import FILE
from tutela.app.cli import app
from tutela.exchange.register.approval import key_of


def _run(*args: object) -> Result:
    return CliRunner().invoke(app, ["verify", "approval", *map(str, args)])


def test_an_approval_says_its_act_and_holds(tmp_path: Path) -> None:
    file = tmp_path / "approval.json"
    file.write_text(json.dumps(FILE))
    done = _run(file, "--key", key_of(FILE))
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == "holds"
    assert "revoke" in done.output
    assert "about I-1" in done.output
    assert "reason: A landscape" in done.output


def test_another_key_another_word_and_no_file_do_not_hold(tmp_path: Path) -> None:
    file = tmp_path / "approval.json"
    file.write_text(json.dumps(FILE))
    assert _run(file, "--key", "0" * 64).exit_code == 4
    for text in (json.dumps(FILE).replace("landscape", "building"), "{}", "[", "null"):
        file.write_text(text)
        done = _run(file)
        assert done.exit_code == 4, done.output
        assert "not valid" in done.output


def test_what_is_no_approval_is_said_to_be_none_and_nothing_of_the_reader(tmp_path: Path) -> None:
    for text in ("", "hello", "[" * 100_000, "\0"):
        (tmp_path / "file").write_text(text)
        done = _run(tmp_path / "file")
        assert (done.exit_code, "not valid: this file is not an approval" in done.output) == (4, True)
