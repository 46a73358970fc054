"""Hash a decoded picture as browsers may display it otherwise: its visible part, and its colours by what it states.

A note states where the display is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tutela.media.formats import display, picture_formats
from tutela.media.pixels.colour import Pixels, pixels_of, upright
from tutela.media.pixels.colour_profile import TRANSFERS, as_shown, colours_in, inks_as_shown, is_known, is_much
from tutela.media.pixels.windows import Decoded, decoded_of, look_of, whole_of, whole_window
from tutela.media.results import INCOMPLETE, Window
from tutela.media.salvage import bmp


def shown_parts(seen: Pixels, data: bytes, form: str, *, listed: bool) -> Iterator[Window]:
    """The visible part of an AVIF, as the file states it; its decoder returns the whole."""
    if form != "AVIF":
        return
    height, width = seen.size or seen.pixels.shape[:2]
    for box in picture_formats.cuts_of(data, width, height):
        part = seen.moved(partial(_within, [side // seen.scale for side in box]))
        look, others = look_of(decoded_of(part, 1), listed=listed)
        yield from whole_of(look)
        yield from others


def _within(box: list[int], plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    left, top, right, bottom = box
    return plane[top:bottom, left:right]


def in_colours(
    decoded: Decoded, data: bytes, image: Image.Image, form: str, orientation: int, *, listed: bool
) -> Iterator[Window]:
    """The whole frame in each of the colours that the file states, if these change its light much.

    The pixels of an upload in AVIF or HEIF may also state any in their own header, and no decoder tells which.
    """
    if image.mode == "CMYK":
        shown = inks_as_shown(image, colours_in(image.info).profile)
        if shown is not None:
            yield from whole_window(upright(shown, orientation))
        return
    transfers = picture_formats.transfers_of(data, form)
    if form in ("AVIF", "HEIF") and not listed:
        transfers += sorted(TRANSFERS)
    stated = [colours_in(image.info, transfer, transfer_first=form == "PNG") for transfer in transfers]
    for colours in dict.fromkeys([bmp.colours_of(data)] if form == "BMP" else stated):
        if not is_much(colours):
            continue
        stored = decoded.pixels if decoded.opaque is None else decoded.opaque
        if form == "JPEG":
            # Its light alone was hashed, perhaps reduced: a profile is applied to every pixel.
            stored = upright(pixels_of(image), orientation)
        shown = as_shown(stored, colours)
        if shown is not None:
            yield from whole_window(shown)


def unclear_notes(data: bytes, format_name: str, profile: bytes, inks: Image.Image | None = None) -> Iterator[str]:
    """A note if browsers may display the picture otherwise than it is hashed. `inks`: a loaded CMYK picture."""
    profile = bmp.colours_of(data).profile if format_name == "BMP" else profile
    if profile and (inks_as_shown(inks, profile) is None if inks else not is_known(profile)):
        yield f"{INCOMPLETE}: its colour profile cannot be applied"
    if reason := display.unclear(data, format_name):
        yield f"{INCOMPLETE}: {reason}"
