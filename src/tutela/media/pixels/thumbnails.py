"""Thumbnails: pictures so small that PDQ keeps single pixels, where it kept means of the original.

PDQ blurs a side of n pixels over n/128 of them, twice, and keeps 64 samples. A side below 128 is not blurred, so that
the sampled pixels are left to chance. If a thumbnail is enlarged and hashed again, it has the blur that its original
had. The best way to enlarge depends on how it was reduced, so three ways are used. In `bench/robustness.py`, of 2,000
pictures at a quarter of their size 66 were missed, and 27 of them are found by one of these ways.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tutela.media import pdq
from tutela.media.results import WHOLE, Window, WindowKind

# A longer side up to this makes a thumbnail; a shorter side below the other has nothing to enlarge.
LONGEST, SHORTEST = 192, 16
_WAYS = ((2, Image.Resampling.BICUBIC), (4, Image.Resampling.BICUBIC), (4, Image.Resampling.BOX))


def enlarged(plane: NDArray[np.float32]) -> Iterator[Window]:
    """The whole picture, enlarged in each way, in all eight positions; nothing of a picture that is no thumbnail.

    `plane` is its luminance at full size, rows × columns.
    """
    rows, cols = plane.shape
    if max(rows, cols) > LONGEST or min(rows, cols) < SHORTEST:
        return
    image = Image.fromarray(plane)
    for times, filtered in _WAYS:
        look = pdq.look_at(np.asarray(image.resize((cols * times, rows * times), filtered), np.float32))
        if look.quality >= pdq.MINIMUM_QUALITY:
            yield Window(WindowKind.WHOLE, WHOLE, look.quality, look.variants, look.structures)
