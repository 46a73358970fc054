"""The commands of docs/howto/triage.md, each run as it stands on the page."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.drills import ROOT
from tests.support.triage_world import ext4_image, seized_device
from tutela.media import HasherPool

PAGE = (ROOT / "docs" / "howto" / "triage.md").read_text()
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
# A viewer waits for a person: `tests/unit/forensics/viewer` is that person.
WITHOUT_PERSON = [line for line in COMMANDS if line.startswith("tutela ") and " view " not in line]
# A run that found known items ends with 1.
ENDS = {"tutela triage run case --quick 300": 1}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("desk")
    with HasherPool(workers=1) as pool:
        device = seized_device(pool, exact=2, near=1, unknown=1)
    ext4_image(root / "phone.img", device.write(root / "source"))
    names = {"known": "known.json", "ignorable": "NSRLFile.txt"}
    for role, path in device.write_lists(root).items():
        if role in names:
            path.rename(root / names[role])
    (root / "authorisation.json").write_text(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    (root / "graded.csv").write_text(f"sha256,value,authenticity\n{'0' * 64},be:1,real\n")
    return root


def test_every_command_of_the_page_runs(desk: Path) -> None:
    for line in WITHOUT_PERSON:
        given = [sys.executable, "-m", "tutela.app.cli", *shlex.split(line)[1:]]
        done = subprocess.run(given, cwd=desk, env=os.environ | {"COLUMNS": "200"}, capture_output=True, text=True)
        assert done.returncode == ENDS.get(line, 0), f"{line}\n{done.stdout}{done.stderr}"
    for name in ("summary.html", "items.csv", "items.jsonl", "case-vics.json", "case.jsonld"):
        assert (desk / name).stat().st_size > 100


def test_the_page_has_commands() -> None:
    assert len(WITHOUT_PERSON) >= 10
