"""Decode JPEGs to luminance and colour at full size, and reduce them only then.

1. The picture is decoded at full size. libjpeg can decode at a fraction of it, but then takes the mean of values that a
   screen cuts off, and the mean of what is displayed is another one.
2. Squares of pixels are averaged while the shorter side keeps `SCALED_SIDE` samples (`scale_of`), and PDQ is computed
   with the filter of the full size (`pdq.look_at_scaled`).
3. Where bits are too close to flipping, PDQ is computed from the luminance of all pixels. If that is also too close,
   the picture is decoded in colour like every other format. The same applies if it has little contrast, if it may store
   red, green and blue, or if it is neither grey nor RGB to libjpeg.
4. Colours beyond a screen's are cut off too: where that changes the light, the displayed picture is hashed as well.
"""

from __future__ import annotations

import io
from hashlib import blake2b
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from tutela.media import pdq
from tutela.media.kernels import _pdq
from tutela.media.pixels import light
from tutela.media.pixels.colour import pixels_of, upright
from tutela.media.pixels.colour_profile import convert_and_reduce
from tutela.media.pixels.windows import Decoded

# Chosen together on the corpus's 1,250 JPEGs of quality >= 80: the median distance to the hash of the full-size colours
# is 0 bits, the largest 10. One in five is hashed again, mostly textures; of photographs, one in twenty.
SCALED_SIDE = 180
_CLEARANCE_SCALED = 0.1
_CLEARANCE_GREY = 0.01
# So little contrast may be what is left of colours beyond a screen's, pixel by pixel: then all pixels are displayed.
_PLAIN_QUALITY = 80
_SCALES = (8, 4, 2)
# Up to so many pixels a copy of all costs less than a few thousand of them one by one.
_COPIED_PIXELS = 500_000


def open_bytes(data: bytes) -> JpegImagePlugin.JpegImageFile:
    """Read the header. Not Image.open: a multi-picture index would make Pillow look for pictures beyond the first."""
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    # The decoder gets all data at once, because a decoder that runs out of data starts its row again.
    image.decodermaxblock = max(len(data), 1)
    return image


def decode_look(data: bytes, image: JpegImagePlugin.JpegImageFile, orientation: int) -> tuple[Decoded, pdq.Look]:
    """Decode `image`, opened from `data`. Returns the pixels that were hashed, upright and perhaps reduced, and their
    look.
    """
    width, height = image.size
    rows, cols = (width, height) if orientation >= 5 else (height, width)
    grey, apart = image.mode == "L", image.mode == "RGB" and not _stores_rgb(image)
    if (grey or apart) and min(width, height) >= pdq.SMALLEST_SIDE:
        image.draft("L" if grey else "YCbCr", image.size)
        image.load()
        luma = np.asarray(image if grey else image.getchannel(0))
        turned, scale = upright(luma, orientation), scale_of(width, height)
        for at in (scale, 1) if scale > 1 else (1,):
            pixels = _reduced(turned, at)
            seen = pdq.look_at_scaled(pixels, rows, cols, at)
            if seen.clearance >= (_CLEARANCE_SCALED if at > 1 else _CLEARANCE_GREY) and seen.quality >= _PLAIN_QUALITY:
                shown = None if grey else _shown(data, image, luma, orientation)
                return Decoded(pixels, rows, cols, at, shown=shown), seen
        image = open_bytes(data)
    image.load()
    pixels = upright(pixels_of(image), orientation)
    return Decoded(pixels, rows, cols), pdq.look_at(pixels)


def _reduced(luma: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    return luma if scale == 1 else np.rint(_pdq.reduced(luma, scale)).astype(np.uint8)


def _stores_rgb(image: JpegImagePlugin.JpegImageFile) -> bool:
    """Whether it may store red, green and blue. Which statement counts is libjpeg's choice, so colours are decoded."""
    return image.info.get("adobe_transform", 1) != 1 or [part[0] for part in image.layer] == [82, 71, 66]


def _shown(data: bytes, image: Image.Image, luma: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8] | None:
    """RGB as it is displayed, upright, if its light is far from the luminance. `image` is a loaded YCbCr picture.

    Pixels are compared at places that depend on the whole file, so nobody can choose what is compared.
    """
    rows, cols = light.places(luma.shape, seed=blake2b(data, digest_size=16).digest())
    few = _few(image, rows, cols)
    if not light.differs(few[0], light.of_ycc(*few)):
        return None
    rgb = convert_and_reduce(image, lambda part: light.of_ycc(*(np.asarray(band) for band in part.split())))
    return None if rgb is None else upright(rgb, orientation)


def _few(image: Image.Image, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> Any:
    """The three bands of a YCbCr picture at some places."""
    if image.width * image.height <= _COPIED_PIXELS:
        return np.moveaxis(np.asarray(image)[rows, cols], -1, 0)
    pixel: Any = image.load()
    each = map(pixel.__getitem__, zip(cols.ravel().tolist(), rows.ravel().tolist(), strict=True))
    return np.moveaxis(np.frombuffer(bytes(chain.from_iterable(each)), np.uint8).reshape(*rows.shape, 3), -1, 0)


def stored(data: bytes) -> NDArray[np.uint8]:
    """RGB as it is stored, not upright."""
    image = open_bytes(data)
    image.load()
    return pixels_of(image)


def scale_of(width: int, height: int) -> int:
    """1, 2, 4 or 8: the side of the squares whose means keep `SCALED_SIDE` samples of the shorter side."""
    return next((scale for scale in _SCALES if min(width, height) // scale >= SCALED_SIDE), 1)
