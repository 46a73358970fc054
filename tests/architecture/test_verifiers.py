"""What an outsider has to read is what the how-to says: the files, how long each is, and what each needs of ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TABLE = re.compile(r"^\| (`(?:tlog|exchange)/[^|]+) \| (\d+) \|", re.M)
NEEDS = re.compile(r"^from tutela\.((?:tlog|exchange)[\w.]*) import ([\w, ]+)", re.M)
# The commands import some of it where it is used.
ANYWHERE = re.compile(r"^ *from tutela\.((?:tlog|exchange)[\w.]*) import ([\w, ]+)", re.M)
# What the files of certifications need beside those in the table: names of fields, moments and errors.
BESIDE = {
    "exchange/message/field_types.py",
    "exchange/message/timestamps.py",
    "exchange/message/translatable_text.py",
    "exchange/errors.py",
}


def _listed() -> dict[tuple[str, ...], int]:
    text = (ROOT / "docs" / "howto" / "verify-the-register.md").read_text(encoding="utf-8")
    rows = dict[tuple[str, ...], int]()
    for names, lines in TABLE.findall(text):
        found = re.findall(r"`([^`]+)`", names)
        folder = found[0].split("/")[0]
        rows[tuple(one if "/" in one else f"{folder}/{one}" for one in found)] = int(lines)
    return rows


def test_the_how_to_counts_the_lines_of_what_checks() -> None:
    rows = _listed()
    assert len(rows) >= 10
    for names, lines in rows.items():
        count = sum(len((ROOT / "src" / "tutela" / one).read_text(encoding="utf-8").splitlines()) for one in names)
        assert abs(count - lines) <= 15, f"{names}: {count} lines, said are {lines}"


def _imported(found: list[tuple[str, str]]) -> set[str]:
    """The files behind `from tutela.a.b import c`: `a/b.py`, or `a/b/c.py` where `a.b` is a package."""
    files = set[str]()
    for dotted, names in found:
        path = dotted.replace(".", "/")
        package = (ROOT / "src" / "tutela" / path).is_dir()
        files |= {f"{path}/{one.strip()}.py" for one in names.split(",")} if package else {f"{path}.py"}
    return files


@pytest.mark.parametrize("folder", ["tlog", "exchange"])
def test_a_verifier_needs_nothing_that_is_not_listed(folder: str) -> None:
    listed = {one for names in _listed() for one in names}
    for name in sorted(one for one in listed if one.startswith(folder)):
        text = (ROOT / "src" / "tutela" / name).read_text(encoding="utf-8")
        needed = _imported(NEEDS.findall(text))
        assert needed <= listed | BESIDE, f"{name} needs {needed - listed - BESIDE}"


@pytest.mark.parametrize("command", ["verify.py", "verify_approval.py"])
def test_whatever_the_command_checks_with_is_listed(command: str) -> None:
    text = (ROOT / "src" / "tutela" / "app" / "cli" / "offline" / command).read_text(encoding="utf-8")
    listed = {one for names in _listed() for one in names}
    used = _imported(ANYWHERE.findall(text))
    assert used
    assert used <= listed | BESIDE, used - listed - BESIDE
    assert "hashlib" not in text, "what is compared is compared in a listed file"
