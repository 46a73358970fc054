"""The second pass: pictures without a sure match are looked up as they may have been before somebody changed them.

The caller has its answer by then. What is found is a candidate for the desk, as if the first pass had found it, and
never an answer. Pictures wait in memory and nowhere else, so a restart ends their second pass. It has a decoder of its
own, which starts with the first picture and gives way to those of callers.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from tutela import clock
from tutela.edge.errors import NoTrustedListError
from tutela.edge.runtime.hashers import Hashers
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.settings import HmaMode, Settings
from tutela.edge.spool.candidates import NamedItem
from tutela.media import Code, FrameHash, Hashed, Level, Limits, Refused, second_available
from tutela.scan.hasher import Hasher

# What may wait in all processes together.
MOST_PICTURES, MOST_BYTES = 1_000, 128 << 20
LONGEST_WAIT = timedelta(hours=1)
# Seconds for one picture, at least: the decoder runs at low priority.
SECONDS = 60.0
# Pictures of one tenant in a row, while others wait: a change of tenant starts a new decoder, which takes a second.
_IN_A_ROW = 50
# Seconds after a failure that is not the picture's, such as a full disk; and how often it may be a fault of our own.
_PAUSE, _TRIES = 10.0, 3
# Seconds in which a process that ends waits for the picture in work.
_GRACE = 5.0
# Prefix of a tenant, so that no second pass shares a decoder with a first one.
_AGAIN = "again-"
_log = structlog.get_logger("tutela.edge")


@dataclass(frozen=True, slots=True)
class WaitingPicture:
    """An upload whose caller has its answer. `found`: list and entry of what the first pass found.

    `settle` matches frames of it and accepts the candidate; it returns whether there is one, and raises
    `NoTrustedListError`.
    """

    data: bytes
    result: Hashed
    named: NamedItem
    tenant: str
    at: datetime
    found: frozenset[tuple[str, UUID]]
    settle: Callable[[WaitingPicture, tuple[FrameHash, ...]], bool]
    tries: int = 0


class _DecoderAway(Exception):
    """No decoder runs, which says nothing about the picture."""


class SecondPass:
    """One thread that takes one waiting picture after the other. Safe to share between threads."""

    def __init__(
        self,
        metrics: Metrics,
        decoder: Callable[[], AbstractContextManager[Hasher]],
        *,
        most_pictures: int = MOST_PICTURES,
        most_bytes: int = MOST_BYTES,
        share: float = 1.0,
    ) -> None:
        """`decoder` starts one with the limits of `limits_of`. `share`: of all places and bytes, for one tenant."""
        self._metrics, self._decoder = metrics, decoder
        self._most_pictures, self._most_bytes, self._share = most_pictures, most_bytes, share
        # The first tenant is the one whose turn it is.
        self._waiting: dict[str, deque[WaitingPicture]] = {}
        self._taken = 0
        self._changed = threading.Condition()
        self._ended = False
        self._thread: threading.Thread | None = None

    def offer(self, one: WaitingPicture) -> bool:
        """Return true if the picture now waits; false for a video, or if there is no room."""
        if one.result.video is not None:
            return False
        with self._changed:
            if self._ended or not self._has_room(one):
                self._metrics.second_pass.labels("no_room").inc()
                return False
            self._waiting.setdefault(one.tenant, deque()).append(one)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True, name="second-pass")
                self._thread.start()
            self._changed.notify_all()
        return True

    def close(self) -> None:
        """Leave what waits, and end; a picture in work is waited for a few seconds."""
        with self._changed:
            self._ended = True
            self._metrics.second_pass.labels("left").inc(sum(map(len, self._waiting.values())))
            self._waiting.clear()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=_GRACE)

    def _has_room(self, one: WaitingPicture) -> bool:
        mine = self._waiting.get(one.tenant, ())
        every = [other for queue in self._waiting.values() for other in queue]
        return all(
            len(some) < share * self._most_pictures
            and sum(len(other.data) for other in some) + len(one.data) <= share * self._most_bytes
            for some, share in ((mine, self._share), (every, 1.0))
        )

    def _work(self) -> None:
        with ExitStack() as stack:
            hasher: Hasher | None = None
            while (one := self._next()) is not None:
                try:
                    hasher = hasher or self._started(stack)
                    outcome = self._look_up(hasher, one)
                except (NoTrustedListError, _DecoderAway) as error:
                    self._later(one, error)
                    continue
                except Exception as error:  # noqa: BLE001 - whatever one picture does, the next has its turn
                    if one.tries + 1 < _TRIES:
                        self._later(replace(one, tries=one.tries + 1), error)
                        continue
                    _log.warning("second pass failed", reason=type(error).__name__)
                    outcome = "failed"
                self._metrics.second_pass.labels(outcome).inc()

    def _started(self, stack: ExitStack) -> Hasher:
        try:
            return stack.enter_context(self._decoder())
        except RuntimeError as error:
            raise _DecoderAway(str(error)) from error

    def _next(self) -> WaitingPicture | None:
        """The next picture, of the same tenant for a while; None at the end. What has waited too long is left."""
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                if self._ended:
                    return None
                tenant, queue = next(iter(self._waiting.items()))
                one = queue.popleft()
                self._taken += 1
                if not queue:
                    del self._waiting[tenant]
                    self._taken = 0
                elif self._taken >= _IN_A_ROW:
                    self._waiting[tenant] = self._waiting.pop(tenant)
                    self._taken = 0
                if clock.now() - one.at <= LONGEST_WAIT:
                    return one
                self._metrics.second_pass.labels("late").inc()

    def _later(self, one: WaitingPicture, error: Exception) -> None:
        """Put a picture back and wait a little. The log gets the class alone: a text may contain the item's name."""
        _log.warning("second pass pauses", reason=type(error).__name__)
        with self._changed:
            if self._ended:
                self._metrics.second_pass.labels("left").inc()
                return
            self._waiting.setdefault(one.tenant, deque()).appendleft(one)
            self._changed.wait_for(lambda: self._ended, timeout=_PAUSE)

    def _look_up(self, hasher: Hasher, one: WaitingPicture) -> str:
        again = hasher.hash_bytes(one.data, tenant=_AGAIN + one.tenant)
        if isinstance(again, Refused):
            if again.code is Code.UNAVAILABLE:
                raise _DecoderAway(again.message)
            return "not_decoded"
        frames = tuple(frame for frame in map(FrameHash.restored_alone, again.frames) if frame.windows)
        return "matched" if frames and one.settle(one, frames) else "nothing"


