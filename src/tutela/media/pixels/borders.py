"""Borders around a picture: where the picture itself may begin, as boxes in shares of 1.

Three signs are used. A *uniform* edge has one colour along its length. Straight *lines* run along most of the picture.
For a uniform edge without a visible end (a white border around a white drawing), a few fixed widths are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from tutela.media.kernels import pdq_kernel
from tutela.media.results import WHOLE, Box

type Plane = NDArray[np.float32]
type Along = NDArray[np.float64]

# Levels of luminance within which an edge is of one colour, and the share of its samples that may lie outside.
_TOLERANCE = 10.0
_STRAY = 0.01
# A line is a step of that many levels along this share of the picture.
_STEP = 8.0
_ALONG = 0.5
# What is left must be at least this much of each side.
_LEAST_SIDE = 0.35
_DEEPEST_LINE = 0.4
_LINES = 2
# Heights of captions and widths of borders that are tried blindly; a hash forgives about a hundredth on either side.
_CAPTIONS = (0.085, 0.1, 0.115, 0.13, 0.145, 0.16, 0.175)
_BARS = (0.055, 0.07, 0.085, 0.1, 0.115, 0.13, 0.145)
_BORDERS = (0.015, 0.03, 0.045, 0.06, 0.075, 0.09)


def area(box: Box) -> float:
    """The share of the picture that a box covers."""
    left, top, right, bottom = box
    return (right - left) * (bottom - top)


def inner(box: Box, across: float, down: float) -> Box:
    """The box with as much taken from each side, in shares of the whole picture."""
    left, top, right, bottom = box
    return left + across, top + down, right - across, bottom - down


def cells(grids: Iterable[tuple[int, int]]) -> Iterator[Box]:
    """The cells of grids of so many columns and rows."""
    for across, down in grids:
        for i in range(across):
            for j in range(down):
                yield i / across, j / down, (i + 1) / across, (j + 1) / down


def contents(plane: Plane, within: Box = WHOLE) -> list[Box]:
    """Return the box without its uniform edges, and that box again without the uniform edges inside."""
    found: list[Box] = []
    rows, cols = plane.shape
    left, top, right, bottom = (round(side) for side in _scaled(within, rows, cols))
    for _ in range(2):
        inside = plane[top:bottom, left:right]
        if min(inside.shape) < 2:
            break
        first, last, low, high = _uniform(inside)
        if not (first or last or low or high):
            break
        left, top, right, bottom = left + first, top + low, right - last, bottom - high
        box = (left / cols, top / rows, right / cols, bottom / rows)
        if not _wide_enough(box):
            break
        found.append(box)
    return found


def lines_of(plane: Plane) -> tuple[Along, Along]:
    """Strength of a straight line between each two rows, and between each two columns: 1 if it runs all along."""
    rows, cols = plane.shape
    across, down = pdq_kernel.steps(plane, _STEP)
    return across / cols, down / rows


def between_lines(plane: Plane, lines: tuple[Along, Along]) -> Iterator[Box]:
    """Boxes that end at the strongest straight lines: of one side, of two opposite sides, of all four.

    After the boxes of opposite sides comes what is left of them without uniform edges.
    """
    (tops, bottoms), (lefts, rights) = map(_strongest, lines)
    found: list[Box] = [(0.0, top, 1.0, 1.0) for top in tops]
    found += [(0.0, 0.0, 1.0, bottom) for bottom in bottoms]
    top, bottom = (tops or [0.0])[0], (bottoms or [1.0])[0]
    left, right = (lefts or [0.0])[0], (rights or [1.0])[0]
    for box in ((0.0, top, 1.0, bottom), (left, 0.0, right, 1.0), (left, top, right, bottom)):
        if box != WHOLE and _wide_enough(box):
            found += [box, *contents(plane, box)]
    return (box for box in found if _wide_enough(box))


def halves(lines: tuple[Along, Along]) -> Iterator[Box]:
    """The parts of a picture that a straight line divides in its middle, across, down, or both."""
    across, down = map(_in_the_middle, lines)
    if across:
        yield from ((0.0, 0.0, 1.0, 0.5), (0.0, 0.5, 1.0, 1.0))
    if down:
        yield from ((0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0))
    if across and down:
        yield from ((x, y, x + 0.5, y + 0.5) for x in (0.0, 0.5) for y in (0.0, 0.5))


def uniform_edges(plane: Plane) -> tuple[bool, ...]:
    """Flags of the edges that have one colour: left, right, top, bottom."""
    return tuple(_colour(edge) is not None for edge in (plane[:, 0], plane[:, -1], plane[0], plane[-1]))


def captions(uniform: tuple[bool, ...]) -> Iterator[Box]:
    """Bands of fixed heights above or below, and pairs of them on opposite sides, where those edges are uniform."""
    left, right, above, below = uniform
    for height in _CAPTIONS:
        if above:
            yield 0.0, height, 1.0, 1.0
        if below:
            yield 0.0, 0.0, 1.0, 1.0 - height
    for height in _BARS:
        if above and below:
            yield inner(WHOLE, 0.0, height)
        if left and right:
            yield inner(WHOLE, height, 0.0)


def borders(plane: Plane, uniform: tuple[bool, ...]) -> Iterator[Box]:
    """Borders of fixed widths, alike on all sides, where all edges are uniform."""
    if not all(uniform):
        return
    rows, cols = plane.shape
    longer = max(rows, cols)
    for width in _BORDERS:
        yield inner(WHOLE, width * longer / cols, width * longer / rows)


def _scaled(box: Box, rows: int, cols: int) -> Box:
    left, top, right, bottom = box
    return left * cols, top * rows, right * cols, bottom * rows


def _in_the_middle(along: Along) -> bool:
    middle = (len(along) + 1) // 2
    return bool(along[max(middle - 2, 0) : middle + 2].max(initial=0.0) >= _ALONG)


def _uniform(plane: Plane) -> tuple[int, int, int, int]:
    """The number of columns and rows from each side with the colour of the outermost: left, right, top, bottom."""
    return (_run(plane.T), _run(plane.T[::-1]), _run(plane), _run(plane[::-1]))


def _run(plane: Plane) -> int:
    colour = _colour(plane[0])
    if colour is None:
        return 0
    stray = np.count_nonzero(np.abs(plane - colour) > _TOLERANCE, axis=1) > _STRAY * plane.shape[1]
    return int(np.argmax(stray)) if stray.any() else 0


def _colour(edge: NDArray[np.float32]) -> float | None:
    """The luminance of an edge of one colour; None if it has several."""
    middle = len(edge) // 2
    colour = float(np.partition(edge, middle)[middle])
    stray = np.count_nonzero(np.abs(edge - colour) > _TOLERANCE)
    return colour if stray <= _STRAY * len(edge) else None


def _strongest(along: Along) -> tuple[list[float], list[float]]:
    """The places of the strongest lines, from either end on, in shares of the side; strongest first."""
    rows = len(along) + 1
    deepest = int(rows * _DEEPEST_LINE)
    low = [(place + 1) / rows for place in _peaks(along[:deepest])]
    high = [1 - (place + 1) / rows for place in _peaks(along[::-1][:deepest])]
    return low, high


def _peaks(along: Along) -> list[int]:
    found: list[int] = []
    strong = np.flatnonzero(along >= _ALONG)
    for place in strong[np.argsort(-along[strong], kind="stable")]:
        if len(found) == _LINES:
            break
        if all(abs(int(place) - other) > 2 for other in found):
            found.append(int(place))
    return found


def _wide_enough(box: Box) -> bool:
    left, top, right, bottom = box
    return right - left >= _LEAST_SIDE and bottom - top >= _LEAST_SIDE
