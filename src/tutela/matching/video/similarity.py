"""Similarity of two videos: frames of one that look like frames of the other, and runs of them.

The rule is vPDQ's. Frames are a bag of hashes; equal ones are counted once, and those of a quality below 50 are left
out. A frame agrees if any of the other side's is within 31 bits. The *query's percentage* is the share of the query's
frames that agree, the *compared* one that of the listed video's. A clip in a long upload has a low one and a high one,
a clip of a listed video the reverse. vPDQ leaves both thresholds to the caller, and its implementations contradict one
another. Tutela keeps them as data (`THRESHOLDS`), of which any pair is enough.

A *segment* is a run of the query's frames, as they were sampled, that all agree. Segments show reviewers where to look,
and find a scene of a listed video among others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.matching.files.lookup_keys import FrameLike
from tutela.matching.files.records import MIN_QUALITY

# Frames whose times travel with a match; the percentages are of all.
MAX_TIMES = 100


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Percentages from which on two videos agree, if both are reached."""

    query: float
    compared: float

    def reached(self, query: float, compared: float) -> bool:
        """Whether these percentages are enough; something of both must agree at all."""
        return min(query, compared) > 0 and query >= self.query and compared >= self.compared

    @classmethod
    def parse(cls, text: str) -> Thresholds:
        """Read `QUERY:COMPARED`, two percentages from 0 to 100. Raises ValueError with the reason."""
        parts = text.split(":")
        try:
            query, compared = (float(part) for part in parts)
        except ValueError:
            query = compared = math.nan
        if not (0 <= query <= 100 and 0 <= compared <= 100):
            raise ValueError(f"must be two percentages QUERY:COMPARED from 0 to 100, such as 0:80: {text[:40]!r}")
        return cls(query, compared)

    def __str__(self) -> str:
        return f"{self.query:g}:{self.compared:g}"


# Four fifths of the listed video are in the query (vPDQ's README), or four fifths of the query are out of the listed
# video (python-threatexchange's default).
THRESHOLDS = (Thresholds(0, 80), Thresholds(80, 0))
# With fewer different frames a percentage has no meaning.
LEAST_FRAMES = 2
# A run of this many different frames, on both sides, is a segment: at one a second, five seconds.
SEGMENT_FRAMES = 5
# So many of the longest travel with a match.
MAX_SEGMENTS = 20


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames on end that agree: when the first and the last are shown, and how many different ones they are."""

    from_ms: int
    to_ms: int
    run: int


@dataclass(frozen=True, slots=True)
class Footage:
    """Part of a video that agrees with an entry: number of different frames, their share, and the longest run.

    Percentages are 0-100. `compared_percent` is None if the entry is a picture. `from_ms` and `to_ms` bound the longest
    run, of `run` different frames; `times_ms` are the first hundred frames that agree. `segments` are the longest ones,
    in the order in which they are shown.
    """

    frames: int
    query_percent: float
    compared_percent: float | None
    from_ms: int
    to_ms: int
    run: int
    times_ms: tuple[int, ...]
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """Agreement of a video with an entry, as the rules judge it.

    `listed`: number of different listed frames that agree; `of_video`: there are such. `strictly`: the percentages of
    frames that agree in a second hash too. `by_window`: reached only with parts of frames.
    """

    footage: Footage
    listed: int
    of_video: bool
    strictly: tuple[float, float] = (0.0, 0.0)
    by_window: bool = False

    def reaches(self, thresholds: Sequence[Thresholds] = THRESHOLDS) -> bool:
        """Whether any pair of thresholds is reached."""
        query, compared = self.footage.query_percent, self.footage.compared_percent or 0.0
        enough = min(self.footage.frames, self.listed) >= LEAST_FRAMES
        return enough and any(pair.reached(query, compared) for pair in thresholds)

    def reaches_strictly(self, thresholds: Sequence[Thresholds] = THRESHOLDS) -> bool:
        """Whether any pair of thresholds is reached by the frames that agree in a second hash."""
        return any(pair.reached(*self.strictly) for pair in thresholds)

    @property
    def segment(self) -> bool:
        """Whether there is a segment."""
        return min(self.footage.run, self.listed) >= SEGMENT_FRAMES


class Reel:
    """The query: a video's frames that can be compared, in their order, and how many different ones they are."""

    def __init__(self, frames: Sequence[FrameLike]) -> None:
        seen = sorted((one for one in frames if _comparable(one)), key=lambda one: one.index)
        self.hashes = {one.index: one.variants[0] for one in seen}
        self.times = {one.index: one.time_ms or 0 for one in seen}
        # Of those that can be compared as a whole, which are all that vPDQ knows; and of all.
        self.different = len({one.variants[0] for one in seen if one.quality >= MIN_QUALITY})
        self.different_by_parts = len(set(self.hashes.values()))

    @classmethod
    def of(cls, frames: Sequence[FrameLike]) -> Reel | None:
        """The reel, if these are frames of a video: they say when they are shown, and two of them differ."""
        if len(frames) < LEAST_FRAMES or any(one.time_ms is None for one in frames):
            return None
        reel = cls(frames)
        return reel if reel.different_by_parts >= LEAST_FRAMES else None


def _comparable(frame: FrameLike) -> bool:
    return frame.quality >= MIN_QUALITY or any(part.quality >= MIN_QUALITY for part in frame.windows)


