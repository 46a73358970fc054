"""Whether two windows show the same content, by a measure that no hash has a part in: their luminance correlates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tutela.media.results import Box

# Two pictures whose 64 × 64 luminance correlates by more than this are taken for the same.
SAME = 0.9
_SIDE, _KEPT = 64, 256

type Plane = NDArray[np.float64]

# In the order of PDQ's eight positions.
_TURNS: tuple[Callable[[Plane], Plane], ...] = (
    lambda a: a,
    np.rot90,
    lambda a: np.rot90(a, 2),
    lambda a: np.rot90(a, 3),
    lambda a: a[::-1],
    lambda a: a[:, ::-1],
    lambda a: a.T,
    lambda a: np.rot90(a, 2).T,
)


@dataclass(frozen=True)
class Small:
    """A picture's luminance, at most 256 samples long."""

    grey: NDArray[np.uint8]

    @classmethod
    def of(cls, image: Image.Image) -> Small:
        """Reduced from any picture."""
        grey = image.convert("L")
        grey.thumbnail((_KEPT, _KEPT))
        return cls(np.asarray(grey))

    def window(self, box: Box) -> Plane:
        """A part of it as 64 × 64."""
        rows, cols = self.grey.shape
        sides = (box[0] * cols, box[1] * rows, box[2] * cols, box[3] * rows)
        cut = Image.fromarray(self.grey).resize((_SIDE, _SIDE), Image.Resampling.BOX, box=sides)
        return np.asarray(cut, np.float64)


def correlation(one: Plane, other: Plane) -> float:
    """Of all samples, -1 to 1; 0 where either is flat."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size else 0.0


def same(one: Small, box: Box, variant: int, other: Small, other_box: Box) -> bool:
    """Whether the window of one, turned, is the other's."""
    return correlation(_TURNS[variant](one.window(box)), other.window(other_box)) > SAME
