"""PDQ and structure of a decoded video frame: its luminance plane in the decoder's memory, upright.

The reference hashes RGB that a scaler made of the frame with the weights of BT.601. PDQ takes luminance with the same
weights. The plane is that luminance, and nothing needs to be converted. Frames without such a plane first become RGB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.media import pdq
from tutela.media.kernels import pdq_kernel
from tutela.media.limits import Level
from tutela.media.pixels import light
from tutela.media.pixels.colour_profile import TRANSFERS, Colours, as_shown
from tutela.media.pixels.windows import Decoded, framed_windows, stretched_of, whole_window
from tutela.media.results import Window

# One byte a sample, luminance first, apart from colour.
_BYTES = (
    "yuv420p",
    "yuv422p",
    "yuv444p",
    "yuv440p",
    "yuv411p",
    "yuv410p",
    "nv12",
    "nv21",
    "yuvj420p",
    "yuvj422p",
    "yuvj444p",
    "yuvj440p",
    "yuvj411p",
    "gray",
)
_WORDS = (
    "yuv420p10le",
    "yuv422p10le",
    "yuv444p10le",
    "yuv420p12le",
    "yuv422p12le",
    "yuv444p12le",
    "gray10le",
    "gray12le",
)
_FULL_RANGE = 2
# A small hash looks at fewer than twice as many pixels a side.
_FEW = 128
# Matrices by number (ITU-T H.273): BT.601 and BT.709, and those of wide colours.
_MATRICES, _WIDE = (5, 1), (9, 7)


def look_at_frame(frame: Any, rotation: int, level: Level) -> tuple[pdq.Look, tuple[Window, ...]]:
    """PDQ and structure of a frame, turned as its video states.

    The content between its bars is also hashed unless `level` is off. `frame` is PyAV's; `rotation` in degrees
    counter-clockwise. Raises `ValueError` for one that cannot be converted.
    """
    name = str(frame.format.name)
    turns = round(rotation / 90) % 4
    if name not in _BYTES and name not in _WORDS:
        pixels = np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), turns))
        look = pdq.look_at(pixels)
        return look, (*stretched_of(look), *_windows(pixels, level, limited=False))
    plane = _eight_bits(frame, name)
    full = name.startswith(("yuvj", "gray")) or int(frame.color_range) == _FULL_RANGE
    turned = np.ascontiguousarray(np.rot90(plane, turns)) if turns else plane
    windows = _windows(turned, level, limited=not full)
    if level is not Level.OFF and not name.startswith("gray"):
        for shown in _displays(frame, plane, limited=not full):
            windows = (*windows, *whole_window(np.rot90(shown, turns)))
    look = pdq.Look(*pdq_kernel.describe_plane(turned, limited=not full))
    return look, (*stretched_of(look), *windows)


def small_hash(frame: Any) -> bytes:
    """PDQ of a few of a frame's pixels, as it is stored: equal frames have nearly equal ones."""
    name = str(frame.format.name)
    luma = _stored(frame, name) if name in _BYTES or name in _WORDS else frame.to_ndarray(format="gray")
    few = luma[:: max(1, luma.shape[0] // _FEW), :: max(1, luma.shape[1] // _FEW)]
    few = few if few.dtype == np.uint8 else (few >> _spare_bits(name)).astype(np.uint8)
    return pdq_kernel.hash_once(few)[0]


def _displays(frame: Any, plane: NDArray[np.uint8], *, limited: bool) -> Iterator[NDArray[np.uint8]]:
    """The frame as a player may display it, where its light is far from its luminance.

    Colours may lie beyond a screen's, players choose between two matrices, and a video may state a transfer.
    """
    colours = Colours(transfer=int(frame.color_trc) if int(frame.color_trc) in TRANSFERS else 0)
    stated = int(frame.colorspace)
    for matrix in _MATRICES if stated not in _WIDE else (stated,):
        rgb = frame.reformat(format="rgb24", src_colorspace=matrix, dst_colorspace=matrix).to_ndarray()
        shown = as_shown(rgb, colours)
        if shown is not None:
            yield shown
        elif light.planes_differ(plane, rgb, limited=limited):
            yield rgb


def _windows(pixels: NDArray[np.uint8], level: Level, *, limited: bool) -> tuple[Window, ...]:
    if level is Level.OFF:
        return ()
    rows, cols = pixels.shape[:2]
    return framed_windows(Decoded(pixels, rows, cols, limited=limited))


def _eight_bits(frame: Any, name: str) -> NDArray[np.uint8]:
    """The luminance plane, rows × columns; its rows may lie apart. Valid while the frame is."""
    stored = _stored(frame, name)
    return stored if stored.dtype == np.uint8 else (stored >> _spare_bits(name)).astype(np.uint8)


def _stored(frame: Any, name: str) -> NDArray[Any]:
    """The luminance plane in the decoder's memory, in bytes or words."""
    plane = frame.planes[0]
    rows = int(plane.buffer_size) // int(plane.line_size)
    kind = np.uint8 if name in _BYTES else np.uint16
    return np.frombuffer(plane, kind).reshape(rows, -1)[: frame.height, : frame.width]


def _spare_bits(name: str) -> int:
    return (12 if "12" in name else 10) - 8
