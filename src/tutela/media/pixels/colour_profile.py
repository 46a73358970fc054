"""Displayed colours: the effect of a profile, a gamma or a transfer on stored ones, where it is large.

No hasher that lists come from applies a profile, so a picture's own hash uses its stored colours. But a browser applies
it, and a profile may invert light. If displayed light is far from stored light, the picture is looked up by both. A
usual profile (sRGB, Display P3, Adobe RGB) changes it too little, and costs only a check of a few colours.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

# The longer side of what is converted: a hash needs no more.
CONVERTED_SIDE = 512
# Levels of luminance by which a few colours may move on average, and nothing is looked up for it.
_USUAL = 10.0
# So many pixels are converted at a time.
_CONVERTED_AT_ONCE = 1 << 20
_LONGEST_PROFILE = 4 << 20
_GREY = np.array([0.299, 0.587, 0.114])
DAYLIGHT = (0.3127, 0.329)
_SRGB = (*DAYLIGHT, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
_SRGB_GAMMA = 0.45455
# Transfers by number (ITU-T H.273) that are powers.
_POWERS = {4: 2.2, 5: 2.8, 8: 1.0, 17: 2.6}
# Those and two logarithms, PQ and HLG; the others are about that of sRGB.
TRANSFERS = frozenset({*_POWERS, 9, 10, 16, 18})
_WHITE_NITS = 203.0


@dataclass(frozen=True, slots=True)
class Colours:
    """Statements of a file about the display of its colours. `transfer`: by number, or 0."""

    profile: bytes = b""
    gamma: float = 0.0
    chromaticity: tuple[float, ...] = ()
    transfer: int = 0

    def alternatives(self) -> Iterator[Colours]:
        """These, and without each statement that stands before another one: a browser skips a damaged statement."""
        without = replace(self, transfer=0)
        yield from dict.fromkeys((self, without, replace(without, profile=b"")))


NOTHING_SAID = Colours()


def colours_in(info: dict[str | tuple[int, int], Any], transfer: int = 0, *, transfer_first: bool = False) -> Colours:
    """Out of what Pillow has read. In a PNG a transfer stands before a profile (`transfer_first`), elsewhere behind."""
    profile = bytes(info.get("icc_profile") or b"")[:_LONGEST_PROFILE]
    transfer = transfer if transfer in TRANSFERS and (transfer_first or not profile) else 0
    if transfer or profile or "srgb" in info:
        return Colours(profile, transfer=transfer)
    return Colours(gamma=float(info.get("gamma", 0.0)), chromaticity=tuple(info.get("chromaticity", ())))


def as_shown(pixels: NDArray[np.uint8], colours: Colours) -> NDArray[np.uint8] | None:
    """The picture at no more than `CONVERTED_SIDE` as it is shown; None where that is about as it is stored."""
    if not is_much(colours):
        return None
    image = Image.fromarray(pixels)
    if (colours.transfer or not colours.profile) and len(colours.chromaticity) != len(_SRGB):
        # Each channel by itself, so that every level is converted once.
        levels = _converted(np.arange(256, dtype=np.uint8)[:, None], colours)
        table = [] if levels is None else levels[:, 0].tolist() * 3
        return convert_and_reduce(image, lambda part: np.asarray(part.convert("RGB").point(table))) if table else None
    return convert_and_reduce(image, lambda part: _converted(np.asarray(part.convert("RGB")), colours))


def is_much(colours: Colours) -> bool:
    """Whether colours as they are shown lie far from those that are stored."""
    return colours != NOTHING_SAID and _moves(colours)


@lru_cache(maxsize=4)
def is_known(profile: bytes) -> bool:
    """Whether browsers apply a profile as it is applied here.

    A browser may apply one that this library refuses. Tables that change colours much are read between their entries in
    other ways.
    """
    if not profile or _by_profile(np.zeros((1, 1, 3), np.uint8), profile) is None:
        return not profile
    return not (_has_tables(profile) and _changes(Colours(profile)))


def inks_as_shown(image: Image.Image, profile: bytes) -> NDArray[np.uint8] | None:
    """A CMYK picture at no more than `CONVERTED_SIDE` by its profile; None if that cannot be applied."""
    try:
        made = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        way = ImageCms.buildTransform(made, ImageCms.createProfile("sRGB"), "CMYK", "RGB")
        return convert_and_reduce(image, lambda part: np.asarray(ImageCms.applyTransform(part, way)))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def convert_and_reduce(
    image: Image.Image, convert: Callable[[Image.Image], NDArray[np.uint8] | None]
) -> NDArray[np.uint8] | None:
    """Convert every pixel, and then reduce: the mean of displayed colours is not the display of their mean."""
    factor, parts = -(-max(image.size) // CONVERTED_SIDE), list[NDArray[np.uint8]]()
    rows = max(1, _CONVERTED_AT_ONCE // (image.width * factor)) * factor
    for begin in range(0, image.height, rows):
        shown = convert(image.crop((0, begin, image.width, min(begin + rows, image.height))))
        if shown is None:
            return None
        parts.append(np.asarray(Image.fromarray(shown).reduce(factor)))
    return np.concatenate(parts)


def _moves(colours: Colours) -> bool:
    """Whether colours move much. A profile with tables may move any of them, so it is always applied."""
    return (not colours.transfer and _has_tables(colours.profile)) or _changes(colours)


@lru_cache(maxsize=16)
def _changes(colours: Colours) -> bool:
    """Whether a few colours change much: a grid, and every level of each channel and of grey."""
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(27, 27, 3)
    levels = np.arange(256, dtype=np.uint8)[:, None] * np.array([[1, 1, 1]], np.uint8)
    ramps = np.stack([levels * np.array(one, np.uint8) for one in ((1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1))])
    return any(_moved(part, colours) for part in (grid, *ramps[:, :, None, :]))


def _moved(rgb: NDArray[np.uint8], colours: Colours) -> bool:
    shown = _converted(np.ascontiguousarray(rgb), colours)
    return shown is not None and bool(np.abs((shown.astype(np.float64) - rgb) @ _GREY).mean() > _USUAL)


def _has_tables(profile: bytes) -> bool:
    end = 132 + 12 * min(int.from_bytes(profile[128:132]), 200)
    return any(profile[at : at + 3] in (b"A2B", b"D2B") for at in range(132, end, 12))


def _converted(rgb: NDArray[np.uint8], colours: Colours) -> NDArray[np.uint8] | None:
    if colours.profile and not colours.transfer:
        return _by_profile(rgb, colours.profile)
    try:
        with np.errstate(all="ignore"):  # the numbers are the file's own
            light = _light(rgb / 255.0, colours)
            if len(colours.chromaticity) == len(_SRGB):
                light = light @ (np.linalg.inv(_matrix(_SRGB)) @ _matrix(colours.chromaticity)).T
            light = np.clip(np.nan_to_num(light), 0, 1)
            return np.asarray(np.rint(255 * light**_SRGB_GAMMA), np.uint8)
    except (np.linalg.LinAlgError, OverflowError):
        return None


def _by_profile(rgb: NDArray[np.uint8], profile: bytes) -> NDArray[np.uint8] | None:
    try:
        made = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = made.profile.xcolor_space.strip()
        mode = {"RGB": "RGB", "GRAY": "L"}.get(space)
        if mode is None:
            return None
        way = ImageCms.buildTransform(made, ImageCms.createProfile("sRGB"), mode, "RGB")
        found = ImageCms.applyTransform(Image.fromarray(rgb).convert(mode), way)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return None if found is None else np.asarray(found)


def _light(v: NDArray[np.float64], colours: Colours) -> NDArray[np.float64]:
    """Light from 0 to 1."""
    match colours.transfer:
        case 0:
            return np.asarray(v ** (1 / colours.gamma if colours.gamma > 0 else 1 / _SRGB_GAMMA))
        case number if number in _POWERS:
            return np.asarray(v ** _POWERS[number])
        case 9:
            return np.asarray(np.where(v > 0, 10.0 ** (2 * (v - 1)), 0))
        case 10:
            return np.asarray(np.where(v > 0, 10.0 ** (2.5 * (v - 1)), 0))
        case 16:
            power = v ** (1 / 78.84375)
            nits = 10000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
            return np.asarray(nits / _WHITE_NITS)
        case 18:
            scene = np.where(v <= 0.5, v * v / 3, (np.exp((v - 0.55991073) / 0.17883277) + 0.28466892) / 12)
            return np.asarray(scene**1.2 * 1000 / _WHITE_NITS)
        case _:
            return np.asarray(v ** (1 / _SRGB_GAMMA))


def _matrix(chromaticity: tuple[float, ...]) -> NDArray[np.float64]:
    """From linear RGB to XYZ, by the chromaticities of white, red, green and blue."""
    white, *each = (np.array([x / y, 1.0, (1 - x - y) / y]) for x, y in _pairs(chromaticity))
    columns = np.stack(each, axis=1)
    return np.asarray(columns * np.linalg.solve(columns, white))


def _pairs(values: tuple[float, ...]) -> list[tuple[float, float]]:
    return [(values[k], values[k + 1] or 1e-6) for k in range(0, len(values), 2)]
