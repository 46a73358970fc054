"""Frames of a video to hash, and the packets that must be decoded for them.

A video is a row of packets in the order of decoding, each of one frame. Frames are numbered in display order. From one
key frame to the next, packets depend on one another. The last packets of such a group need not be decoded if their
frames are not requested. The same applies to any frame that no other frame refers to. Where packets state their
references, only the references of the requested frames are decoded.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from itertools import accumulate, pairwise
from statistics import median

# A stated rate is wrong if the frames are fewer than this share of it.
_FEWER = 0.9
# Frames are about as long if none is shown this many times as long as the middle one. Phones differ by less.
_EVEN = 3
# Seconds within which two times are one: those of one rate do not add up exactly.
TICK = 0.005


class Need(IntEnum):
    """Treatment of a packet: left out, decoded because others refer to it, or decoded and hashed.

    `SPARED` is left out too: a packet among decoded ones that do not need it.
    """

    NOT = 0
    AS_REFERENCE = 1
    HASHED = 2
    SPARED = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A packet: when its frame is shown (in ticks of its stream), and whether decoding can begin with it.

    `refers`: the packets that it refers to, by number, where that is known. `size`: its bytes.
    """

    pts: int
    key: bool
    refers: frozenset[int] | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class FramePlan:
    """`numbers` of the frames to hash, by when they are shown; `needs` of the packets, in the order of decoding.

    `last`: when the last frame is shown. `picked`: the frames looked at between two of them, by when they are shown.
    """

    numbers: dict[int, int]
    needs: list[Need]
    last: int
    picked: frozenset[int] = frozenset()


def every(interval: float, rate: float, total: int, most: int) -> int:
    """Return n to hash every n-th frame: as vPDQ counts, ⌊seconds · frames a second⌋ and at least 1.

    The number is larger if `total` frames would otherwise give more than `most`.
    """
    return max(1, int(interval * rate), -(-total // most))


def rate_of(marks: Sequence[Mark], tick: float, stated: float) -> float:
    """Frames a second: as stated, unless the frames are fewer, because then a step would leave out most of them."""
    shown = [mark.pts for mark in marks]
    seconds = (max(shown) - min(shown)) * tick
    counted = (len(shown) - 1) / seconds if seconds > 0 else stated
    return counted if 0 < counted < stated * _FEWER else stated


def longest_shown(shown: Sequence[int], window: int) -> set[int]:
    """Numbers of the frames shown longest in each window, by their display times; empty if all are about as long.

    A frame shown for a moment does not represent the others of its window.
    """
    times = [later - earlier for earlier, later in pairwise(shown)]
    if not times or max(times) <= _EVEN * median(times):
        return set()
    # The last frame stays.
    times.append(window)
    best: dict[int, int] = {}
    for number, time in enumerate(times):
        place = (shown[number] - shown[0]) // window
        if place not in best or time > times[best[place]]:
            best[place] = number
    return set(best.values())


def picked_between(marks: Sequence[Mark], numbers: Collection[int]) -> frozenset[int]:
    """From each of some frames to the next, one frame between them, by when they are shown.

    Which one follows from the sizes of all packets: whoever makes a video cannot choose it.
    """
    shown, sizes = sorted(mark.pts for mark in marks), sha256(b",".join(b"%d" % mark.size for mark in marks))
    picked = set[int]()
    places = [place for place, pts in enumerate(shown) if pts in numbers]
    for begin, end in pairwise([*places, len(shown)]):
        if end - begin > 1:
            sizes.update(b"%d" % begin)
            picked.add(shown[begin + 1 + int.from_bytes(sizes.digest()[:8]) % (end - begin - 1)])
    return frozenset(picked)


def plan(marks: Sequence[Mark], step: int, window: int = 0, *, between: bool = False) -> FramePlan:
    """Hash each `step`-th frame from the first on, and in each `window` of ticks the frame that is shown longest.

    The last frame is decoded too, because a player stays on it; and one `between` each two, if that is wanted.

    The marks' `pts` differ from one another.
    """
    shown = sorted(mark.pts for mark in marks)
    longest = longest_shown(shown, window) if window else set()
    numbers = {pts: number for number, pts in enumerate(shown) if number % step == 0 or number in longest}
    picked = picked_between(marks, numbers) if between else frozenset()
    hashed = {*numbers, *picked, shown[-1]}
    needs = [Need.NOT] * len(marks)
    keys = [at for at, mark in enumerate(marks) if mark.key]
    first = keys[0] if keys else len(marks)
    # What lies before the first key frame can be decoded by nobody, but decoders may try.
    needs[:first] = [Need.AS_REFERENCE] * first
    # Going backwards, a group learns whether the next one's leading frames are asked for, which refer to it.
    whole = False
    for begin, end in reversed(list(pairwise([*keys, len(marks)]))):
        wanted = [at for at in range(begin, end) if marks[at].pts in hashed]
        last = end if whole else wanted[-1] + 1 if wanted else begin
        needs[begin:last] = [Need.AS_REFERENCE] * (last - begin)
        whole = any(marks[at].pts < marks[begin].pts for at in wanted)
    referred = _referred(marks, hashed)
    for at, mark in enumerate(marks):
        if mark.pts in hashed:
            needs[at] = Need.HASHED
        elif referred is not None and at in referred:
            needs[at] = Need.AS_REFERENCE
        elif referred is not None and needs[at] is Need.AS_REFERENCE:
            needs[at] = Need.SPARED
    return FramePlan(numbers, needs, shown[-1], picked)


def _referred(marks: Sequence[Mark], numbers: Collection[int]) -> set[int] | None:
    """The packets that those to be hashed refer to, and those that they refer to, and so on; None if it is not known.

    One that may refer to all before it needs them as far back as decoding can begin.
    """
    if all(mark.refers is None for mark in marks):
        return None
    referred: set[int] = set()
    begins = list(accumulate((at if mark.key else 0 for at, mark in enumerate(marks)), max))
    # Going backwards, the first of a group that may refer to all before it fills the group for all that follow; else a
    # long group costs the square of its length.
    filled = len(marks)
    for at in reversed(range(len(marks))):
        if at in referred or marks[at].pts in numbers:
            known = marks[at].refers
            if known is not None:
                referred.update(known)
            elif begins[at] < filled:
                filled = begins[at]
                referred.update(range(filled, at))
    return referred


def spaced(times: Sequence[float], interval: float) -> list[int]:
    """Indexes of times (ascending seconds) at least `interval` after the last one kept."""
    kept: list[int] = []
    for place, time in enumerate(times):
        if not kept or time - times[kept[-1]] >= interval - TICK:
            kept.append(place)
    return kept
