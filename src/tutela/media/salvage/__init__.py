"""Salvage: what a browser shows of a picture that its decoder refuses, format by format.

Asked only where the usual way failed. Each module takes the bytes and gives either pixels, as far as they go, with
white where a browser leaves the page's ground, or a file that is whole and that the usual way reads.

- What is not needed to see a picture (texts, profiles, times, checksums) is left out, whatever is wrong with it.
- Rows that are missing stay white; of a row that is there in part nothing is invented.
- Nothing is decoded before its size was held against the limits.
"""

from __future__ import annotations

from collections.abc import Callable

from tutela.media.limits import Limits
from tutela.media.salvage import bmp, boxes, gif, jpeg, png, webp
from tutela.media.salvage.salvaged import Salvaged

__all__ = ["WAYS", "Salvaged"]

# By the format that `picture_formats` found. Raises `Refusal`, or whatever a decoder raises.
WAYS: dict[str, Callable[[bytes, Limits], Salvaged]] = {
    "JPEG": jpeg.salvage,
    "PNG": png.salvage,
    "GIF": gif.salvage,
    "WEBP": webp.salvage,
    "BMP": bmp.salvage,
    "AVIF": boxes.salvage,
    "HEIF": boxes.salvage,
}
