"""Decode JPEGs to the colours that are displayed, and reduce their luminance only then.

1. The picture is decoded in colour at full size. libjpeg can decode at a fraction of it, or to luminance alone, but
   then takes the mean of values that a screen cuts off, and the mean of what is displayed is another one.
2. Squares of pixels are averaged while the shorter side keeps `SCALED_SIDE` samples (`scale_of`), and PDQ is computed
   with the filter of the full size (`pdq.look_at_scaled`).
3. A picture of more than 100 megapixels is decoded at a half or less of its size: not all its pixels fit into memory.
4. Where bits are too close to flipping, PDQ is computed from the luminance of all pixels. If that is also too close, or
   the picture has little contrast, it is computed from the colours like that of every other format.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import JpegImagePlugin

from tutela.media import pdq
from tutela.media.pixels.colour import pixels_of, upright
from tutela.media.pixels.large import reduced
from tutela.media.pixels.windows import Decoded
from tutela.media.salvage.jpeg import decoded_smaller

# Chosen together on the corpus's 1,250 JPEGs of quality >= 80: the median distance to the hash of the full-size colours
# is 0 bits, the largest 10. One in five is hashed again, mostly textures; of photographs, one in twenty.
SCALED_SIDE = 180
_CLEARANCE_SCALED = 0.1
_CLEARANCE_GREY = 0.01
# With so little contrast, what rounding takes from luminance may count.
_PLAIN_QUALITY = 80
_SCALES = (8, 4, 2)


def open_bytes(data: bytes) -> JpegImagePlugin.JpegImageFile:
    """Read the header. Not Image.open: a multi-picture index would make Pillow look for pictures beyond the first."""
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    # The decoder gets all data at once, because a decoder that runs out of data starts its row again.
    image.decodermaxblock = max(len(data), 1)
    return image


def decode_look(image: JpegImagePlugin.JpegImageFile, orientation: int) -> tuple[Decoded, pdq.Look]:
    """Decode an opened picture. Returns the pixels that were hashed, upright and perhaps reduced, and their look."""
    width, height = image.size
    rows, cols = (width, height) if orientation >= 5 else (height, width)
    least = decoded_smaller(image)
    image.load()
    if image.mode in ("L", "RGB") and min(width, height) >= pdq.SMALLEST_SIDE:
        turned = upright(np.asarray(image if image.mode == "L" else image.convert("L")), orientation)
        scale = max(scale_of(width, height), least)
        for at in (scale, least) if scale > least else (least,):
            pixels = reduced(turned, at // least)
            seen = pdq.look_at_scaled(pixels, rows, cols, at)
            if seen.clearance >= (_CLEARANCE_SCALED if at > 1 else _CLEARANCE_GREY) and seen.quality >= _PLAIN_QUALITY:
                return Decoded(pixels, rows, cols, at), seen
    decoded = Decoded(upright(pixels_of(image), orientation), rows, cols, least)
    return decoded, decoded.look(decoded.pixels)


def scale_of(width: int, height: int) -> int:
    """1, 2, 4 or 8: the side of the squares whose means keep `SCALED_SIDE` samples of the shorter side."""
    return next((scale for scale in _SCALES if min(width, height) // scale >= SCALED_SIDE), 1)
