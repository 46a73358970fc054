"""Everything works from an installed wheel: built by the project's own build, alone in a fresh environment."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.tree import ROOT, SOURCE, tracked
from tests.support.triage_world import authorisation
from tutela.app.cli import extras

PHOTO = ROOT / "tests" / "fixtures" / "photos" / "aqua.jpg"
# Compiled once; a later run builds only what changed.
BUILD = "import scikit_build_core.build as build; build.build_wheel({folder!r}, {{'build-dir': 'build/wheel'}})"
UV = Path(sys.executable).with_name("uv")
# Every pin of the project; each file has those of the ones before it and more.
PINNED = ("dev", "cluster", "forensics")
DOTTED = re.compile(r"tutela(?:\.\w+)+")
# Names of a receiver and of a message's type, which nobody imports; those of loggers are found by themselves.
NO_MODULES = {
    "tutela.second_factor.failed",
    "tutela.alerts",
    "tutela.anonymous.reader",
    "tutela.anonymous.ticket",
    "tutela.confirmation",
}
# The servers' applications ask the database when they are imported: of these the module alone is looked for.
RESOLVE = """
import sys
from importlib import import_module
from importlib.util import find_spec
import django; django.setup()
from django.contrib.staticfiles import finders
from django.template.loader import get_template

def resolved(name):
    if name.startswith(("tutela.app.runtime.wsgi", "tutela.app.runtime.asgi")):
        assert find_spec(".".join(name.split(".")[:4])), "no such module"
        return
    module, _, rest = name.partition(".")
    found = import_module(module)
    for part in rest.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            found = import_module(f"{found.__name__}.{part}")

for line in sys.stdin.read().splitlines():
    kind, _, name = line.partition(" ")
    try:
        if kind == "static":
            assert finders.find(name), "no such static file"
        else:
            {"dotted": resolved, "template": get_template}[kind](name)
    except Exception as error:
        print(line, repr(error)[:200])
import tutela
assert "site-packages" in tutela.__file__, tutela.__file__
"""


# Every command with its subcommands, one a line.
COMMANDS = """
from tutela.app import cli
from typer.main import get_command

def walk(command, before=()):
    for name in command.list_commands(None):
        one = command.get_command(None, name)
        if hasattr(one, "commands"):
            walk(one, (*before, name))
        else:
            print(*before, name)

walk(get_command(cli.app))
"""
HELPS = """
import sys
from typer.testing import CliRunner
from tutela.app import cli

for line in sys.stdin.read().splitlines():
    done = CliRunner().invoke(cli.app, [*line.split(), "--help"])
    if done.exit_code or "Usage" not in done.output:
        print(line, done.exit_code, done.output[-300:])
