"""Windows: parts of a picture that may be a separate picture, hashed from one small luminance plane.

A copy is often framed, captioned, letterboxed or put into a collage, or it is cut out of the original. PDQ alone then
reports another picture. So an upload is also looked up by the windows that may hold the original (`asked_windows`). A
listed picture is also looked up by crops of its own (`listed_windows`), none of which covers less than `LISTED_SHARE`
of it: a smaller part is no longer the listed picture. A match that rests on a window alone is marked as such and is for
a human being to judge.

Boxes are (left, top, right, bottom) in shares of the picture, 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.media import pdq
from tutela.media.kernels import pdq_kernel
from tutela.media.limits import Level
from tutela.media.pdq import MINIMUM_QUALITY
from tutela.media.pixels import borders, thumbnails
from tutela.media.pixels.borders import WHOLE, area, inner
from tutela.media.pixels.restored import restored
from tutela.media.results import Box, Window, WindowKind

# The longer side of the plane, at most; squares of pixels are averaged down to it.
PLANE_SIDE = 384
LISTED_SHARE = 0.64
_LISTED_CROPS = (0.02, 0.05, 0.1)
# An upload that was cut to between two of those is cut a little further.
_SLIGHT_CROPS = (0.016, 0.03)
_WIDE_CROPS = (0.05, 0.1, 0.2)
# How much may have been cut off one side, or off two that meet; what is left holds the listed picture's largest crop.
_CUTS = (0.02, 0.04, 0.06, 0.08, 0.1)
_OFFSETS = (0.0, 0.5, 1.0)
# Collages, across and down.
_GRIDS = ((2, 1), (1, 2), (2, 2))
_SMALLEST = 64
# Boxes whose sides lie closer than this are one.
_SAME = 0.004


type Planned = tuple[WindowKind, Box]


@dataclass(frozen=True, slots=True)
class Decoded:
    """An upright picture of `rows` × `cols` pixels, grey or RGB, decoded at 1/`scale` (rounded up).

    `limited`: from a video's plane, where 16 is black and 235 white. `opaque`: the same picture without its
    transparency, if it has some.
    """

    pixels: NDArray[np.uint8]
    rows: int
    cols: int
    scale: int = 1
    limited: bool = False
    opaque: NDArray[np.uint8] | None = None

    @property
    def factor(self) -> int:
        """The number of samples along a side of each square of the plane."""
        return -(-max(len(self.pixels), len(self.pixels[0])) // PLANE_SIDE)

    def plane(self) -> NDArray[np.float32]:
        """The small plane of luminance that all windows are cut from, in levels of the full range."""
        plane = pdq_kernel.reduced(self.pixels, self.factor)
        return np.clip((plane - 16) * np.float32(255 / 219), 0, 255) if self.limited else plane


def windows_of(picture: Decoded, level: Level, *, listed: bool) -> tuple[Window, ...]:
    """The windows of an upload or of a picture for a list; and the whole as it is without transparency."""
    found = listed_windows(picture) if listed else asked_windows(picture, level)
    return (*found, *supposed(picture))


def supposed(picture: Decoded) -> Iterator[Window]:
    """The whole picture without its transparency, if it has some."""
    if picture.opaque is not None:
        # Lists of others hold it: the reference takes what Pillow's conversion to RGB leaves, and that is no alpha.
        yield from whole_window(picture.opaque, WindowKind.OPAQUE)


def whole_window(pixels: NDArray[np.uint8], kind: WindowKind = WindowKind.WHOLE) -> Iterator[Window]:
    """The whole picture as it is under another supposition, in all eight positions, unless it is too flat."""
    look = pdq.look_at(pixels)
    if look.quality >= MINIMUM_QUALITY:
        yield Window(kind, WHOLE, look.quality, look.variants, look.structures)


def asked_windows(picture: Decoded, level: Level) -> tuple[Window, ...]:
    """The windows by which an upload is looked up; too flat ones are left out.

    A side below 64 samples has no parts: what could be cut from it is not enough for a hash.
    """
    if level is Level.OFF:
        return ()
    if min(picture.pixels.shape[:2]) < _SMALLEST:
        return tuple(_small(picture))
    plane = picture.plane()
    if level is Level.SECOND:
        return tuple(_restored(plane))
    planned = _distinct(_asked(plane, level))
    turned = [one for one in planned if one[0] in _TURNED]
    upright = [one for one in planned if one[0] not in _TURNED]
    return (
        *_mirrored(picture, plane),
        *_hashed(plane, turned, turned=True),
        *_hashed(plane, upright, turned=False),
        *_small(picture),
    )


def _restored(plane: NDArray[np.float32]) -> Iterator[Window]:
    for cut, planned in restored(plane):
        yield from _hashed(cut, planned, turned=False)


def framed_windows(picture: Decoded) -> tuple[Window, ...]:
    """Return the windows of a video frame between its bars, if it has any: the minimum done to a copy."""
    if min(picture.pixels.shape[:2]) < _SMALLEST:
        return ()
    plane = picture.plane()
    return tuple(_hashed(plane, [(WindowKind.CONTENT, box) for box in borders.contents(plane)], turned=False))


def listed_windows(picture: Decoded) -> tuple[Window, ...]:
    """The windows by which a listed picture is found, in addition to its own hash."""
    if min(picture.pixels.shape[:2]) < _SMALLEST:
        return ()
    plane = picture.plane()
    return tuple(_hashed(plane, _distinct(_listed(plane)), turned=False))


def _small(picture: Decoded) -> Iterator[Window]:
    """Yield the windows of a thumbnail as it looks when enlarged."""
    if max(picture.rows, picture.cols) <= thumbnails.LONGEST:
        yield from thumbnails.enlarged(picture.plane())


def _mirrored(picture: Decoded, plane: NDArray[np.float32]) -> Iterator[Window]:
    """Yield the whole picture again, turned before it is hashed: PDQ's own window is slightly off the middle."""
    scale = picture.scale * picture.factor
    variants, quality, structures = pdq_kernel.describe_turned(plane, picture.rows, picture.cols, scale)
    if quality >= MINIMUM_QUALITY:
        yield Window(WindowKind.WHOLE, WHOLE, quality, variants, structures)


