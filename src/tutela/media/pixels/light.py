"""Compare stored luminance with the light of the displayed colours.

A video stores luminance apart from colour, and hashes use the luminance. Colours beyond the range of a screen are cut
off there, and then the light differs. If it differs much, a frame is also looked up as it is displayed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tutela.media.kernels import pdq_kernel

# So many levels may differ on average. Rounding and sampling of colour make less than two.
_MOST_LEVELS = 8.0
# So many squares a side are compared.
_SIDE = 64


def planes_differ(luminance: NDArray[np.uint8], rgb: NDArray[np.uint8], *, limited: bool) -> bool:
    """Whether the light of all pixels of `rgb` is far from `luminance`, square by square.

    `limited`: 16 is black and 235 white in `luminance`.
    """
    factor = -(-max(luminance.shape) // _SIDE)
    stored = pdq_kernel.reduced(luminance, factor)
    stored = np.clip((stored - 16) * np.float32(255 / 219), 0, 255) if limited else stored
    return bool(np.abs(pdq_kernel.reduced(rgb, factor) - stored).mean() > _MOST_LEVELS)