"""


@dataclass
class Wheel:
    """An environment with the wheel, and an empty folder in which its commands run."""

    python: Path
    package: Path
    folder: Path

    def run(self, *command: str, given: str = "") -> subprocess.CompletedProcess[str]:
        own = ("TUTELA_", "DJANGO_", "DATABASE_URL", "PYTHON")
        env = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        env |= {"TUTELA_DATA": str(self.folder / "data"), "DJANGO_SETTINGS_MODULE": "tutela.app.settings"}
        env |= {"DATABASE_URL": "postgresql://nobody@/none", "COLUMNS": "120", "NO_COLOR": "1"}
        return subprocess.run(
            [str(self.python.with_name(command[0])), *command[1:]],
            input=given,
            env=env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the project's own build."""
    folder = tmp_path_factory.mktemp("wheel")
    # Of two packages called `ninja` the one that is here answers requests; the build asks for the other.
    env = {
        **os.environ,
        "CMAKE_GENERATOR": "Unix Makefiles",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        [sys.executable, "-c", BUILD.format(folder=str(folder))], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (found,) = folder.glob("tutela-*.whl")
    return found


def environment(folder: Path, *packages: str) -> Wheel:
    """An environment of its own, with nothing but these packages in the pinned versions."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    (site,) = (folder / "venv" / "lib").glob("python3*/site-packages")
    pinned = folder / "pinned.txt"
    lines = [line for name in PINNED for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()]
    pinned.write_text("\n".join(sorted({line.rstrip("\\ ") for line in lines if re.match(r"[a-z0-9]", line)})))
    install = [str(UV), "pip", "install", "--quiet", "--python", str(python), "-c", str(pinned)]
    done = subprocess.run([*install, *packages], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (folder / "empty").mkdir()
    return Wheel(python, site / "tutela", folder / "empty")


@pytest.fixture(scope="module")
def wheel(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    """Installed without a network beside the packages that are here already; our own source is not seen."""
    made = environment(tmp_path_factory.mktemp("beside"), "--offline", "--no-deps", str(built))
    (made.package.parent / "packages.pth").write_text(sysconfig.get_path("purelib"))
    return made


@pytest.fixture(scope="module")
def small(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    """The small install alone, in an empty environment."""
    return environment(tmp_path_factory.mktemp("small"), str(built))


def test_every_file_of_the_package_is_in_the_wheel(wheel: Wheel) -> None:
    wanted = {path.relative_to(SOURCE) for path in tracked() if path.is_relative_to(SOURCE)}
    assert len(wanted) > 1000
    assert not sorted(str(path) for path in wanted if not (wheel.package / path).exists())
    kernels = {path.relative_to(SOURCE) for path in SOURCE.rglob("*.so")}
    assert len(kernels) == 2
    assert all((wheel.package / path).exists() for path in kernels)


def test_whatever_the_source_names_is_there(wheel: Wheel) -> None:
    named = sorted(set(_named()))
    assert {"dotted", "static", "template"} == {line.partition(" ")[0] for line in named}
    done = wheel.run("python", "-c", RESOLVE, given="\n".join(named))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def _named() -> Iterator[str]:
    """Modules and objects, templates and static files that code and templates name by a text."""
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        loggers = {id(one.args[0]) for one in ast.walk(tree) if isinstance(one, ast.Call) and _logs(one) and one.args}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if DOTTED.fullmatch(text) and id(node) not in loggers and text not in NO_MODULES:
                yield f"dotted {text}"
            if re.fullmatch(r"[\w/-]+\.html", text) and "migrations" not in path.parts:
                yield f"template {text}"
    for path in SOURCE.rglob("templates/**/*.html"):
        text = path.read_text()
        yield from (f"template {one}" for one in re.findall(r'{% (?:extends|include) "([\w/.-]+)(?:#\w+)?"', text))
        yield from (f"static {one}" for one in re.findall(r"""{% static ["']([\w/.-]+)["']""", text))


def _logs(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in ("getLogger", "get_logger")


@pytest.mark.parametrize("command", [("tutela", "--help"), ("tutela", "demo", "--help")], ids=" ".join)
def test_a_command_explains_itself(wheel: Wheel, command: tuple[str, ...]) -> None:
    done = wheel.run(*command)
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout


def test_a_picture_is_hashed(wheel: Wheel) -> None:
    done = wheel.run("tutela", "hash", str(PHOTO))
    assert done.returncode == 0, done.stderr
    assert '"pdq"' in done.stdout


def test_django_finds_nothing_wrong_in_an_empty_folder(wheel: Wheel) -> None:
    done = wheel.run("python", "-m", "django", "check")
    assert done.returncode == 0, done.stderr
    assert list(wheel.folder.iterdir()) in ([], [wheel.folder / "data"])


def test_every_offline_command_starts_from_the_small_install(small: Wheel) -> None:
    listed = small.run("python", "-c", COMMANDS)
    assert listed.returncode == 0, listed.stderr
    commands = [line.split() for line in listed.stdout.splitlines()]
    assert {"scan", "hash", "match", "lookup", "unseal", "index", "edge", "triage", "verify", "witness", "policy"} <= {
        one[0] for one in commands
    }
    assert "serve" not in {one[0] for one in commands}
    # One process for all of them: what each imports as it starts is imported by then.
    helps = small.run("python", "-c", HELPS, given=listed.stdout)
    assert (helps.returncode, helps.stdout) == (0, ""), helps.stdout + helps.stderr


def test_small_install_scans_matches_triages_and_reports(small: Wheel) -> None:
    """What a provider, an analyst and an authority do on a machine without a node, on a picture that is here."""
    photo = small.folder / "aqua.jpg"
    photo.write_bytes(PHOTO.read_bytes())
    hashed = small.run("tutela", "hash", "aqua.jpg")
    assert hashed.returncode == 0, hashed.stderr
    (small.folder / "list.jsonl").write_text(hashed.stdout)
    sha256 = json.loads(hashed.stdout)["digests"]["sha256"]
    (small.folder / "device").mkdir()
    (small.folder / "device" / "one.jpg").write_bytes(PHOTO.read_bytes())
    authorisation(small.folder / "authorisation.json", small.folder / "device")
    start = ["triage", "start", "case", "--authorisation", "authorisation.json", "--writable-source"]
    for command, code in (
        (["--version"], 0),
        (["version"], 0),
        (["index", "build", "list.jsonl", "--output", "list.tutela"], 0),
        (["index", "info", "list.tutela"], 0),
        (["scan", "aqua.jpg", "--list", "list.jsonl"], 1),
        (["match", sha256, "--list", "list.jsonl"], 1),
        (["report", "new", "aqua.jpg", "--provider", "A", "--contact", "a@b.example", "--output", "report.json"], 0),
        (["report", "check", "report.json"], 0),
        (["policy", "key", "policy.key"], 0),
        (["witness", "init", "witness", "--name", "witness.example/w1"], 0),
        (["witness", "status", "witness"], 0),
        (["unseal", "--new-key", "age.key"], 0),
        (["vantage", "init", "vantage"], 0),
        (["examine", "init", "machine"], 0),
        ([*start, "--known", "list.jsonl"], 0),
        (["triage", "run", "case"], 1),
        (["triage", "status", "case"], 0),
        (["verify"], 2),
        (["edge", "status"], 5),
        (["serve"], 2),
    ):
        done = small.run("tutela", *command)
        assert done.returncode == code, (command, done.returncode, done.stdout[-800:], done.stderr[-800:])
        assert "failed with" not in done.stderr, (command, done.stderr)
    assert "install tutela[node]" in done.stderr


def test_django_of_another_program_adds_no_command_and_stops_none(built: Path, tmp_path: Path) -> None:
    beside = environment(tmp_path, str(built), "django")
    assert beside.run("tutela", "hash", str(PHOTO)).returncode == 0
    refused = beside.run("tutela", "serve")
    assert refused.returncode == 2
    assert "install tutela[node]" in refused.stderr
    assert beside.run("tutela", "verify").returncode == 2


@pytest.mark.parametrize("extra", ["video", "pdf", "second-pass", "pkcs11", "forensics", "cluster"])
def test_each_extra_works_alone(built: Path, tmp_path: Path, extra: str) -> None:
    alone = environment(tmp_path, f"tutela[{extra}] @ {built.as_uri()}")
    assert "Usage" in alone.run("tutela", "--help").stdout
    done = alone.run("tutela", "hash", str(PHOTO))
    assert done.returncode == 0, done.stderr


def test_packages_of_the_node_are_those_of_its_extra() -> None:
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["node"]
    assert sorted(re.split(r"[\[>]", one)[0] for one in extra) == sorted(extras.NODE)
    assert extras.missing_for_node() == []
