"""The ground floor runs where no desk is installed: scanning and matching need neither Django nor a database."""

from __future__ import annotations

import subprocess
import sys

import pytest

BLOCKER = """
import importlib, pkgutil, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"django", "ninja", "procrastinate", "psycopg", "allauth", "fpdf"}:
            raise ModuleNotFoundError(f"{name} is not part of the small install", name=name)

sys.meta_path.insert(0, Blocker())
package = importlib.import_module(sys.argv[1])
for found in pkgutil.walk_packages(getattr(package, "__path__", []), sys.argv[1] + "."):
    importlib.import_module(found.name)
"""
COMMAND = """
from typer.testing import CliRunner
from tutela.app.cli import app, extras
from tutela.app.cli.commands import COMMANDS, needs_node
extras.missing_for_node = lambda: ["django"]
answer = CliRunner().invoke(app, ["--help"])
assert answer.exit_code == 0 and "scan" in answer.output and "doctor" not in answer.output, answer.output
for name in COMMANDS:
    answer = CliRunner().invoke(app, [name, "--help"])
    assert answer.exit_code == (2 if needs_node(name) else 0), (name, answer.output)
"""


@pytest.mark.parametrize("name", ["clock", "media", "matching", "tlog", "exchange", "edge"])
def test_package_imports_without_the_desks(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", BLOCKER, f"tutela.{name}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_command_runs_without_the_desks() -> None:
    code = BLOCKER.split("package =")[0] + COMMAND
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_blocker_blocks() -> None:
    done = subprocess.run([sys.executable, "-c", BLOCKER, "tutela.events"], capture_output=True, text=True)
    assert "not part of the small install" in done.stderr
