"""Convert any Pillow picture to the pixels for PDQ: RGB or grey, 8 bits, upright, on white.

- Every colour mode becomes RGB before luminance is taken; palette indices and ink are not brightness.
- Transparency is composited on white, as most pages show it; its opacity is kept, from which other grounds follow
  (`grounds`). In a second version it is left out, as hashers of other lists do. All are looked up.
- Grey of 16 bits keeps its upper 8; wider grey and floating point are scaled by their range.
- A colour profile does not change RGB and grey: no hasher that lists come from applies it. Lab has no meaning without
  one and is converted to sRGB.
- The EXIF orientation is applied, so that a picture is hashed as it is displayed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from tutela.media.pixels.large import reduced, reduction_of, strip_rows

_ALPHA_MODES = frozenset({"RGBA", "RGBa", "LA", "La", "PA"})
_ORIENTATION_TAG = 0x0112
# Orientations that exchange rows and columns.
TURNED = (5, 6, 7, 8)


class Pixels(NamedTuple):
    """Grey (rows × columns) or RGB (rows × columns × 3) on white. `opaque`: without transparency, if it has some.

    `alpha`: the opacity of each pixel, if they differ. One that is the same everywhere moves no bit of a hash. `scale`:
    the side of the squares that were averaged (`large`), of a picture of `size` rows and columns.
    """

    pixels: NDArray[np.uint8]
    opaque: NDArray[np.uint8] | None = None
    alpha: NDArray[np.uint8] | None = None
    scale: int = 1
    size: tuple[int, int] | None = None

    def moved(self, move: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> Pixels:
        """The planes, each changed alike: turned, or cut."""
        opaque, alpha = (None if plane is None else move(plane) for plane in (self.opaque, self.alpha))
        return Pixels(move(self.pixels), opaque, alpha)

    def until(self, rows: int) -> Pixels:
        """The same with the page's ground from this row of the picture on: the rest is missing."""
        rows //= self.scale
        if rows >= len(self.pixels):
            return self
        alpha = np.full(self.pixels.shape[:2], 255, np.uint8) if self.alpha is None else self.alpha.copy()
        opaque = None if self.opaque is None else self.opaque.copy()
        found = Pixels(self.pixels.copy(), opaque, alpha, self.scale, self.size)
        found.pixels[rows:], alpha[rows:] = 255, 0
        if found.opaque is not None:
            found.opaque[rows:] = 255
        return found


def seen_of(image: Image.Image) -> Pixels:
    """The loaded frame, not yet turned upright."""
    if image.format == "BMP" and image.mode == "RGBA" and image.getchannel("A").getbbox() is None:
        # A bitmap that is wholly transparent is shown as if it had no transparency.
        return Pixels(_converted(image))
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        return _on_white(image)
    if image.mode.startswith("I") or image.mode == "F":
        scale = reduction_of(*image.size)
        return Pixels(reduced(_eight_bits(image), scale), scale=scale, size=(image.height, image.width))
    if image.mode == "LAB":
        return Pixels(_array(ImageCms.applyTransform(image, _lab_to_srgb()) or image))
    if reduction_of(*image.size) > 1:
        return averaged((np.asarray(strip.convert("RGB")) for strip, _ in _strips(image)), image.size)
    if image.mode == "1":
        return Pixels(_array(image.convert("L")))
    return Pixels(_array(image) if image.mode in ("L", "RGB") else _converted(image))


def pixels_of(image: Image.Image) -> NDArray[np.uint8]:
    """The pixels of the loaded frame, on white only."""
    return seen_of(image).pixels


def blended(rgba: NDArray[np.uint8]) -> Pixels:
    """Composite rows × columns × RGBA on white."""
    rows, cols = rgba.shape[:2]
    step = strip_rows(cols)
    return averaged((rgba[begin : begin + step] for begin in range(0, rows, step)), (cols, rows))


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn and mirror as EXIF orientation 1 to 8 asks; any other value leaves the picture as it is."""
    if orientation in TURNED:
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
    if image.height <= strip_rows(image.width):
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
    step = strip_rows(image.width)
    for begin in range(0, image.height, step):
        end = min(begin + step, image.height)
        yield image.crop((0, begin, image.width, end)), slice(begin, end)


def _on_white(image: Image.Image) -> Pixels:
    return averaged((_rgba(strip) for strip, _ in _strips(image)), image.size)


def _rgba(image: Image.Image) -> NDArray[np.uint8]:
    image = image.convert("LA") if image.mode == "La" else image
    return np.asarray(image if image.mode == "RGBA" else image.convert("RGBA"))


def averaged(strips: Iterable[NDArray[np.uint8]], size: tuple[int, int]) -> Pixels:
    """Put strips of RGB or RGBA together, of a picture of this width and height; a large one is reduced.

    Transparency is composited on white as Pillow pastes. If any pixel is transparent, the picture is also kept without.
    """
    width, height = size
    scale = reduction_of(width, height)
    shape = -(-height // scale), -(-width // scale)
    shown, at = np.empty((*shape, 3), np.uint8), 0
    opaque: NDArray[np.uint8] | None = None
    alpha: NDArray[np.uint8] | None = None
    for strip in strips:
        some = slice(at, at + -(-len(strip) // scale))
        at = some.stop
        if strip.shape[2] == 3 or strip[..., 3].min() == 255:
            shown[some] = reduced(strip[..., :3], scale)
        else:
            given = Image.fromarray(strip)
            ground = Image.new("RGB", given.size, "white")
            ground.paste(given, mask=given)
            if opaque is None or alpha is None:
                opaque, alpha = shown.copy(), np.full(shape, 255, np.uint8)
            shown[some] = reduced(np.asarray(ground), scale)
            alpha[some] = reduced(strip[..., 3], scale)
        if opaque is not None:
            opaque[some] = reduced(strip[..., :3], scale)
    return Pixels(shown, opaque, None if alpha is None else varied(alpha), scale, (height, width))


def varied(alpha: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The opacity, if it is not the same everywhere."""
    return None if alpha.min() == alpha.max() else alpha


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
