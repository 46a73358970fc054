from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tutela.app.runtime import node

_HOLDER = """
import sys
from tutela.app.runtime import node
node.require_alone()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_data_folder_has_one_demonstration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTELA_DATA", str(tmp_path))
    command = [sys.executable, "-c", _HOLDER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(node.FolderInUse, match="TUTELA_DATA=other"):
            node.require_alone()
        other.communicate()
    node.require_alone()
