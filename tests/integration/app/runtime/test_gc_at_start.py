"""Where the collector of garbage stays away while modules are loaded, it comes back."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from tests.support import database
from tutela.app.runtime import gc_at_start

SAYS = "import gc; print(gc.isenabled(), gc.get_freeze_count() > 50_000, gc.get_threshold()[0])"


@pytest.mark.parametrize("start", ["import django; django.setup()", "import tutela.app.runtime.wsgi"])
def test_the_collector_works_once_all_is_loaded(start: str) -> None:
    database.start()
    done = subprocess.run([sys.executable, "-c", f"{start}; {SAYS}"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", str(gc_at_start.COLLECTION_THRESHOLD)]


def test_it_is_away_meanwhile() -> None:
    try:
        gc_at_start.begin()
        assert not gc.isenabled()
    finally:
        gc.enable()
