"""The hook that fails a run for a skip nobody allowed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.tree import ROOT

ONE = "import pytest\n\n\ndef test_one() -> None:\n    pytest.skip({reason!r})\n"


@pytest.mark.parametrize(
    ("reason", "ci", "code"),
    [
        ("no bubblewrap here", "true", 0),
        ("no Chromium here", "true", 1),
        ("could not import 'ncmec_cybertip': No module named 'ncmec_cybertip'", "true", 1),
        ("felt like it", "true", 1),
        ("felt like it", "", 0),
    ],
)
def test_skip_fails_the_run_only_where_it_is_not_allowed(tmp_path: Path, reason: str, ci: str, code: int) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "allowed_skips.txt").write_text((ROOT / "tests" / "allowed_skips.txt").read_text())
    (tmp_path / "test_one.py").write_text(ONE.format(reason=reason))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), "-c", "/dev/null", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "COSTS"} | {"CI": ci},
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert ("SKIP NOT ALLOWED" in done.stdout) == bool(code)
