"""Documents that lead somewhere: links resolve, commands exist, nothing names one person's machine."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from tests.support.tree import ROOT, place, texts, tracked

DOCUMENTS = [path for path in tracked() if path.suffix == ".md"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"```[^\n`]*\n(.*?)```", re.DOTALL)
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
COMMAND = re.compile(r"\btutela ((?:[a-z]+)(?: [a-z]+(?:-[a-z]+)*)?)")
# Folders of one machine, and the package servers of one house.
ADDRESSES = re.compile(
    r"(?<![\w/.])/(?:home|Users|work|root|mnt)/[\w.-]+|--(?:extra-)?index-url|"
    r"https?://(?:pypi\.|files\.pythonhosted|registry\.|[\w.-]*(?:artifactory|nexus|mirror)[\w.-]*)",
    re.IGNORECASE,
)
# Names the option that keeps addresses out, and this file's own patterns.
ABOUT_ADDRESSES = {"scripts/lock.sh", "tests/unit/house/test_documents.py"}
PAGES = (
    "README.md",
    "ARCHITECTURE.md",
    "STYLE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "LICENSE",
    "docs/glossary.md",
    "docs/threat-model.md",
    "docs/deviations.md",
    "docs/settings.md",
    "docs/howto/real-server.md",
    "docs/howto/edge.md",
    "docs/howto/backup.md",
    "docs/howto/law.md",
    "docs/howto/join-a-centre.md",
    "docs/howto/hma.md",
    "docs/howto/uploads.md",
    "docs/howto/cybertipline.md",
)


@pytest.mark.parametrize("name", PAGES)
def test_document_exists(name: str) -> None:
    assert (ROOT / name).stat().st_size > 200


def test_links_between_files_resolve() -> None:
    broken = []
    for path in DOCUMENTS:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = [target for target in LINK.findall(line) if _leads_nowhere(path, target)]
            broken += [f"{place(path, number)} {target}" for target in found]
    assert not broken


def _leads_nowhere(path: Path, target: str) -> bool:
    if re.match(r"[a-z]+:", target):
        return False
    file, _, anchor = target.partition("#")
    there = (path.parent / file).resolve() if file else path
    return not there.exists() or bool(anchor and there.suffix == ".md" and anchor not in _anchors(there))


@cache
def _anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    unknown = {place(path): set(MAKE.findall("\n".join(_code(path)))) - targets for path in DOCUMENTS}
    assert not {name: found for name, found in unknown.items() if found}


def test_commands_that_are_named_exist() -> None:
    known, unknown = _commands(), []
    for path in DOCUMENTS:
        for first, *rest in {tuple(found.split()) for code in _code(path) for found in COMMAND.findall(code)}:
            if first not in known or (rest and known[first] and rest[0] not in known[first]):
                unknown.append(f"{place(path)}: tutela {first} {' '.join(rest)}")
    assert not unknown


def _code(path: Path) -> list[str]:
    text = path.read_text()
    return [*BLOCK.findall(text), *re.findall(r"`([^`\n]+)`", text)]


@cache
def _commands() -> dict[str, set[str]]:
    """Every command with its subcommands, as the installed program would offer them."""
    code = (
        "import typer.main; from tutela.app import cli; tutela = typer.main.get_command(cli.app)\n"
        "for name in tutela.list_commands(None):\n"
        "    print(name, *getattr(tutela.get_command(None, name), 'commands', ()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name: set(rest) for name, *rest in (line.split() for line in done.stdout.splitlines())}


def test_no_text_names_a_machine_or_a_package_server() -> None:
    found = [
        f"{place(path, number)} {hit[0]}"
        for path, text in texts()
        if path.relative_to(ROOT).as_posix() not in ABOUT_ADDRESSES
        for number, line in enumerate(text.splitlines(), 1)
        for hit in ADDRESSES.finditer(line)
    ]
    assert not found
