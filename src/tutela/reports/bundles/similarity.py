"""Similarity of two items: pictures by one hash, videos by the share of their frames.

An item is compared by one hash (a picture) or by the hashes of its different frames (a video). Two pictures are similar
if their hashes are near. Two videos are similar by vPDQ's rule (`matching.video`): four fifths of the frames of either,
and at least two of both, are near to a frame of the other. A picture that is near to a frame is similar to that frame,
and not to the video. Similarity decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.matching import THRESHOLDS
from tutela.matching.video.similarity import LEAST_FRAMES
from tutela.reports.models.similarity import What, rank

type Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Hits:
    """Hash `asked[i]` of a question is `distance[i]` bits from hash `vector[i]`, which belongs to look `number[i]`."""

    asked: Numbers
    vector: Numbers
    number: Numbers
    distance: Numbers

    def between(self, begin: int, end: int) -> Hits:
        """Hits of the query hashes from `begin` to before `end`. `asked` must ascend."""
        part = slice(*np.searchsorted(self.asked, (begin, end)))
        return Hits(self.asked[part], self.vector[part], self.number[part], self.distance[part])


@dataclass(frozen=True)
class Resemblance:
    """`distance` in bits: of two videos the median of the frames that agree, each with what is nearest to it.

    `percent` of the frames asked for and `other_percent` of the other's agree, in whole percent; None but for videos.
    """

    what: What
    distance: int
    percent: int | None = None
    other_percent: int | None = None

    @property
    def rank(self) -> tuple[bool, int]:
        return rank(self.what, self.distance)


def resembling(size: int, hits: Hits, sizes: Mapping[int, int]) -> dict[int, Resemblance]:
    """The looks that a look of `size` hashes resembles, by their numbers. `sizes`: how many hashes each of them has.

    A look without a size is gone, and nothing resembles it.
    """
    found: dict[int, Resemblance] = {}
    for number, distances, theirs in _each(hits):
        other = sizes.get(number)
        if other is None:
            continue
        if size == 1 or other == 1:
            what = What.PICTURE if size == other else What.FRAME
            found[number] = Resemblance(what, int(distances[0]))
            continue
        percent, other_percent = 100 * len(distances) / size, 100 * theirs / other
        enough = any(pair.reached(percent, other_percent) for pair in THRESHOLDS)
        if enough and min(len(distances), theirs) >= LEAST_FRAMES:
            middle = int(distances[len(distances) // 2])
            found[number] = Resemblance(What.VIDEO, middle, int(percent), int(other_percent))
    return found


def _each(hits: Hits) -> Iterator[tuple[int, Numbers, int]]:
    """Compare each look with the query hashes.

    Yields its number, the least distance of each query hash near it, ascending, and how many of its own hashes are near
    any.
    """
    if not len(hits.number):
        return
    order = np.lexsort((hits.distance, hits.asked, hits.number))
    number, asked, distance = hits.number[order], hits.asked[order], hits.distance[order]
    nearest = np.ones(len(order), np.bool_)
    nearest[1:] = (number[1:] != number[:-1]) | (asked[1:] != asked[:-1])
    number, distance = number[nearest], distance[nearest]
    ranked = np.lexsort((distance, number))
    number, distance = number[ranked], distance[ranked]
    numbers, begins = np.unique(number, return_index=True)
    _vectors, first = np.unique(hits.vector, return_index=True)
    _numbers, theirs = np.unique(hits.number[first], return_counts=True)
    ends = np.append(begins[1:], len(number))
    for one, begin, end, count in zip(numbers.tolist(), begins.tolist(), ends.tolist(), theirs.tolist(), strict=True):
        yield one, distance[begin:end], count
