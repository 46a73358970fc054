"""The command line as a whole: its version, its groups, and JSON in place of each table."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from tests.unit.app.cli.test_exit_codes import folder, run
from tutela import __version__, app
from tutela.app import cli

__all__ = ["folder"]


def _tutela(*args: str, under: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line, under a shell of this name if one is given."""
    words = [sys.executable, "-m", "tutela.app.cli", *args]
    environment = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"} if under else None
    return subprocess.run(
        [*words, under] if under else words,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_version_is_printed_both_ways() -> None:
    assert app
    for words in (["--version"], ["version"]):
        done = _tutela(*words)
        assert (done.returncode, done.stdout.strip()) == (0, __version__)


def test_the_help_groups_commands_by_who_uses_them() -> None:
    said = _tutela("--help").stdout
    for panel in cli.PANELS:
        assert f"─ {panel} ─" in said
    assert "─ Commands ─" not in said


def _texts(command: click.Command, name: str = "tutela") -> Iterator[tuple[str, str]]:
    """The help of a command, of its options and of the commands below it, by name."""
    yield name, command.help or ""
    yield from ((f"{name} {one.name}", getattr(one, "help", None) or "") for one in command.params)
    for below, one in getattr(command, "commands", {}).items():
        yield from _texts(one, f"{name} {below}")


def test_no_word_of_a_help_is_taken_for_a_colour() -> None:
    """What stands in square brackets is not printed: `tutela[pdf]` reads as `tutela`."""
    texts = dict(_texts(typer.main.get_command(cli.app)))
    assert len(texts) > 200
    assert [name for name, text in texts.items() if re.search(r"\[[a-z/]", text)] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_offered(shell: str) -> None:
    done = _tutela("--show-completion", under=shell)
    assert done.returncode == 0
    assert "tutela" in done.stdout.lower() or "complet" in done.stdout.lower()


def test_a_list_is_described_as_json(folder: Path) -> None:
    found = json.loads(run("index", "info", folder / "list", "--json").output)
    assert found["entries"] >= 1
    assert len(found["sha256"]) == 64


def test_pictures_for_trying_are_made_and_never_overwritten(tmp_path: Path) -> None:
    place = str(tmp_path / "pictures")
    assert _tutela("demo", "pictures", place, "--count", "2").returncode == 0
    assert len(list((tmp_path / "pictures").iterdir())) == 2
    again = _tutela("demo", "pictures", place, "--count", "3")
    assert again.returncode == 2
    assert "exists already" in again.stderr