def state_of_second_pass(settings: Settings) -> str:
    """`on`, `off`, or `not installed`."""
    if not settings.second_pass:
        return "off"
    return "on" if second_available() else "not installed"


def limits_of(limits: Limits) -> Limits:
    """Limits of the second pass's decoder, for an Edge with these."""
    return replace(limits, windows=Level.SECOND, seconds=max(limits.seconds, SECONDS))


def open_second_pass(settings: Settings, metrics: Metrics, stack: ExitStack) -> SecondPass | None:
    """The second pass of a process, closed with the stack; None if it is off.

    None also if its decoder is not installed, which is logged.
    """
    state = state_of_second_pass(settings)
    if state == "not installed":
        _log.warning("no second pass: install tutela[second-pass], or set TUTELA_EDGE_SECOND_PASS=0")
    if state != "on":
        return None
    limits = limits_of(settings.media_limits())
    # The coordinator has one as well, for what is scanned later.
    processes = settings.process_count() + 1
    # As of memory: where there are several callers, or strangers, none of them holds more than half.
    several = len(settings.tokens) > 1 or settings.hma is HmaMode.OPEN
    made = SecondPass(
        metrics,
        lambda: Hashers(1, limits, settings.sandbox),
        most_pictures=MOST_PICTURES // processes,
        most_bytes=MOST_BYTES // processes,
        share=0.5 if several else 1.0,
    )
    stack.callback(made.close)
    return made
