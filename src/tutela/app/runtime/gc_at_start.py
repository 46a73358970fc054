"""A process's start: the collector of garbage stays away while modules are loaded.

What they make stays, and looking at it again and again took a fifth of every start. Once all is there it is set aside:
later collections pass over it.
"""

from __future__ import annotations

import gc

# So many more objects than before are looked through at a time; a page makes thousands that end with it.
OFTEN = 20_000


def begin() -> None:
    """Before the first of many modules."""
    gc.disable()


def loaded() -> None:
    """After the last of them; what is garbage by now, a megabyte, stays."""
    gc.freeze()
    gc.set_threshold(OFTEN)
    gc.enable()
