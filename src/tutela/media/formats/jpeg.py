"""Decode JPEGs straight to grey, and large ones at 1/2, 1/4 or 1/8, which skips most of the work.

1. The scale is the smallest picture whose shorter side keeps `SCALED_SIDE` samples. Scans of a progressive JPEG that it
   does not need are left out (`progressive_jpeg`).
2. PDQ is computed from it with the filter of the full size (`pdq.look_at_scaled`).
3. Where bits are too close to flipping, the picture is decoded once more, grey at full size. If that is also too close,
   it is decoded in colour at full size, like every other format. The same applies if the picture is neither grey nor
   RGB to libjpeg.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from tutela.media import pdq
from tutela.media.formats.progressive_jpeg import lightened
from tutela.media.pixels.colour import pixels_of, upright
from tutela.media.pixels.windows import Decoded

# Chosen together on the corpus's 1,250 JPEGs of quality >= 80: the median distance to the hash of the full-size colours
# is 0 bits, the largest 10. One in five is decoded again, mostly textures; of photographs, one in twenty.
SCALED_SIDE = 180
_CLEARANCE_SCALED = 0.1
_CLEARANCE_GREY = 0.01
_SCALES = (8, 4, 2)
# Orientations that put the picture's end first; 1 and 5 do not.
_TURNED = frozenset({2, 3, 4, 6, 7, 8})


def open_bytes(data: bytes) -> JpegImagePlugin.JpegImageFile:
    """Read the header. Not Image.open: a multi-picture index would make Pillow look for pictures beyond the first."""
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    # The decoder gets all data at once, because a decoder that runs out of data starts its row again.
    image.decodermaxblock = max(len(data), 1)
    return image


def decode_look(data: bytes, image: Image.Image, orientation: int) -> tuple[Decoded, pdq.Look]:
    """Decode `image`, opened from `data`. Returns the pixels that were hashed, upright and perhaps scaled, and their
    look.
    """
    width, height = image.size
    rows, cols = (width, height) if orientation >= 5 else (height, width)
    if image.mode in ("RGB", "L") and min(width, height) >= pdq.SMALLEST_SIDE:
        scale, sent_in_scans = scale_of(width, height, orientation), "progressive" in image.info
        for at in (scale, 1) if scale > 1 else (1,):
            if sent_in_scans:
                image = open_bytes(lightened(data, at))
            image.draft("L", (width // at, height // at))
            image.load()
            luma = upright(np.asarray(image), orientation)
            seen = pdq.look_at_scaled(luma, rows, cols, at)
            if seen.clearance >= (_CLEARANCE_SCALED if at > 1 else _CLEARANCE_GREY):
                return Decoded(luma, rows, cols, at), seen
            image = open_bytes(data)
    image.load()
    pixels = upright(pixels_of(image), orientation)
    return Decoded(pixels, rows, cols), pdq.look_at(pixels)


def small(data: bytes, longest: int) -> NDArray[np.uint8]:
    """RGB as it is stored, at the least scale at which its longer side has so many samples; not upright."""
    image = open_bytes(data)
    times = max(1, max(image.size) // longest)
    image.draft(image.mode, (image.width // times, image.height // times))
    image.load()
    return pixels_of(image)


def scale_of(width: int, height: int, orientation: int) -> int:
    """1, 2, 4 or 8. A picture that is turned must fill its last samples: they come first."""
    for scale in _SCALES:
        uneven = width % scale or height % scale
        if min(width, height) // scale >= SCALED_SIDE and not (uneven and orientation in _TURNED):
            return scale
    return 1
