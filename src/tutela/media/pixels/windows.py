"""Windows: parts of a picture that may be a separate picture, hashed from one small luminance plane.

A copy is often framed, captioned, letterboxed or put into a collage, or it is cut out of the original. PDQ alone then
reports another picture. So an upload is also looked up by the windows that may hold the original (`asked_windows`). A
listed picture is also looked up by crops of its own (`listed_windows`), none of which covers less than `LISTED_SHARE`
of it: a smaller part is no longer the listed picture. A match that rests on a window alone is marked as such and is for
a human being to judge.

Boxes are (left, top, right, bottom) in shares of the picture, 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.media import pdq
from tutela.media.kernels import pdq_kernel
from tutela.media.limits import Level
from tutela.media.pdq import MINIMUM_QUALITY
from tutela.media.pixels import borders, thumbnails
from tutela.media.pixels.borders import area, inner
from tutela.media.pixels.colour import TURNED, Pixels, upright
from tutela.media.pixels.grounds import (
    GROUNDS,
    LISTED_GROUNDS,
    LISTED_PART_GROUNDS,
    PART_GROUNDS,
    own_and_others,
    plane_on,
)
from tutela.media.pixels.restored import restored
from tutela.media.results import WHOLE, Box, Window, WindowKind

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
    transparency, if it has some. `alpha`: its opacity, if that differs (`colour.Pixels`).
    """

    pixels: NDArray[np.uint8]
    rows: int
    cols: int
    scale: int = 1
    limited: bool = False
    opaque: NDArray[np.uint8] | None = None
    alpha: NDArray[np.uint8] | None = None

    @property
    def factor(self) -> int:
        """The number of samples along a side of each square of the plane."""
        return -(-max(len(self.pixels), len(self.pixels[0])) // PLANE_SIDE)

    def plane(self) -> NDArray[np.float32]:
        """The small plane of luminance that all windows are cut from, in levels of the full range."""
        plane = pdq_kernel.reduced(self.pixels, self.factor)
        return np.clip((plane - 16) * np.float32(255 / 219), 0, 255) if self.limited else plane

    def look(self, pixels: NDArray[np.uint8]) -> pdq.Look:
        """The hashes of pixels of this picture's size and scale."""
        if self.scale == 1:
            return pdq.look_at(pixels)
        return pdq.look_at_scaled(grey(pixels), self.rows, self.cols, self.scale)

    def planes(self, grounds: tuple[int, ...]) -> Iterator[NDArray[np.float32]]:
        """The plane, and that of each further ground if the picture is seen through."""
        white = self.plane()
        yield white
        if self.alpha is not None:
            alpha = pdq_kernel.reduced(self.alpha, self.factor)
            yield from (plane_on(ground, white, alpha) for ground in grounds[1:])


def decoded_of(seen: Pixels, orientation: int) -> Decoded:
    """The pixels of a picture, turned upright."""
    pixels, opaque, alpha, *_ = seen.moved(lambda plane: upright(plane, orientation))
    rows, cols = seen.size or seen.pixels.shape[:2]
    rows, cols = (cols, rows) if orientation in TURNED else (rows, cols)
    return Decoded(pixels, rows, cols, seen.scale, opaque=opaque, alpha=alpha)


def look_of(picture: Decoded, *, listed: bool) -> tuple[pdq.Look, tuple[Window, ...]]:
    """The picture's own hashes, and windows of the whole as it is otherwise: on other grounds, without transparency."""
    if picture.alpha is None:
        return picture.look(picture.pixels), tuple(_supposed(picture))
    grounds = LISTED_GROUNDS if listed else GROUNDS
    if picture.scale == 1:
        own, others = own_and_others(pdq.look_on_grounds(picture.pixels, picture.alpha, grounds))
    else:
        white, alpha = (plane.astype(np.float32) for plane in (grey(picture.pixels), picture.alpha))
        own, others = own_and_others(
            [picture.look(np.rint(plane_on(ground, white, alpha)).astype(np.uint8)) for ground in grounds]
        )
    shown = (one for look in others for one in whole_of(look, WindowKind.GROUND))
    return own, (*_supposed(picture), *shown)


def windows_of(picture: Decoded, level: Level, *, listed: bool) -> tuple[Window, ...]:
    """The windows of an upload or of a picture for a list."""
    return listed_windows(picture) if listed else asked_windows(picture, level)


def _supposed(picture: Decoded) -> Iterator[Window]:
    if picture.opaque is not None:
        # Lists of others hold it: the reference takes what Pillow's conversion to RGB leaves, and that is no alpha.
        # It is not displayed, and so never stretched either.
        look = picture.look(picture.opaque)
        if look.quality >= MINIMUM_QUALITY:
            yield Window(WindowKind.OPAQUE, WHOLE, look.quality, look.variants, look.structures)


def whole_window(pixels: NDArray[np.uint8]) -> Iterator[Window]:
    """The whole picture as it is under another supposition, in all eight positions, unless it is too flat."""
    yield from whole_of(pdq.look_at(pixels))


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The luminance of RGB in whole levels; grey as it is."""
    return pixels if pixels.ndim == 2 else np.rint(pdq.luminance(pixels)).astype(np.uint8)


def whole_of(look: pdq.Look, kind: WindowKind = WindowKind.WHOLE) -> Iterator[Window]:
    """The window of these hashes of the whole picture: as it is, or stretched, or none."""
    if look.quality >= MINIMUM_QUALITY:
        yield Window(kind, WHOLE, look.quality, look.variants, look.structures)
    yield from stretched_of(look)


def stretched_of(look: pdq.Look) -> Iterator[Window]:
    """The window of a picture with too little contrast, whose hash holds once that is stretched."""
    if look.stretched >= MINIMUM_QUALITY:
        yield Window(WindowKind.STRETCHED, WHOLE, look.stretched, look.variants, look.structures)


def asked_windows(picture: Decoded, level: Level) -> tuple[Window, ...]:
    """The windows by which an upload is looked up; too flat ones are left out.

    A side below 64 samples has no parts: what could be cut from it is not enough for a hash.
    """
    if level is Level.OFF:
        return ()
    return _on_each(picture.planes(PART_GROUNDS), lambda plane: _asked_windows(picture, plane, level))


def _on_each(
    planes: Iterator[NDArray[np.float32]], cut: Callable[[NDArray[np.float32]], Iterator[Window]]
) -> tuple[Window, ...]:
    """The windows of the first plane, and those of the others that give other hashes."""
    found = [*cut(next(planes))]
    known = {one.variants for one in found}
    for plane in planes:
        for one in cut(plane):
            if one.variants not in known:
                known.add(one.variants)
                found.append(one)
    return tuple(found)


def _asked_windows(picture: Decoded, plane: NDArray[np.float32], level: Level) -> Iterator[Window]:
    if min(picture.pixels.shape[:2]) < _SMALLEST:
        yield from _small(picture, plane)
        return
    if level is Level.SECOND:
        yield from _restored(plane)
        return
    planned = _distinct(_asked(plane, level))
    yield from _mirrored(picture, plane)
    yield from _hashed(plane, [one for one in planned if one[0] in _TURNED], turned=True)
    yield from _hashed(plane, [one for one in planned if one[0] not in _TURNED], turned=False)
    yield from _small(picture, plane)


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
    planes = picture.planes(LISTED_PART_GROUNDS)
    return _on_each(planes, lambda plane: _hashed(plane, _distinct(_listed(plane)), turned=False))


def _small(picture: Decoded, plane: NDArray[np.float32]) -> Iterator[Window]:
    """Yield the windows of a thumbnail as it looks when enlarged."""
    if max(picture.rows, picture.cols) <= thumbnails.LONGEST:
        yield from thumbnails.enlarged(plane)


def _mirrored(picture: Decoded, plane: NDArray[np.float32]) -> Iterator[Window]:
    """Yield the whole picture again, turned before it is hashed: PDQ's own window is slightly off the middle."""
    scale = picture.scale * picture.factor
    variants, quality, structures = pdq_kernel.describe_turned(plane, picture.rows, picture.cols, scale)
    if quality >= MINIMUM_QUALITY:
        yield Window(WindowKind.WHOLE, WHOLE, quality, variants, structures)


# An original that was mirrored and then framed is looked for in these; the others suppose it upright.
_TURNED = frozenset({WindowKind.WHOLE, WindowKind.CONTENT})
# Other parts are not stretched: each guess more is one more chance to resemble another picture.
_STRETCHED = _TURNED


def _hashed(plane: NDArray[np.float32], planned: list[Planned], *, turned: bool) -> Iterator[Window]:
    rows, cols = plane.shape
    boxes = np.array([box for _, box in planned]).reshape(-1, 4) * (cols, rows, cols, rows)
    # Of a very thin picture a part may be less than one square of the plane.
    fits = (boxes[:, 2:] - boxes[:, :2] >= 1).all(axis=1)
    if not fits.any():
        return
    hashes, structures, qualities, stretched = pdq_kernel.windows(plane, boxes[fits], turned=turned)
    fitting = [one for one, fit in zip(planned, fits, strict=True) if fit]
    for number, (kind, box) in enumerate(fitting):
        bits, steps = _each(hashes[number]), _each(structures[number])
        if qualities[number] >= MINIMUM_QUALITY:
            yield Window(kind, box, int(qualities[number]), bits, steps)
        elif kind in _STRETCHED and stretched[number] >= MINIMUM_QUALITY:
            yield Window(WindowKind.STRETCHED, box, int(stretched[number]), bits, steps)


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
