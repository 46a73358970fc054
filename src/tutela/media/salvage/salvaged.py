"""Result of a salvage, and the two refusals that all formats share."""

from __future__ import annotations

from dataclasses import dataclass

from tutela.media.limits import Limits
from tutela.media.pixels.colour import Pixels
from tutela.media.pixels.colour_profile import NOTHING_SAID, Colours
from tutela.media.results import Code, Refusal


@dataclass(frozen=True, slots=True)
class Salvaged:
    """One picture as far as it goes, not yet upright (`seen`); or a file that the usual way may read (`file`).

    If `file` cannot be read, `part` counts, which lacks some of its frames; then the pixels. `moves`: an animation, of
    which `seen` is the first frame alone. `ended`: what others show of the same picture, who take a file that stops for
    one that ends. `colours`: how they are to be shown.
    """

    seen: Pixels | None = None
    orientation: int = 1
    file: bytes = b""
    part: bytes = b""
    moves: bool = False
    ended: Pixels | None = None
    colours: Colours = NOTHING_SAID


def require_size(width: int, height: int, limits: Limits) -> None:
    """Raises `Refusal` for a picture without pixels or with more than the limit."""
    if width < 1 or height < 1:
        raise Refusal(Code.CORRUPT, "a picture of size 0")
    if width * height > limits.max_pixels:
        raise Refusal(Code.TOO_LARGE, f"{width} × {height} is more than {limits.max_pixels} pixels")


def nothing(data: bytes) -> Refusal:
    """Refusal of a file without a single row of pixels."""
    return Refusal(Code.TRUNCATED, f"truncated at byte {len(data)}, before its first pixels")
