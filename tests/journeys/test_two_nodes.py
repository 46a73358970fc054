"""The whole of takedown over two nodes and a host, in browsers: from an anonymous report to a verified absence.

Nodes, name server, mail server, host and browsers are in a network namespace of their own: the host has a public
address there, and nothing can leave.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.browser import CHROMIUM

SCRIPT = Path(__file__).with_name("two_nodes.py")


@pytest.mark.slow
def test_a_report_goes_over_two_nodes_to_a_verified_absence() -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    unshare = shutil.which("unshare")
    namespaces = [unshare or "", "--net", "--mount"]
    if unshare is None or subprocess.run([*namespaces, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespace may be made here")
    done = subprocess.run(
        [*namespaces, sys.executable, "-m", "tests.journeys.two_nodes"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd=SCRIPT.parents[2],
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    assert done.stdout.strip().endswith("verified absent at both hotlines")
