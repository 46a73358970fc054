"""A worker that is told to end while it starts ends, whatever handlers its parent had."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

STARTS = """
import os, signal
signal.signal(signal.{name}, lambda *_: None)
from tutela.edge.runtime.parent_watch import end_while_starting
end_while_starting()
os.kill(os.getpid(), signal.{name})
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_worker_that_starts_ends_at_once(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", STARTS.format(name=name)], check=False, timeout=60)
    assert done.returncode == -getattr(signal, name)
