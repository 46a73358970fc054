"""Everything works from an installed wheel: built by the project's own build, alone in a fresh environment."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.tree import ROOT, SOURCE, tracked

PHOTO = ROOT / "tests" / "fixtures" / "photos" / "aqua.jpg"
# Compiled once; a later run builds only what changed.
BUILD = "import scikit_build_core.build as build; build.build_wheel({folder!r}, {{'build-dir': 'build/wheel'}})"
DOTTED = re.compile(r"tutela(?:\.\w+)+")
# Names of a receiver and of a message's type, which nobody imports; those of loggers are found by themselves.
NO_MODULES = {
    "tutela.second_factor.failed",
    "tutela.alerts",
    "tutela.anonymous.reader",
    "tutela.anonymous.ticket",
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
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    """Built, and installed without a network beside the packages that are here already; our own source is not seen."""
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
    (built,) = folder.glob("tutela-*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    (site,) = (folder / "venv" / "lib").glob("python3*/site-packages")
    (site / "packages.pth").write_text(sysconfig.get_path("purelib"))
    uv = Path(sys.executable).with_name("uv")
    subprocess.run(
        [str(uv), "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(python), str(built)],
        check=True,
    )
    (folder / "empty").mkdir()
    return Wheel(python, site / "tutela", folder / "empty")


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
