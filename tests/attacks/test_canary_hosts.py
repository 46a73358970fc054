"""Addresses that strangers report never lead inside: in a network namespace with canary hosts, not one packet leaves.

Every canary address lies on the namespace's only interface, so each packet of a connection is counted by the kernel.
The last round allows the networks: then packets are counted, which shows that the count works.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("canary_hosts.py")


def test_no_packet_reaches_a_host_inside() -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespace may be made here")
    done = subprocess.run(
        [unshare, "-n", sys.executable, str(SCRIPT)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=SCRIPT.parents[2],
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout)
    assert said["asked"] > 100
    assert said["refused"] == said["asked"], said["answers"]
    assert said["packets"] == 0
    assert said["packets_when_allowed"] > 0
