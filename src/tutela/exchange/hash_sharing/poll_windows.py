"""Read a feed so that nothing is lost or counted twice after any failure. Pure.

1. A window `[start, end)` is read to its end before `start` moves: entries are not in the order of time.
2. The address of the next page belongs to its window alone and is used for twelve hours at most. After that, or where
   the server no longer knows it, the window is read again from its beginning, four times shorter.
3. No window ends later than five seconds ago: content that is being written now is read next time.
4. Windows become shorter where they hold very much and longer where they hold little; a second is the shortest.

A page's entries and the checkpoint must be stored in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qs

SAFETY = 5
ADDRESS_LASTS = 12 * 60 * 60
SHRINK, GROW = 4, 2
FEW, MANY = 2_000, 100_000
PREFIX = "/v2/entries?"


@dataclass(frozen=True)
class PollCheckpoint:
    """Seconds since 1970. Everything before `start` is read; `end` and `next` where a window is half read."""

    start: int = 0
    end: int = 0
    next: str = ""
    issued: int = 0
    length: int = 0
    read: int = 0


@dataclass(frozen=True)
class Ask:
    """A page to fetch: the next one of a window, or the first where `next` is empty."""

    start: int
    end: int
    next: str = ""


def ask(now: PollCheckpoint, clock: int) -> Ask | None:
    """Next request to make; None if everything up to five seconds ago is read."""
    if now.next and clock - now.issued <= ADDRESS_LASTS:
        return Ask(now.start, now.end, now.next)
    end = clock - SAFETY
    if now.start >= end:
        return None
    length = now.length if not now.next else max(1, (now.end - now.start) // SHRINK)
    return Ask(now.start, min(end, now.start + length) if length else end)


def after(now: PollCheckpoint, asked: Ask, next_: str, count: int, clock: int) -> PollCheckpoint:
    """The checkpoint once a page's entries are stored."""
    read = (now.read if asked.next else 0) + count
    if next_:
        if not next_.startswith(PREFIX):
            raise ValueError(f"the address of the next page must begin with {PREFIX}")
        if not asked.next and asked.end - asked.start > 1 and estimated(next_, count) > MANY:
            # Far too much for twelve hours: what came is stored already, and is read again in a shorter window.
            return PollCheckpoint(asked.start, length=max(1, (asked.end - asked.start) // SHRINK))
        return PollCheckpoint(asked.start, asked.end, next_, clock, asked.end - asked.start, read)
    length = asked.end - asked.start
    return PollCheckpoint(asked.end, length=length * GROW if read < FEW else length)


def discarded(now: PollCheckpoint) -> PollCheckpoint:
    """Checkpoint after the server refused a page address: the window restarts, and is shorter."""
    return replace(now, end=0, next="", issued=0, read=0, length=max(1, (now.end - now.start) // SHRINK))


def estimated(next_: str, count: int) -> int:
    """Number of entries in the window by its paging address; without one, the received count."""
    said = parse_qs(next_.partition("?")[2])
    try:
        return int(said["max"][0]) - int(said["start"][0]) + 1 + count
    except (KeyError, ValueError):
        return count
