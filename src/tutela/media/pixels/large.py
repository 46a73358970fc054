"""Pictures beyond 100 megapixels: squares of pixels are averaged while they are decoded, strip by strip.

Telephones make 108 and 200 megapixels. Not all pixels of such a picture are in memory at once where its decoder can
give some of them, and only the averages are kept. PDQ is then computed with the filter of the full size
(`pdq.look_at_scaled`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Pixels up to which a picture is decoded as it is, and up to which a larger one is kept.
LARGE, KEPT = 100_000_000, 25_000_000
# Samples that the shorter side keeps: below, an average says too little.
_LEAST_SIDE = 180
_SCALES = (2, 4, 8)
_STRIP_PIXELS = 4_000_000


def reduction_of(width: int, height: int) -> int:
    """The side of the squares that are averaged: 1 up to 100 megapixels, and of a very thin picture."""
    if width * height <= LARGE:
        return 1
    kept = [scale for scale in _SCALES if min(width, height) // scale >= _LEAST_SIDE]
    return next((scale for scale in kept if width * height <= KEPT * scale * scale), (kept or [1])[-1])


def strip_rows(width: int) -> int:
    """The rows of a strip: whole squares of every scale, and not too many pixels."""
    return max(_STRIP_PIXELS // max(width, 1) // _SCALES[-1], 1) * _SCALES[-1]


def reduced(pixels: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """The averages of squares of `scale` pixels a side, of a plane or of RGB."""
    return pixels if scale == 1 else np.asarray(Image.fromarray(pixels).reduce(scale))
