"""Choose which frames of an animation are hashed: by when they are shown, and by what they show.

Viewers disagree on short delays: most browsers show a frame of up to 10 ms for a tenth of a second, other viewers do so
with all below 20 ms. Both time lines count. One frame is taken in each interval, the one shown longest, as of a video.
What these frames do not stand for is then grouped by likeness, and of each group that is shown for more than 200 ms in
all a frame is hashed too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tutela.media.kernels import pdq_kernel
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE

# The longest delays, in ms, that browsers and other viewers replace, and by what.
_REPLACED, _INSTEAD = (10, 19), 100
# What is not hashed is shown for so many milliseconds at most.
MOST_UNHASHED = 200
# So many frames are hashed for what they show.
MOST_BY_CONTENT = 256
_SIDE = 128


@dataclass(frozen=True, slots=True)
class Animation:
    """An animation's time lines: when each frame begins in a viewer, in ms, and last when it ends."""

    lines: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, delays: Sequence[int]) -> Animation:
        """The time lines of the delays that a file states, in ms; equal ones once."""
        shown = ([_INSTEAD if one <= most else one for one in delays] for most in _REPLACED)
        return cls(tuple(dict.fromkeys(tuple(accumulate(one, initial=0)) for one in shown)))

    @property
    def frames(self) -> int:
        """The number of frames."""
        return len(self.lines[0]) - 1

    def begins(self, index: int) -> int:
        """When a frame is shown in most browsers, in ms."""
        return self.lines[0][index]

    def shown(self) -> NDArray[np.float32]:
        """For how many milliseconds each frame is shown, in the viewer that shows it longer."""
        return np.max(np.diff(np.array(self.lines)), axis=0).astype(np.float32)

    def sampled(self, limits: Limits) -> list[int]:
        """The frames to hash by when they are shown, in every time line."""
        return sorted({one for line in self.lines for one in sampled_frames(line, limits)})


def chosen_frames(total: int, wanted: int) -> list[int]:
    """At most `wanted` indices, evenly spaced from the first one; and the last, on which an animation may stay."""
    if total <= wanted:
        return list(range(total))
    return sorted({0, *(index * total // wanted for index in range(wanted - 1)), total - 1})[:wanted]


def sampled_frames(times: Sequence[int], limits: Limits) -> list[int]:
    """Return the numbers of the frames to hash of an animation. `times`: when frames begin, in ms; the last is the end.

    One frame per interval, as of a video, and the last; of a shorter one as many as of pages (`chosen_frames`). Between
    two places, the frame shown longest is chosen.
    """
    total, step = len(times) - 1, max(limits.interval * 1000, times[-1] / limits.video_frames, 1)
    count = int(times[-1] // step)
    if count <= limits.hashed_frames:
        return _longest_shown(chosen_frames(total, limits.hashed_frames), times)
    places = {*(min(bisect_left(times, number * step), total - 1) for number in range(count + 1)), total - 1}
    return _longest_shown(sorted(places), times)


def _longest_shown(places: list[int], times: Sequence[int]) -> list[int]:
    """From each place to the next, the frame that is shown longest. What is shown for a moment stands for no other."""
    ends = [*places[1:], len(times) - 1]
    return [
        max(range(begin, end), key=lambda one: times[one + 1] - times[one])
        for begin, end in zip(places, ends, strict=True)
    ]


def fingerprint(image: Image.Image) -> bytes:
    """What a frame shows, as 64 bytes: the PDQ hash of a small copy on white, and of one on black."""
    grounds: Iterable[int] = (255, 0)
    if not image.has_transparency_data:
        return _hash(image) * 2
    seen = image.convert("RGBA")
    return b"".join(
        _hash(Image.alpha_composite(Image.new("RGBA", seen.size, (ground,) * 3 + (255,)), seen)) for ground in grounds
    )


def _hash(image: Image.Image) -> bytes:
    small = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    return pdq_kernel.hash_once(np.asarray(small))[0]


def unhashed(
    fingerprints: Sequence[bytes], shown: NDArray[np.float32], hashed: Sequence[int], most: int = MOST_BY_CONTENT
) -> tuple[list[int], bool]:
    """The frames to hash for what they show, at most so many, and whether content is left that is shown for long.

    A hashed frame stands for those within the distance of a match. Two that each match a third are at most twice as far
    apart, so the time of a frame's content is that of all frames so near.
    """
    near, alike = _neighbours(fingerprints)
    left = np.where(near[list(hashed)].any(axis=0), 0, shown)
    found: list[int] = []
    while True:
        totals = np.where(left > 0, alike @ left, 0)
        if totals.max(initial=0) <= MOST_UNHASHED:
            return sorted(found), False
        if len(found) == most:
            return sorted(found), True
        best = int(np.where(totals > MOST_UNHASHED, near @ left, -1).argmax())
        found.append(best)
        left[near[best] > 0] = 0


def _neighbours(fingerprints: Sequence[bytes]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each two frames, whether one stands for the other, and whether both may show the same."""
    words = np.frombuffer(b"".join(fingerprints), np.uint64).reshape(len(fingerprints), 2, 4)
    near, alike = (np.empty((len(words), len(words)), np.float32) for _ in range(2))
    for row, one in enumerate(words):
        far = np.bitwise_count(words ^ one).sum(axis=2, dtype=np.int32).max(axis=1)
        near[row], alike[row] = far <= MATCH_DISTANCE, far <= 2 * MATCH_DISTANCE
    return near, alike
