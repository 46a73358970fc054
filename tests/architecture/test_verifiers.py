"""What an outsider has to read is what the how-to says: the files, how long each is, and what each needs of ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TABLE = re.compile(r"^\| (`(?:tlog|exchange)/[^|]+) \| (\d+) \|", re.M)
NEEDS = re.compile(r"^from tutela\.(tlog|exchange)(?:\.(\w+))? import ([\w, ]+)", re.M)
# The commands import some of it where it is used.
ANYWHERE = re.compile(r"^ *from tutela\.(tlog|exchange)(?:\.(\w+))? import ([\w, ]+)", re.M)
# What the files of certifications need beside those in the table: names of fields, moments and errors.
BESIDE = {"exchange/report/fields.py", "exchange/message/timestamps.py", "exchange/errors.py"}


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


@pytest.mark.parametrize("folder", ["tlog", "exchange"])
def test_a_verifier_needs_nothing_that_is_not_listed(folder: str) -> None:
    listed = {one for names in _listed() for one in names}
    for name in sorted(one for one in listed if one.startswith(folder)):
        text = (ROOT / "src" / "tutela" / name).read_text(encoding="utf-8")
        for package, module, names in NEEDS.findall(text):
            parts = [module] if module else [one.strip() for one in names.split(",")]
            needed = {f"{package}/{one}.py" for one in parts}
            assert needed <= listed | BESIDE, f"{name} needs {needed - listed - BESIDE}"


@pytest.mark.parametrize("command", ["verify.py", "verify_acts.py"])
def test_whatever_the_command_checks_with_is_listed(command: str) -> None:
    text = (ROOT / "src" / "tutela" / "app" / "cli" / command).read_text(encoding="utf-8")
    listed = {one for names in _listed() for one in names}
    used = set[str]()
    for package, module, names in ANYWHERE.findall(text):
        used |= {f"{package}/{one}.py" for one in ([module] if module else [n.strip() for n in names.split(",")])}
    assert used
    assert used <= listed | BESIDE, used - listed - BESIDE
    assert "hashlib" not in text, "what is compared is compared in a listed file"
