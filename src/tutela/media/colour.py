"""From any Pillow picture to the pixels PDQ is taken of: RGB or grey, 8 bits, upright, on white.

- Every colour mode becomes RGB before luminance is taken; palette indices and ink are not brightness.
- Transparency is composited on white, as browsers show it. What is invisible there does not enter the hash.
- Grey of 16 bits keeps its upper 8; wider grey and floating point are scaled by their range.
- A colour profile does not move RGB and grey: no hasher that lists come from applies it. Lab has no meaning without
  one and is converted to sRGB.
- The EXIF orientation is applied, so that a picture is hashed as it is seen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_ALPHA_MODES = frozenset({"RGBA", "RGBa", "LA", "La", "PA"})
_ORIENTATION_TAG = 0x0112


def pixels_of(image: Image.Image) -> NDArray[np.uint8]:
    """Grey (rows × columns) or RGB (rows × columns × 3) of the loaded frame, not yet turned upright."""
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        return _array(_on_white(image))
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(np.asarray(image), image.mode)
    if image.mode == "LAB":
        return _array(ImageCms.applyTransform(image, _lab_to_srgb()) or image)
    if image.mode == "1":
        return _array(image.convert("L"))
    return _array(image if image.mode in ("L", "RGB") else image.convert("RGB"))


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn and mirror as EXIF orientation 1 to 8 asks; any other value leaves the picture as it is."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def orientation_of(image: Image.Image, *, known: bool = False) -> int:
    """The EXIF orientation, or 1 where there is none or its block cannot be read.

    `known`: all that could say it has been read, and a PNG need not be decoded to look behind its pixels.
    """
    try:
        exif = Image.Image.getexif(image) if known else image.getexif()
        value: Any = exif.get(_ORIENTATION_TAG, 1)
    except Exception:  # noqa: BLE001 - a broken EXIF block must not make a known picture unmatchable
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _array(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image, dtype=np.uint8)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("La", "PA"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    image = image.convert("RGBA")
    if image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image)
    return ground


def _eight_bits(stored: NDArray[Any], mode: str) -> NDArray[np.uint8]:
    with np.errstate(invalid="ignore"):  # a float picture may hold what is no number
        values = np.nan_to_num(stored.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if mode.startswith("I;16"):
        values = values / 257.0
    elif mode == "F" and low >= 0.0 and high <= 1.0:
        values = values * 255.0
    elif low < 0.0 or high > 65535.0:
        values = (values - low) * (255.0 / (high - low))
    elif high > 255.0:
        values = values / 257.0
    return np.rint(values).astype(np.uint8)


@lru_cache(maxsize=1)
def _lab_to_srgb() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
