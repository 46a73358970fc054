"""Limits for one picture or video. The defaults admit every camera and phone sold, and stop bombs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.util import find_spec

MIB = 1 << 20
# Videos have frames of up to 36 million pixels (8K), and a decoder keeps several of them.
MOST_FRAME_PIXELS = 100_000_000


class Level(StrEnum):
    """Windows of a picture that are hashed too: none, those supported by a sign in it, or all.

    `SECOND` is for the second pass: the picture as it may have been before it was changed (`pixels.restored`).
    """

    OFF = "off"
    USUAL = "usual"
    WIDE = "wide"
    SECOND = "second"


def second_available() -> bool:
    """Whether this installation has the decoder of the second pass: the extra `tutela[second-pass]`."""
    return find_spec("cv2") is not None


class Sampling(StrEnum):
    """Choice of the video frames to hash: one in each interval, as vPDQ does; or key frames, for far less work."""

    RATE = "rate"
    KEYS = "keys"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one picture or video; beyond them it is refused with the reason, and the next is not affected."""

    # Bytes of the file. Longer files still get their digests.
    max_bytes: int = 128 * MIB
    # Pixels of one picture. Telephones make 108 and 200 megapixels; more than 100 are reduced while they are decoded.
    max_pixels: int = 500_000_000
    # Frames or pages of one picture. A minute of animation at 30 frames a second has 1,800.
    max_frames: int = 2000
    # Frames hashed of a picture that moves for less than as many seconds, evenly spaced from the first on.
    hashed_frames: int = 8
    # Wall-clock and processor seconds, and memory above what the warm worker already holds: of address space, which a
    # usual picture does not fill. 100 megapixels with transparency need up to 1.4 GiB of it, and 500 in a format whose
    # decoder gives all at once do not fit.
    seconds: float = 10.0
    memory_bytes: int = 1536 * MIB
    # A worker is replaced after this many pictures, so that a slow leak or a hidden corruption does not live on.
    pictures_per_worker: int = 500
    # Not a bound, but a cost: what else of a picture is looked up (`windows`).
    windows: Level = Level.USUAL
    # A video is decoded from its file and may be long. After three quarters of its seconds only key frames are hashed.
    # Shortly before the end the frames so far are returned, and a note says how far that is.
    max_video_bytes: int = 16 * 1024 * MIB
    video_seconds: float = 120.0
    # Which frames, how many seconds apart, and how many at most: beyond, they lie further apart.
    sampling: Sampling = Sampling.RATE
    interval: float = 1.0
    video_frames: int = 4000

    @property
    def frame_pixels(self) -> int:
        """The pixels that one frame of a video may have."""
        return min(self.max_pixels, MOST_FRAME_PIXELS)

    @property
    def pictures_per_video(self) -> int:
        """The number of pictures that a video counts as in the life of a worker, by their time limits."""
        return max(1, round(self.video_seconds / self.seconds))

    def to_text(self) -> str:
        """One line for the worker's command line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Limits:
        """Read what `to_text` wrote."""
        given = json.loads(text)
        return cls(**given | {"windows": Level(given["windows"]), "sampling": Sampling(given["sampling"])})
