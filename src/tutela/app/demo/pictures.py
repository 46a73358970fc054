"""Generated pictures of hills and water that stand in for items, each from a number.

No figure is ever drawn.
"""

from __future__ import annotations

import io
import secrets

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tutela.media import pdq

type Pixels = NDArray[np.uint8]


def landscape(number: int, width: int = 960, height: int = 640) -> Image.Image:
    """Sky, ridges and water with some texture; the same number is the same picture."""
    random = np.random.default_rng(number)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    sky = np.linspace(random.uniform(0.55, 0.95), random.uniform(0.3, 0.7), height)[:, None]
    picture = np.repeat(sky, width, axis=1)
    for depth in range(5):
        ridge = height * (0.25 + 0.14 * depth) + _ridge(random, columns[0], height * 0.16)
        shade = random.uniform(0.08, 0.55) + 0.07 * depth
        picture = np.where(rows > ridge[None, :], shade + 0.12 * _grain(random, height, width), picture)
    tint = random.uniform(0.7, 1.0, 3)
    return Image.fromarray((np.clip(picture[..., None] * tint, 0, 1) * 255).astype(np.uint8))


def unseen(quality: int = 80) -> Image.Image:
    """A picture that nobody has seen, with a PDQ quality of at least this: one of 200 is too flat for any list."""
    while True:
        picture = landscape(secrets.randbits(32))
        if pdq.hash_pixels(np.asarray(picture))[1] >= quality:
            return picture


def encoded(picture: Image.Image, form: str = "PNG", quality: int = 92) -> bytes:
    """The picture as a file's bytes."""
    out = io.BytesIO()
    picture.save(out, form, quality=quality)
    return out.getvalue()


def _ridge(random: np.random.Generator, x: NDArray[np.float64], size: float) -> NDArray[np.float64]:
    waves = [
        np.sin(x * random.uniform(0.002, 0.03) + random.uniform(0, 6.3)) * random.uniform(0.1, 0.5) for _ in range(6)
    ]
    return size * np.sum(waves, axis=0)


def _grain(random: np.random.Generator, height: int, width: int) -> NDArray[np.float64]:
    """Coarse noise, smooth at the scale that a perceptual hash sees."""
    small = Image.fromarray((random.random((12, 18)) * 255).astype(np.uint8))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), np.float64) / 255
