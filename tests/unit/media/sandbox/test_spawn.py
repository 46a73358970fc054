"""How a worker is started: in a process group of its own, so that a signal for the caller's group does not reach it."""

from __future__ import annotations

import os

import pytest

from tutela.media.limits import Limits
from tutela.media.sandbox import spawn


@pytest.mark.parametrize("bubblewrap", [False, True])
def test_a_signal_for_the_callers_group_ends_no_picture_half_way(bubblewrap: bool) -> None:
    if bubblewrap and spawn.find_bubblewrap() is None:
        pytest.skip("bubblewrap is not installed")
    worker = spawn.start(Limits(), bubblewrap, "tenant")
    try:
        assert os.getpgid(worker.process.pid) not in (os.getpgrp(), 0)
    finally:
        worker.stop()
