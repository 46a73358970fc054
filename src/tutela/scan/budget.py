"""Budget of a container: bytes after unpacking and seconds of work, for everything in it, however deep.

Unpacking counts with its processor time, hashing with the time that a worker is busy. The seconds grow with the
container's size, so that any number of real pictures fits, and a small file never costs more than minutes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, thread_time


class Budget:
    """Work done for one outermost container. Safe to share between threads."""

    def __init__(self, most_bytes: int, most_seconds: float) -> None:
        self._most_bytes, self._most_seconds = most_bytes, most_seconds
        self._lock = threading.Lock()
        self.bytes, self.seconds = 0, 0.0

    @property
    def refusal(self) -> tuple[str, str] | None:
        """(code, reason) why nothing more of the container is examined; None while something is left."""
        if self.bytes > self._most_bytes:
            return "too_large", f"more than {self._most_bytes} bytes in all"
        if self.seconds > self._most_seconds:
            return "budget", f"more than {self._most_seconds:.0f} seconds of work in all; the rest is not examined"
        return None

    def unpacking[T](self, members: Iterator[T]) -> Iterator[T]:
        """Yield the members, and count the processor time that each takes to be produced."""
        while True:
            began = thread_time()
            try:
                one = next(members)
            except StopIteration:
                return
            finally:
                self._spend(thread_time() - began)
            yield one

    @contextmanager
    def hashing(self) -> Iterator[None]:
        """Count the time until an item is hashed."""
        began = monotonic()
        try:
            yield
        finally:
            self._spend(monotonic() - began)

    def _spend(self, seconds: float) -> None:
        with self._lock:
            self.seconds += seconds
