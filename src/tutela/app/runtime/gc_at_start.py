"""Disable the garbage collector while a process loads its modules.

The objects created by modules stay, and scanning them repeatedly took a fifth of every start. Once everything is
loaded, these objects are frozen: later collections skip them.
"""

from __future__ import annotations

import gc

# Collect after so many new objects. A page makes thousands, and they end with it.
COLLECTION_THRESHOLD = 20_000


def begin() -> None:
    """Stop collecting. Call before the modules are loaded."""
    gc.disable()


def loaded() -> None:
    """Exclude all present objects from collection, and collect again. Call after the modules are loaded."""
    gc.freeze()
    gc.set_threshold(COLLECTION_THRESHOLD)
    gc.enable()
