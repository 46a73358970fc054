"""Restore a picture as it may have been before somebody changed it: turned back, uncovered, or out of a collage.

This is for the second pass over an upload (`Level.SECOND`), which takes longer than a caller should wait. Lists carry
the hashes of pictures as they are, so the question is changed and not the list. All is cut from the small plane of
luminance.

- *Straightened*: turned back by each of a few angles. What a turn left empty at the corners is outside the inner boxes.
- *Uncovered*: areas of one flat shade with a solid outline, as stickers and faces have, and small rectangles that edges
  enclose, as labels and other pictures are, are filled from what surrounds them. Nature has few; where it has some, the
  filled picture is another one and agrees with nothing.
- *Panes*: what edges enclose (`panels`): parts of a collage, a picture on a canvas or in a screenshot of a chat.

Each is a guess, so it counts only where all hashes of an entry agree (`rules.near_restored`).
Needs the extra `tutela[second-pass]` (`limits.second_available`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.media.pixels.borders import inner
from tutela.media.pixels.panels import panels
from tutela.media.results import WHOLE, Box, WindowKind

type Plane = NDArray[np.float32]
type Mask = NDArray[np.uint8]
# A plane, and the windows to be cut from it.
type Cut = tuple[Plane, list[tuple[WindowKind, Box]]]

# Degrees, either way. A hash forgives half of one.
_ANGLES = tuple(degrees for degrees in range(-7, 8) if degrees)
# A turned picture has lost its corners; the inner boxes are those of a listed picture's own windows.
_TURNED_BOXES = (WHOLE, inner(WHOLE, 0.05, 0.05), inner(WHOLE, 0.1, 0.1))
# Neighbours in a flat area differ by fewer levels of brightness: compression leaves some.
_FLAT = 6.0
# Shares of the picture that something laid over it covers: its own area, and the box around it.
_SMALLEST_COVER, _LARGEST_COVER = 0.003, 0.25
# Share of the picture's sides that a rectangle laid over it spans at least.
_NARROWEST_COVER = 0.08
# Share of its outline's hull that an area fills. Sky between branches fills less.
_SOLID = 0.85
# Areas that are uncovered one by one, largest first, and then all at once; and as many rectangles, one by one.
_COVERS = 4
# Samples around an area that its edge, blurred by compression, reaches.
_EDGE = 4


@cache
def _opencv() -> Any:
    """OpenCV, loaded when it is first needed: decoders that answer callers never load it."""
    loaded = import_module("cv2")
    # A thread of its own has nothing to do for so small a plane.
    loaded.setNumThreads(1)
    return loaded


def restored(plane: Plane) -> Iterator[Cut]:
    """Yield every plane as it may have been, with the windows to hash."""
    for turned in straightened(plane):
        yield turned, [(WindowKind.STRAIGHTENED, box) for box in _TURNED_BOXES]
    for whole in uncovered(plane):
        yield whole, [(WindowKind.UNCOVERED, WHOLE)]
    if panes := panels(plane):
        yield plane, [(WindowKind.PANE, box) for box in panes]


def straightened(plane: Plane) -> Iterator[Plane]:
    """The picture turned back by each angle, its edges repeated where nothing is left."""
    cv2 = _opencv()
    rows, cols = plane.shape
    for degrees in _ANGLES:
        turn = cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), degrees, 1.0)
        yield _floats(
            cv2.warpAffine(plane, turn, (cols, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        )


def uncovered(plane: Plane) -> Iterator[Plane]:
    """The picture with each area filled that may have been laid over it, and with all of them filled."""
    cv2 = _opencv()
    covers = _covers(plane)
    together = [np.maximum.reduce(covers)] if len(covers) > 1 else []
    levels = np.clip(plane, 0, 255).astype(np.uint8)
    for mask in (*covers, *together, *_laid_over(plane)):
        yield _floats(cv2.inpaint(levels, mask, 3, cv2.INPAINT_TELEA))


def _covers(plane: Plane) -> list[Mask]:
    """Masks of the largest flat, solid areas, a little larger than those."""
    cv2 = _opencv()
    smooth, near = cv2.GaussianBlur(plane, (3, 3), 0), np.ones((3, 3), np.uint8)
    flat = (cv2.dilate(smooth, near) - cv2.erode(smooth, near) < _FLAT).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(flat, connectivity=4)
    areas, found = stats[:, cv2.CC_STAT_AREA], list[Mask]()
    for label in (-areas).argsort(kind="stable").tolist():
        left, top, width, height, area = stats[label].tolist()
        if area < _SMALLEST_COVER * plane.size or len(found) == _COVERS:
            break
        # Label 0 is all that is not flat.
        if label == 0 or width * height > _LARGEST_COVER * plane.size:
            continue
        here = (slice(top, top + height), slice(left, left + width))
        hull = _solid_hull((labels[here] == label).astype(np.uint8))
        if hull is not None:
            mask = np.zeros(plane.shape, np.uint8)
            cv2.fillPoly(mask[here], [hull], 1)
            found.append(np.asarray(cv2.dilate(mask, near, iterations=_EDGE), np.uint8))
    return found


def _laid_over(plane: Plane) -> list[Mask]:
    """Masks of small rectangles that edges enclose: a label, another picture."""
    rows, cols = plane.shape
    found = list[Mask]()
    for left, top, right, bottom in panels(plane, _NARROWEST_COVER):
        if (right - left) * (bottom - top) <= _LARGEST_COVER and len(found) < _COVERS:
            mask = np.zeros(plane.shape, np.uint8)
            across, down = (round(left * cols), round(right * cols)), (round(top * rows), round(bottom * rows))
            mask[max(down[0] - 2, 0) : down[1] + 2, max(across[0] - 2, 0) : across[1] + 2] = 1
            found.append(mask)
    return found


def _solid_hull(area: Mask) -> Any:
    """The convex hull of an area; None if the area fills too little of it."""
    cv2 = _opencv()
    outlines, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(max(outlines, key=cv2.contourArea))
    inside = cv2.contourArea(hull)
    return hull if inside and sum(map(cv2.contourArea, outlines)) >= _SOLID * inside else None


def _floats(plane: Any) -> Plane:
    return np.ascontiguousarray(plane, np.float32)
