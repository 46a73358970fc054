"""Memory used by callers' requests, counted in bytes over all processes of an Edge.

Every process has a slot in one small file that all of them map. Only the process itself writes the slot, and all read
it: the total that it holds, and each caller's share. A slot is locked by its owner, and the system releases the lock
when the owner dies. The dead owner's bytes count until another process needs the room, and are then deleted. No process
waits for another.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import weakref
from pathlib import Path

import numpy as np

# Processes at once, those that take over from others included.
PLACES = 1024
# Callers that are told apart; of more than these some are counted together.
CALLERS = 64
# A row for all together, and one for each of them: what is summed lies side by side.
_ROWS = 1 + CALLERS


class Room:
    """The part of one process, used from its event loop alone. `most` bytes are there for all together."""

    def __init__(self, most: int, path: Path | None = None) -> None:
        """`path` is the file of all processes; without, this process is alone. Raises OSError if no place is left."""
        self.most, self._file, self._mine = most, -1, 0
        self._all = np.zeros((_ROWS, 1), np.int64)
        if path is not None:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, self._file)
            size = PLACES * _ROWS * 8
            os.ftruncate(self._file, size)
            self._all = np.frombuffer(mmap.mmap(self._file, size), np.int64).reshape(_ROWS, PLACES)
            self._mine = self._settled()
            self._all[:, self._mine] = 0

    @property
    def held(self) -> int:
        """Bytes that all processes hold now."""
        return int(self._all[0].sum())

    def held_by(self, caller: int) -> int:
        """Bytes that all processes hold now for a caller."""
        return int(self._all[_row(caller)].sum())

    def take(self, size: int, caller: int) -> bool:
        """Whether so many bytes more found room; if so they count from now on. A negative size gives room back."""
        return self._taken(size, caller) or (self.strike_out_the_dead() and self._taken(size, caller))

    def _taken(self, size: int, caller: int) -> bool:
        # Counted first and looked at then: of two processes at the same moment none passes the bound unseen.
        self._count(size, caller)
        if size <= 0 or self.held <= self.most:
            return True
        self._count(-size, caller)
        return False

    def _count(self, size: int, caller: int) -> None:
        self._all[0, self._mine] += size
        self._all[_row(caller), self._mine] += size

    def _settled(self) -> int:
        for place in range(PLACES):
            if self._locked(place):
                return place
        raise OSError("Too many processes share one counter file.")

    def strike_out_the_dead(self) -> bool:
        """Whether anything came free."""
        before = self.held
        for place in map(int, np.flatnonzero(self._all[0]) if self._file >= 0 else ()):
            if place != self._mine and self._locked(place):
                self._all[:, place] = 0
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)
        return self.held < before

    def _locked(self, place: int) -> bool:
        """Try to lock the place: True if it was free and is now ours."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            return False
        return True


def _row(caller: int) -> int:
    return 1 + caller % CALLERS
