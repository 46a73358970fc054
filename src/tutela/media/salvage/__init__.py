"""Salvage: the part that a browser shows of a picture that its decoder refuses, format by format.

Used only where the usual way failed. Each module takes the bytes and returns one of two results. The first is pixels,
as far as they go, with white where a browser shows the page's background. The second is a whole file that the usual way
can read.

- Parts that are not needed to see a picture (texts, profiles, times, checksums) are left out, whatever their faults.
- Missing rows stay white; the missing part of a partial row is never invented.
- Nothing is decoded before its size was checked against the limits.
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