@dataclass(slots=True)
class _Found:
    frames: set[int] = field(default_factory=set)
    listed: set[bytes] = field(default_factory=set)

    def see(self, frame: int, value: bytes) -> None:
        self.frames.add(frame)
        self.listed.add(value)


class Many:
    """Marks of an entry's hashes that were seen. `own`: the places of all its hashes, ascending.

    In a motionless film, every frame agrees with every listed one: too many to note one by one.
    """

    def __init__(self, own: NDArray[np.int64]) -> None:
        self.own = own
        self.seen = {name: np.zeros(len(own), bool) for name in ("whole", "strict", "with_parts", "of_parts")}


@dataclass(frozen=True, slots=True)
class ManyLooks:
    """Several listed hashes that agree with one frame: the flags of `FrameTally.see` as boolean arrays."""

    strict: NDArray[np.bool_]
    part: NDArray[np.bool_]
    listed_part: NDArray[np.bool_]

    def chosen(self) -> dict[str, NDArray[np.bool_]]:
        """Masks of the listed hashes that count in each set."""
        return {
            "whole": ~self.part,
            "strict": self.strict & ~self.part,
            "with_parts": ~self.listed_part,
            "of_parts": self.listed_part,
        }


@dataclass(slots=True)
class FrameTally:
    """Running tally of the agreement between a reel and one entry: frame indexes and listed hashes.

    Apart from whole frames, agreements by a part, or with a part of a listed frame, are counted separately.
    """

    reel: Reel
    whole: _Found = field(default_factory=_Found)
    strict: _Found = field(default_factory=_Found)
    with_parts: _Found = field(default_factory=_Found)
    of_parts: _Found = field(default_factory=_Found)

    def see(self, frame: int, value: bytes, *, strict: bool, part: bool = False, listed_part: bool = False) -> None:
        """A frame agrees with a listed hash; `strict`: in the second hash too. `part`: either is of a part;
        `listed_part`: that one is.
        """
        if not part:
            self.whole.see(frame, value)
        if strict and not part:
            self.strict.see(frame, value)
        (self.of_parts if listed_part else self.with_parts).see(frame, value)

    def see_many(self, frame: int, many: Many, places: NDArray[np.integer[Any]], looks: ManyLooks) -> None:
        """Record, as `see`, several listed hashes at once; `many` keeps them until `settle`."""
        for name, chosen in looks.chosen().items():
            if chosen.any():
                getattr(self, name).frames.add(frame)
                many.seen[name][np.searchsorted(many.own, places[chosen])] = True

    def settle(self, many: Many, hashes: NDArray[np.uint8]) -> None:
        """Take in the listed hashes that `see_many` has seen, out of all hashes of the list."""
        for name, seen in many.seen.items():
            getattr(self, name).listed.update(hashes[one].tobytes() for one in many.own[seen])

    def shared(self, listed: int | None, thresholds: Sequence[Thresholds] = THRESHOLDS) -> Shared:
        """The sum, if the entry has `listed` different frames; None: it is a picture.

        It is that of whole frames, unless they do not reach the thresholds and parts might.
        """
        reel = self.reel
        sure = self._sum(self.whole.frames, len(self.whole.listed), listed, reel.different)
        if self.whole.frames and (listed is None or sure.reaches(thresholds) or sure.segment):
            strict = self._sum(self.strict.frames, len(self.strict.listed), listed, reel.different).footage
            return replace(sure, strictly=(strict.query_percent, strict.compared_percent or 0.0))
        # A listed frame may agree as a whole and by its part: the larger number is of different frames.
        found = max(len(self.with_parts.listed), len(self.of_parts.listed))
        frames = self.with_parts.frames | self.of_parts.frames
        return replace(self._sum(frames, found, listed, reel.different_by_parts), by_window=True)

    def _sum(self, frames: set[int], found: int, listed: int | None, of: int) -> Shared:
        agreeing = self._different(frames)
        compared = None if listed is None else percent(found, listed)
        runs = self._runs(frames)
        longest = max(runs, key=lambda one: one.run, default=Segment(0, 0, 0))
        long = sorted((one for one in runs if one.run >= SEGMENT_FRAMES), key=lambda one: -one.run)[:MAX_SEGMENTS]
        segments = tuple(sorted(long, key=lambda one: one.from_ms))
        times = tuple(self.reel.times[one] for one in sorted(frames)[:MAX_TIMES])
        footage = Footage(
            agreeing, percent(agreeing, of), compared, longest.from_ms, longest.to_ms, longest.run, times, segments
        )
        return Shared(footage, found, listed is not None)

    def _different(self, frames: set[int]) -> int:
        return len({self.reel.hashes[one] for one in frames})

    def _runs(self, frames: set[int]) -> list[Segment]:
        """Every run: it ends with the last frame that is another than those before it."""
        found, times = list[Segment](), self.reel.times
        begin, end, seen = 0, 0, set[bytes]()
        for index, value in self.reel.hashes.items():
            if index in frames:
                begin = begin if seen else index
                end = end if value in seen else index
                seen.add(value)
            elif seen:
                found.append(Segment(times[begin], times[end], len(seen)))
                seen = set()
        return [*found, Segment(times[begin], times[end], len(seen))] if seen else found


def percent(part: int, whole: int) -> float:
    """A share, 0-100; of nothing it is 0."""
    return 100.0 * min(part, whole) / whole if whole else 0.0
