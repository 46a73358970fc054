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
from tutela.app.cli import app as tutela
from tutela.app.cli.commands import COMMANDS, Commands

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
    for panel in {one.panel for one in COMMANDS.values()}:
        assert f"─ {panel} ─" in said
    assert "─ Commands ─" not in said


def _texts(command: click.Command, name: str = "tutela") -> Iterator[tuple[str, str]]:
    """The help of a command, of its options and of the commands below it, by name."""
    yield name, command.help or ""
    yield from ((f"{name} {one.name}", getattr(one, "help", None) or "") for one in command.params)
    if hasattr(command, "list_commands"):  # a group
        for below in command.list_commands(None):
            yield from _texts(command.get_command(None, below), f"{name} {below}")


def test_no_word_of_a_help_is_taken_for_a_colour() -> None:
    """What stands in square brackets is not printed: `tutela[pdf]` reads as `tutela`."""
    texts = dict(_texts(typer.main.get_command(tutela)))
    assert len(texts) > 200
    assert [name for name, text in texts.items() if re.search(r"\[[a-z/]", text)] == []


def test_the_help_says_of_each_command_what_the_command_says_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    by_the_table = run("--help").output
    monkeypatch.setattr(Commands, "_describing", property(lambda _: False, lambda *_: None))
    assert run("--help").output == by_the_table


LIGHT = """
import sys
from typer.testing import CliRunner
from tutela.app.cli import app
answer = CliRunner().invoke(app, sys.argv[1:])
assert answer.exit_code == 0, answer.output
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"django", "numpy", "pydantic", "httpx", "av"}))
print(*sorted(name for name in sys.modules if name.startswith(("tutela.app.cli.", "tutela.app.runtime."))))
"""


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_what_tells_about_commands_imports_none(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT, *words], capture_output=True, text=True, check=True)
    libraries, ours = done.stdout.splitlines()
    assert libraries == ""
    assert not [name for name in ours.split() if name.startswith(("tutela.app.cli.offline", "tutela.app.cli.node"))]


@pytest.mark.parametrize("command", ["hash", "scan", "match", "index", "verify", "triage", "unseal"])
def test_an_offline_command_imports_no_node(command: str) -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT, command, "--help"], capture_output=True, text=True, check=True)
    libraries, ours = done.stdout.splitlines()
    assert "django" not in libraries.split()
    assert not [name for name in ours.split() if name.startswith(("tutela.app.cli.node", "tutela.app.runtime.node"))]


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
