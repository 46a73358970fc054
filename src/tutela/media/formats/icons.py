"""Icons and cursors: hash every picture in one, the largest first.

A browser shows one of them, and no rule says which. A picture in an icon is a PNG or a bitmap. The bitmap lacks its
first header and has twice its height. If its pixels do not state transparency, a mask after them does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from struct import error as struct_error
from struct import unpack_from

import numpy as np
from numpy.typing import NDArray

from tutela.media.limits import Limits
from tutela.media.pixels.colour import Pixels, blended
from tutela.media.salvage import bmp
from tutela.media.salvage.salvaged import require_size

MAGICS = (b"\0\0\1\0", b"\0\0\2\0")
_ENTRY = 16
_MOST = 256


def pictures(data: bytes) -> list[bytes]:
    """The bytes of each picture of an icon, from its place to the end of the file, the largest first."""
    count = min(int.from_bytes(data[4:6], "little"), _MOST)
    found: dict[int, tuple[int, int]] = {}
    for k in range(count):
        entry = data[6 + _ENTRY * k : 6 + _ENTRY * (k + 1)]
        if len(entry) < _ENTRY:
            break
        depth, (_, at) = int.from_bytes(entry[6:8], "little"), unpack_from("<II", entry, 8)
        if 6 + _ENTRY <= at < len(data):
            found.setdefault(at, (_area(data, at), depth))
    return [data[at:] for at in sorted(found, key=lambda at: found[at], reverse=True)]


def holds_more(data: bytes) -> bool:
    """True if an icon declares more pictures than the maximum that is searched."""
    return int.from_bytes(data[4:6], "little") > _MOST and len(data) > 6 + _ENTRY * _MOST


def _area(data: bytes, at: int) -> int:
    """The pixels by the picture's own head; an entry can say 255 at most."""
    if data[at : at + 4] == b"\x89PNG":
        width, height = int.from_bytes(data[at + 16 : at + 20]), int.from_bytes(data[at + 20 : at + 24])
    else:
        width, height = (int.from_bytes(data[at + k : at + k + 4], "little") for k in (4, 8))
        height //= 2  # a mask is counted too
    return width * height


def bitmaps(data: bytes, limits: Limits) -> Iterator[Pixels]:
    """Yield the bitmap of an icon as it is shown; twice if its height may or may not be doubled.

    Raises `Refusal` if there is none.
    """
    try:
        about = bmp.read(data, 0)
    except struct_error:
        return
    halved = replace(about, height=about.height // 2)
    begin = about.end + about.colours * about.entry
    for one in (halved, about):
        require_size(one.width, one.height, limits)
        rgba, rows = bmp.decoded(data, _with_alpha(one), begin)
        if rows:
            yield _seen(data, one, begin, rgba)
        if one is halved and len(data) - begin >= about.row * about.height:
            # Both halves are there: no mask follows pixels of that height.
            continue
        return


def _with_alpha(about: bmp.Bitmap) -> bmp.Bitmap:
    if about.depth != 32 or about.masks[3]:
        return about
    return replace(about, masks=(*about.masks[:3], 0xFF000000))


def _seen(data: bytes, about: bmp.Bitmap, begin: int, rgba: NDArray[np.uint8]) -> Pixels:
    """Composite the bitmap by its own transparency or, without one, by the mask that follows."""
    if about.depth == 32 and rgba[..., 3].any():
        return blended(rgba)
    there = rgba[..., 3] != 0 if about.depth != 32 else np.ones(rgba.shape[:2], np.bool_)
    width = (about.width + 31) // 32 * 4
    mask = np.frombuffer(data, np.uint8, offset=min(begin + about.row * about.height, len(data)))
    rows = min(len(mask) // width, about.height)
    hidden = np.unpackbits(mask[: rows * width].reshape(rows, width), axis=1)[:, : about.width].astype(np.bool_)
    shown = np.where(there, np.uint8(255), np.uint8(0))
    from_end = shown if about.down else shown[::-1]
    from_end[:rows][hidden] = 0
    return blended(np.dstack([rgba[..., :3], shown]))


def is_bitmap(data: bytes) -> bool:
    """Whether a picture in an icon is a bitmap."""
    return not data.startswith(b"\x89PNG")
