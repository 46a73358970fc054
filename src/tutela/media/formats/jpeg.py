"""Decode JPEGs straight to grey, and large ones at 1/2, 1/4 or 1/8, which skips most of the work.

1. The scale is the smallest picture whose shorter side keeps `SCALED_SIDE` samples. Scans of a progressive JPEG that it
   does not need are left out (`progressive_jpeg`).
2. PDQ is computed from it with the filter of the full size (`pdq.look_at_scaled`).
3. Where bits are too close to flipping, the picture is decoded once more, grey at full size. If that is also too close,
   it is decoded in colour at full size, like every other format. The same applies if the picture has little contrast,
   or is neither grey nor RGB to libjpeg.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import JpegImagePlugin

from tutela.media import pdq
from tutela.media.formats.progressive_jpeg import lightened
from tutela.media.pixels import light
from tutela.media.pixels.colour import pixels_of, upright
from tutela.media.pixels.windows import Decoded

# Chosen together on the corpus's 1,250 JPEGs of quality >= 80: the median distance to the hash of the full-size colours
# is 0 bits, the largest 10. One in five is decoded again, mostly textures; of photographs, one in twenty.
SCALED_SIDE = 180
_CLEARANCE_SCALED = 0.1
_CLEARANCE_GREY = 0.01
# So little contrast may be what is left of colours beyond a screen's, pixel by pixel: then all pixels are displayed.
_PLAIN_QUALITY = 80
_SCALES = (8, 4, 2)
# Orientations that put the picture's end first; 1 and 5 do not.
_TURNED = frozenset({2, 3, 4, 6, 7, 8})


def open_bytes(data: bytes) -> JpegImagePlugin.JpegImageFile:
    """Read the header. Not Image.open: a multi-picture index would make Pillow look for pictures beyond the first."""
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    # The decoder gets all data at once, because a decoder that runs out of data starts its row again.
    image.decodermaxblock = max(len(data), 1)
    return image


def decode_look(data: bytes, image: JpegImagePlugin.JpegImageFile, orientation: int) -> tuple[Decoded, pdq.Look]:
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
            # At full size, colour would take as long as luminance; and scans without it were left out.
            apart = image.mode == "L" or at == 1 or sent_in_scans or _stores_rgb(image)
            image.draft("L" if apart else "YCbCr", (width // at, height // at))
            image.load()
            luma, *colours = (np.asarray(band) for band in image.split())
            luma = upright(luma, orientation)
            seen = pdq.look_at_scaled(luma, rows, cols, at)
            if seen.clearance >= (_CLEARANCE_SCALED if at > 1 else _CLEARANCE_GREY) and seen.quality >= _PLAIN_QUALITY:
                shown = _shown(data, colours, np.asarray(image.getchannel(0)))
                return Decoded(luma, rows, cols, at, shown=None if shown is None else upright(shown, orientation)), seen
            image = open_bytes(data)
    image.load()
    pixels = upright(pixels_of(image), orientation)
    return Decoded(pixels, rows, cols), pdq.look_at(pixels)


def _bands(image: JpegImagePlugin.JpegImageFile, scale: int) -> list[NDArray[np.uint8]]:
    image.draft("YCbCr", (image.width // scale, image.height // scale))
    image.load()
    return [np.asarray(band) for band in image.split()]


def _stores_rgb(image: JpegImagePlugin.JpegImageFile) -> bool:
    """Whether it may store red, green and blue: then luminance is computed from them as they are displayed."""
    return image.info.get("adobe_transform", 1) != 1 or [part[0] for part in image.layer] == [82, 71, 66]


def _shown(data: bytes, colours: list[NDArray[np.uint8]], luma: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """RGB as it is displayed, if its light is far from the luminance; `colours` is empty if they were not decoded."""
    if not colours:
        image = open_bytes(data)
        if image.mode == "L" or _stores_rgb(image):
            return None
        luma, *colours = _bands(image, _SCALES[0])
        if light.differs(luma, light.of_ycc(luma, *colours)):
            luma, *colours = _bands(open_bytes(data), max(1, min(image.size) // SCALED_SIDE))
    step = -(-max(luma.shape) // light.SIDE)
    few = [part[::step, ::step] for part in (luma, *colours)]
    return light.of_ycc(luma, *colours) if light.differs(few[0], light.of_ycc(*few)) else None


def stored(data: bytes) -> NDArray[np.uint8]:
    """RGB as it is stored, not upright."""
    image = open_bytes(data)
    image.load()
    return pixels_of(image)


def scale_of(width: int, height: int, orientation: int) -> int:
    """1, 2, 4 or 8. A picture that is turned must fill its last samples: they come first."""
    for scale in _SCALES:
        uneven = width % scale or height % scale
        if min(width, height) // scale >= SCALED_SIDE and not (uneven and orientation in _TURNED):
            return scale
    return 1
