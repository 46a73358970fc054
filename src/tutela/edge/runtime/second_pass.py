"""A second look at pictures that matched nothing: as they may have been before somebody changed them.

The caller has its answer by then. What is found is a candidate for the desk, as if the first pass had found it, and
never an answer. Pictures wait in memory and nowhere else, so a restart or a full queue ends their second look; both
are counted. Its decoders are a cage of their own, started with the first picture, and give way to those of callers.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog

from tutela.edge.errors import NoTrustedListError
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.spool.candidates import NamedItem
from tutela.media import FrameHash, Hashed, Level, Limits
from tutela.scan.hasher import Hasher

# What may wait in one process. A picture that finds no room is not looked at again.
MOST_PICTURES, MOST_BYTES = 1_000, 128 << 20
# For one picture at the least: its decoder gives way to all others.
SECONDS = 60.0
# To the decoders a tenant of its own for each caller, apart from what that sends now.
_AGAIN = "again-"
_log = structlog.get_logger("tutela.edge")


class Settle(Protocol):
    """Match frames of an item and accept the candidate. Returns whether one was found. Raises `NoTrustedListError`."""

    def __call__(self, result: Hashed, named: NamedItem, at: datetime, frames: tuple[FrameHash, ...]) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    data: bytes
    result: Hashed
    named: NamedItem
    tenant: str
    at: datetime


class SecondPass:
    """One thread that looks at what waits, one after the other. Safe to share between threads."""

    def __init__(self, metrics: Metrics, start: Callable[[], Hasher]) -> None:
        """`start` gives the decoders, with the limits of `limits_of`; it is called once, with the first picture."""
        self._metrics, self._start = metrics, start
        self._waiting = deque[_Waiting]()
        self._bytes = 0
        self._changed = threading.Condition()
        self._ended = False
        self._thread: threading.Thread | None = None

    def begin(self, settle: Settle) -> None:
        """Start to look at what waits."""
        self._thread = threading.Thread(target=self._work, args=(settle,), daemon=True, name="second-pass")
        self._thread.start()

    def close(self) -> None:
        """Leave what waits, and end after the picture in work."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def offer(self, data: bytes, result: Hashed, named: NamedItem, tenant: str, at: datetime) -> bool:
        """Return true if the picture will be looked at again; false for a video, or if there is no room."""
        if result.video is not None:
            return False
        with self._changed:
            full = len(self._waiting) >= MOST_PICTURES or self._bytes + len(data) > MOST_BYTES
            if full or self._ended:
                self._metrics.second_looks.labels("no_room").inc()
                return False
            self._waiting.append(_Waiting(data, result, named, tenant, at))
            self._bytes += len(data)
            self._changed.notify_all()
        return True

    def _work(self, settle: Settle) -> None:
        hasher: Hasher | None = None
        while (one := self._next()) is not None:
            try:
                hasher = hasher or self._start()
                outcome = self._look(hasher, one, settle)
            except NoTrustedListError:
                outcome = "no_list"
            except Exception as error:  # noqa: BLE001 - whatever one picture does, the next is looked at
                # The class name alone: the text may contain the item's name.
                _log.warning("second pass failed", reason=type(error).__name__)
                outcome = "failed"
            self._metrics.second_looks.labels(outcome).inc()

    def _next(self) -> _Waiting | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if self._ended:
                return None
            one = self._waiting.popleft()
            self._bytes -= len(one.data)
            return one

    def _look(self, hasher: Hasher, one: _Waiting, settle: Settle) -> str:
        again = hasher.hash_bytes(one.data, tenant=_AGAIN + one.tenant)
        if not isinstance(again, Hashed):
            return "failed"
        frames = tuple(frame for frame in map(restored_alone, again.frames) if frame.windows)
        found = bool(frames) and settle(one.result, one.named, one.at, frames)
        return "matched" if found else "nothing"


def restored_alone(frame: FrameHash) -> FrameHash:
    """A frame with the windows of a second look alone: by all else it was looked up before."""
    return replace(frame, quality=0, windows=tuple(one for one in frame.windows if one.restored))


def limits_of(limits: Limits) -> Limits:
    """Limits of the decoders of a second look, for an Edge with these."""
    return replace(limits, windows=Level.SECOND, seconds=max(limits.seconds, SECONDS))
