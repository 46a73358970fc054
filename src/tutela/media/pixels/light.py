"""Compare stored luminance with the light of the displayed colours.

A JPEG or a video stores luminance apart from colour, and hashes use the luminance. Colours beyond the range of a screen
are cut off there, and then the light differs. If it differs much, the picture is also looked up as it is displayed.
"""

from __future__ import annotations

import math
from hashlib import shake_128

import numpy as np
from numpy.typing import NDArray

from tutela.media.kernels import _pdq

WEIGHTS = np.array([0.299, 0.587, 0.114])
# So many levels may differ on average. Rounding and sampling of colour make less than two.
_MOST_LEVELS = 8.0
# So many squares a side are compared; where single pixels stand for a square, so many squares, and pixels of each.
SIDE = 64
_SQUARES, _PER_SQUARE = 32, 4


def places(shape: tuple[int, ...], seed: bytes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of pixels of each square of a picture, the square's pixels last. `seed` chooses them."""
    # Not numpy's generators: their module is loaded when it is first used, and a cage loads nothing.
    wanted = (2, _SQUARES, _SQUARES, _PER_SQUARE)
    drawn = np.frombuffer(shake_128(seed).digest(2 * math.prod(wanted)), "<u2")
    inside = drawn.reshape(wanted) / 65536
    squares = np.indices((_SQUARES, _SQUARES))[..., None]
    rows, cols = ((squares + inside) * np.reshape(shape[:2], (2, 1, 1, 1)) / _SQUARES).astype(np.intp)
    return rows, cols


def differs(luminance: NDArray[np.uint8], rgb: NDArray[np.uint8]) -> bool:
    """Whether the light of `rgb` (… × 3) is far from `luminance`, square by square: the last axis has its pixels."""
    return bool(np.abs((rgb @ WEIGHTS - luminance).mean(axis=-1)).mean() > _MOST_LEVELS)


def planes_differ(luminance: NDArray[np.uint8], rgb: NDArray[np.uint8], *, limited: bool) -> bool:
    """Whether the light of all pixels of `rgb` is far from `luminance`, square by square.

    `limited`: 16 is black and 235 white in `luminance`.
    """
    factor = -(-max(luminance.shape) // SIDE)
    stored = _pdq.reduced(np.ascontiguousarray(luminance), factor)
    stored = np.clip((stored - 16) * np.float32(255 / 219), 0, 255) if limited else stored
    return bool(np.abs(_pdq.reduced(rgb, factor) - stored).mean() > _MOST_LEVELS)


def of_ycc(y: NDArray[np.uint8], cb: NDArray[np.uint8], cr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB of the full range, by BT.601 as JPEG has it, cut off as a screen does."""
    light, blue, red = (part.astype(np.float32) for part in (y, cb, cr))
    blue, red = blue - 128, red - 128
    rgb = np.stack([light + 1.402 * red, light - 0.344136 * blue - 0.714136 * red, light + 1.772 * blue], axis=-1)
    return np.asarray(np.clip(np.rint(rgb), 0, 255), np.uint8)
