"""Convert any Pillow picture to the pixels for PDQ: RGB or grey, 8 bits, upright, on white.

- Every colour mode becomes RGB before luminance is taken; palette indices and ink are not brightness.
- Transparency is composited on white, as browsers show it; in a second version it is left out, as hashers of other
  lists do. Both are looked up, but only the first gives the picture's own hash.
- Grey of 16 bits keeps its upper 8; wider grey and floating point are scaled by their range.
- A colour profile does not change RGB and grey: no hasher that lists come from applies it. Lab has no meaning without
  one and is converted to sRGB.
- The EXIF orientation is applied, so that a picture is hashed as it is displayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_ALPHA_MODES = frozenset({"RGBA", "RGBa", "LA", "La", "PA"})
_ORIENTATION_TAG = 0x0112
# Rows that are taken from Pillow at a time.
_STRIP = 1024


class Pixels(NamedTuple):
    """Grey (rows × columns) or RGB (rows × columns × 3) on white. `opaque`: without transparency, if it has some."""

    pixels: NDArray[np.uint8]
    opaque: NDArray[np.uint8] | None = None


def seen_of(image: Image.Image) -> Pixels:
    """The loaded frame, not yet turned upright."""
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        return _on_white(image)
    if image.mode.startswith("I") or image.mode == "F":
        return Pixels(_eight_bits(image))
    if image.mode == "LAB":
        return Pixels(_array(ImageCms.applyTransform(image, _lab_to_srgb()) or image))
    if image.mode == "1":
        return Pixels(_array(image.convert("L")))
    return Pixels(_array(image) if image.mode in ("L", "RGB") else _converted(image))


def pixels_of(image: Image.Image) -> NDArray[np.uint8]:
    """The pixels of the loaded frame, on white only."""
    return seen_of(image).pixels


def blended(rgba: NDArray[np.uint8]) -> Pixels:
    """Composite rows × columns × RGBA on white."""
    parts = (slice(begin, begin + _STRIP) for begin in range(0, len(rgba), _STRIP))
    return _flattened(((rgba[some], some) for some in parts), rgba.shape[:2])


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
    """The EXIF orientation, or 1 if there is none or its block cannot be read.

    `known`: all that could state it has been read, so a PNG need not be decoded to read behind its pixels.
    """
    try:
        exif = Image.Image.getexif(image) if known else image.getexif()
        value: Any = exif.get(_ORIENTATION_TAG, 1)
    except Exception:  # noqa: BLE001 - a broken EXIF block must not make a known picture unmatchable
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def orientation_in(exif: bytes) -> int:
    """The orientation that an Exif block names, or 1."""
    image = Image.new("L", (1, 1))
    image.info["exif"] = exif
    return orientation_of(image) if exif else 1


def _array(image: Image.Image) -> NDArray[np.uint8]:
    """Strip by strip: Pillow would have the whole picture in memory three times."""
    if image.height <= _STRIP:
        return np.asarray(image, dtype=np.uint8)
    samples = len(image.getbands())
    out = np.empty((image.height, image.width, samples)[: 3 if samples > 1 else 2], np.uint8)
    for strip, some in _strips(image):
        out[some] = np.asarray(strip, dtype=np.uint8)
    return out


def _converted(image: Image.Image) -> NDArray[np.uint8]:
    out = np.empty((image.height, image.width, 3), np.uint8)
    for strip, some in _strips(image):
        out[some] = np.asarray(strip.convert("RGB"))
    return out


def _strips(image: Image.Image) -> Iterator[tuple[Image.Image, slice]]:
    for begin in range(0, image.height, _STRIP):
        end = min(begin + _STRIP, image.height)
        yield image.crop((0, begin, image.width, end)), slice(begin, end)


def _on_white(image: Image.Image) -> Pixels:
    strips = ((_rgba(strip), some) for strip, some in _strips(image))
    return _flattened(strips, (image.height, image.width))


def _rgba(image: Image.Image) -> NDArray[np.uint8]:
    image = image.convert("LA") if image.mode == "La" else image
    return np.asarray(image if image.mode == "RGBA" else image.convert("RGBA"))


def _flattened(strips: Iterable[tuple[NDArray[np.uint8], slice]], shape: tuple[int, int]) -> Pixels:
    """Composite on white as Pillow pastes; if any pixel is transparent, also convert to RGB without transparency."""
    shown = np.empty((*shape, 3), np.uint8)
    opaque: NDArray[np.uint8] | None = None
    for rgba, some in strips:
        if rgba[..., 3].min() == 255:
            shown[some] = rgba[..., :3]
        else:
            given = Image.fromarray(rgba)
            ground = Image.new("RGB", given.size, "white")
            ground.paste(given, mask=given)
            if opaque is None:
                opaque = shown.copy()
            shown[some] = np.asarray(ground)
        if opaque is not None:
            opaque[some] = rgba[..., :3]
    return Pixels(shown, opaque)


def _eight_bits(image: Image.Image) -> NDArray[np.uint8]:
    """Scale to 8 bits by the range of the whole picture."""
    ranges = [(float(values.min()), float(values.max())) for values in map(_finite, _strips(image))]
    low, high = min(one for one, _ in ranges), max(one for _, one in ranges)
    out = np.empty((image.height, image.width), np.uint8)
    for strip, some in _strips(image):
        values = _finite((strip, some))
        if image.mode.startswith("I;16"):
            values = values / 257.0
        elif image.mode == "F" and low >= 0.0 and high <= 1.0:
            values = values * 255.0
        elif low < 0.0 or high > 65535.0:
            values = (values - low) * (255.0 / (high - low))
        elif high > 255.0:
            values = values / 257.0
        out[some] = np.rint(values).astype(np.uint8)
    return out


def _finite(strip: tuple[Image.Image, slice]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # a float picture may hold what is no number
        return np.nan_to_num(np.asarray(strip[0]).astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


@lru_cache(maxsize=1)
def _lab_to_srgb() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