# An original that was mirrored and then framed is looked for in these; the others suppose it upright.
_TURNED = frozenset({WindowKind.WHOLE, WindowKind.CONTENT})


def _hashed(plane: NDArray[np.float32], planned: list[Planned], *, turned: bool) -> Iterator[Window]:
    rows, cols = plane.shape
    boxes = np.array([box for _, box in planned]).reshape(-1, 4) * (cols, rows, cols, rows)
    # Of a very thin picture a part may be less than one square of the plane.
    fits = (boxes[:, 2:] - boxes[:, :2] >= 1).all(axis=1)
    if not fits.any():
        return
    hashes, structures, qualities = pdq_kernel.windows(plane, boxes[fits], turned=turned)
    fitting = [one for one, fit in zip(planned, fits, strict=True) if fit]
    for (kind, box), bits, steps, quality in zip(fitting, hashes, structures, qualities, strict=True):
        if quality >= MINIMUM_QUALITY:
            yield Window(kind, box, int(quality), _each(bits), _each(steps))


def _each(rows: NDArray[np.uint8]) -> tuple[bytes, ...]:
    return tuple(row.tobytes() for row in rows)


def _asked(plane: NDArray[np.float32], level: Level) -> Iterator[Planned]:
    # How far PDQ's window lies off the middle depends on the size of the picture. This one lies in the middle.
    yield WindowKind.WHOLE, WHOLE
    lines, uniform = borders.lines_of(plane), borders.uniform_edges(plane)
    if any(uniform):
        yield from ((WindowKind.CONTENT, box) for box in borders.contents(plane))
    yield from ((WindowKind.BAND, box) for box in borders.between_lines(plane, lines))
    yield from ((WindowKind.BAND, box) for box in borders.captions(uniform))
    yield from ((WindowKind.CELL, box) for box in borders.halves(lines))
    yield from ((WindowKind.BORDER, box) for box in borders.borders(plane, uniform))
    yield from ((WindowKind.CROP, inner(WHOLE, share, share)) for share in _SLIGHT_CROPS)
    if level is Level.WIDE:
        for share in _WIDE_CROPS:
            yield from ((WindowKind.CROP, box) for box in _crops(share))
        for share in _CUTS:
            yield from ((WindowKind.CROP, box) for box in _recut(share))
        yield from ((WindowKind.CELL, box) for box in borders.cells(_GRIDS))


def _listed(plane: NDArray[np.float32]) -> Iterator[Planned]:
    # Windows of uploads are centred; so is this one, which they then meet to the bit.
    yield WindowKind.WHOLE, WHOLE
    for box in borders.contents(plane):
        if area(box) >= LISTED_SHARE:
            yield WindowKind.CONTENT, box
    yield from ((WindowKind.CROP, inner(WHOLE, share, share)) for share in _LISTED_CROPS)


def _crops(share: float) -> Iterator[Box]:
    side = 1 - 2 * share
    for down in _OFFSETS:
        for right in _OFFSETS:
            left, top = 2 * share * right, 2 * share * down
            yield left, top, left + side, top + side


def _recut(share: float) -> Iterator[Box]:
    """Boxes of the largest listed crop in a picture that lost `share` of one or two sides.

    Two sides are adjacent ones.
    """
    low, high, kept = max(_LISTED_CROPS), 1 - max(_LISTED_CROPS), 1 - share
    whole, first, last = (low, high), ((low - share) / kept, (high - share) / kept), (low / kept, high / kept)
    for left, right in (whole, first, last):
        for top, bottom in (whole, first, last):
            yield max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0)


def _distinct(planned: Iterator[Planned]) -> list[Planned]:
    kept: list[Planned] = []
    for kind, box in planned:
        if not any(_same(box, other) for _, other in kept):
            kept.append((kind, box))
    return kept


def _same(one: Box, other: Box) -> bool:
    left, top, right, bottom = one
    # Written out: it is asked a thousand times of a picture with a border, and most boxes differ in the first.
    return (
        abs(left - other[0]) < _SAME
        and abs(top - other[1]) < _SAME
        and abs(right - other[2]) < _SAME
        and abs(bottom - other[3]) < _SAME
    )
