"""What one picture may cost. The defaults admit every camera and telephone sold, and stop bombs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

MIB = 1 << 20


class Level(StrEnum):
    """Which windows of a picture are hashed too: none; those that a sign in it speaks for; also crops and cells."""

    OFF = "off"
    USUAL = "usual"
    WIDE = "wide"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one picture; beyond them it is refused with the reason, and the next picture is not affected."""

    # Bytes of the file. Longer files still get their digests.
    max_bytes: int = 128 * MIB
    # Pixels of one frame: 100 megapixels; telephones reach 200 only by interpolation.
    max_pixels: int = 100_000_000
    # Frames or pages of one file. A minute of animation at 30 frames a second has 1,800.
    max_frames: int = 2000
    # Frames hashed, evenly spaced from the first on.
    hashed_frames: int = 8
    # Wall-clock and processor seconds, and memory above what the warm worker already holds.
    seconds: float = 10.0
    memory_bytes: int = 768 * MIB
    # A worker is replaced after this many pictures, so that a slow leak or a hidden corruption does not live on.
    pictures_per_worker: int = 500
    # Not a bound, but a cost: what else of a picture is looked up (`windows`).
    windows: Level = Level.USUAL

    def to_text(self) -> str:
        """One line for the worker's command line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Limits:
        """Read what `to_text` wrote."""
        given = json.loads(text)
        return cls(**given | {"windows": Level(given["windows"])})
