"""Hand bytes to a worker without sending them: a descriptor of sealed memory. No disk is touched."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

# Nothing can be written, and the size stays what it is.
_SEALS = getattr(fcntl, "F_SEAL_SEAL", 0) | getattr(fcntl, "F_SEAL_SHRINK", 0)
_SEALS |= getattr(fcntl, "F_SEAL_GROW", 0) | getattr(fcntl, "F_SEAL_WRITE", 0)


@contextmanager
def handed(data: bytes) -> Iterator[int | None]:
    """A descriptor of sealed memory with these bytes; None where the system has none, and the bytes must be sent."""
    if not hasattr(os, "memfd_create"):
        yield None
        return
    descriptor = os.memfd_create("handed", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)
