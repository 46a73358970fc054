"""Grounds: a picture with transparency is seen on the page behind it, and that page is not always white.

Pages are white or dark, viewers of files are black or grey, and chats are in between. What is seen is the picture on
white minus the missing part of the ground, so each ground costs no pass over the pixels: the kernel reduces the picture
on white and its opacity once. An upload is looked up on all `GROUNDS`. A listed picture is entered on fewer, since
neighbouring grounds give nearly the same hash.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tutela.media.pdq import MINIMUM_QUALITY, Look

# Levels of grey, white first: pages, the squares and the margin of viewers, the middle, two dark themes, black.
GROUNDS = (255, 230, 128, 49, 14, 0)
LISTED_GROUNDS = (255, 128, 0)
# Grounds on which parts of the picture are hashed too. Between black and white one shows at least half of a contrast.
PART_GROUNDS = (255, 0, 128)
LISTED_PART_GROUNDS = (255, 0)


def own_and_others(looks: Sequence[Look]) -> tuple[Look, tuple[Look, ...]]:
    """The picture's own look, and those that differ from it and from one another. The first is the one on white.

    Its own is the one on white; if that is too flat, the one with the highest quality. Others that are too flat, also
    once stretched, are left out.
    """
    own = looks[0] if looks[0].quality >= MINIMUM_QUALITY else max(looks, key=lambda look: look.quality)
    others = {look.variants: look for look in looks if max(look.quality, look.stretched) >= MINIMUM_QUALITY}
    others.pop(own.variants, None)
    return own, tuple(others.values())


def plane_on(ground: int, white: NDArray[np.float32], alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """The small plane of a picture on a ground, from that on white and that of its opacity."""
    return white - np.float32((255 - ground) / 255) * (255 - alpha)
