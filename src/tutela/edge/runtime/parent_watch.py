"""End workers with their parent: a worker without its parent would keep holding the port."""

from __future__ import annotations

import ctypes
import signal

# prctl's number for "send me this signal when my parent dies"; Linux alone has it.
_PARENT_DEATH_SIGNAL = 1


def end_with_parent() -> None:
    """Ask the kernel to end this process when the one that started it has ended."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def end_while_starting() -> None:
    """End at once on a signal, until the server has handlers of its own: nothing is being answered yet.

    A forked worker inherits its parent's handlers, which only remember the signal, in the wrong process. The parent
    would wait for the worker until it is killed.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
