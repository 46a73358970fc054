"""Disable the garbage collector while a process loads its modules.

The objects created by modules stay, and scanning them repeatedly took a fifth of every start. Once everything is
loaded, these objects are frozen: later collections skip them.
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
