"""How every fuzz target runs by itself: seed after seed, for a while. A seed that fails is named."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


def run(one: Callable[[int], object], begin: int = 0) -> None:
    """Try seeds from `begin` on, for as many seconds as the command line says, or for a minute."""
    end, seed = time.monotonic() + float(sys.argv[1] if len(sys.argv) > 1 else 60), begin
    while time.monotonic() < end:
        try:
            one(seed)
        except BaseException:
            sys.stderr.write(f"seed {seed}\n")
            raise
        seed += 1
    sys.stdout.write(f"{seed - begin} inputs\n")
