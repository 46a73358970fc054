"""Panels: rectangles in a picture that straight edges enclose, as collages, canvases and screenshots have them.

A sample lies on an *edge* if brightness steps there, and by more than at its neighbours across the edge. Where many
such samples stand in one row or column, there is a *line*; grain and leaves make edges everywhere, but no lines. A
panel is a rectangle between two lines across and two down, of which each side is mostly edge; a side of the picture
itself is as good. No layout is supposed: cuts, gutters, grids and pictures laid over others all look like this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tutela.media.results import Box

type Plane = NDArray[np.float32]
type Edges = NDArray[np.bool_]
type Floats = NDArray[np.float64]

# Levels of brightness between the neighbours of a sample that lies on an edge.
_STEP = 6.0
# Samples to either side of an edge over which its step must be the largest.
_THIN = 2
# How much of a line is edge where it is densest, and how much of each side of a panel.
_LINE, _SIDE = 0.5, 0.4
# Lines of each direction that are tried, longest first; and panels, of the best enclosed.
_LINES, _PANELS = 20, 48
# Share of the picture's sides that a picture among others spans at least.
SMALLEST_PANE = 0.15
# What a panel is worth less for a line that divides it.
_DIVIDED = 0.5
# Lines that are nearer to each other than so many samples are one.
_APART = 2


def panels(plane: Plane, smallest: float = SMALLEST_PANE) -> list[Box]:
    """The boxes of a picture that edges enclose, best enclosed first; never the whole picture.

    Each spans at least the share `smallest` of both sides.
    """
    rows, cols = plane.shape
    if min(rows, cols) < 2 * _THIN + 3:
        return []
    upright, level = _edges(plane), _edges(plane.T)
    xs, ys = _lines(upright, smallest), _lines(level, smallest)
    if len(xs) + len(ys) == 4:
        return []
    (lefts, rights), (tops, bottoms) = _spans(xs), _spans(ys)
    # How much of each line's edge lies before each other line: differences are what lies between two of them.
    down, across = _along(upright, xs, ys), _along(level, ys, xs)
    by_column, by_row = _between(down, tops, bottoms, ys), _between(across, lefts, rights, xs)
    sides = np.stack([by_column[lefts], by_column[rights], by_row[tops].T, by_row[bottoms].T])
    wide, high = (xs[rights] - xs[lefts]) / cols, (ys[bottoms] - ys[tops]) / rows
    enclosed = (sides.min(axis=0) >= _SIDE) & (wide >= smallest)[:, None] & (high >= smallest)[None, :]
    enclosed &= ((wide < 1.0)[:, None]) | ((high < 1.0)[None, :])
    divided = np.maximum(_inside(by_column, lefts, rights), _inside(by_row, tops, bottoms).T)
    score = np.where(enclosed, sides.mean(axis=0) - _DIVIDED * divided, -1.0)
    best = np.argsort(-score, axis=None, kind="stable")[: min(_PANELS, int(enclosed.sum()))]
    found = zip(*(one.tolist() for one in np.unravel_index(best, score.shape)), strict=True)
    return [
        (
            float(xs[lefts[i]] / cols),
            float(ys[tops[j]] / rows),
            float(xs[rights[i]] / cols),
            float(ys[bottoms[j]] / rows),
        )
        for i, j in found
    ]


def _edges(plane: Plane) -> Edges:
    """The samples on edges that run down, `bool[rows, cols]`; none in the first and last columns."""
    step = np.zeros_like(plane)
    step[:, 1:-1] = np.abs(plane[:, 2:] - plane[:, :-2])
    largest = step > _STEP
    for by in range(1, _THIN + 1):
        largest[:, by:] &= step[:, by:] >= step[:, :-by]
        largest[:, :-by] &= step[:, :-by] >= step[:, by:]
    return largest


def _lines(edges: Edges, shortest: float) -> Floats:
    """The places of lines that run down, in samples, ascending, and both sides of the picture."""
    rows, cols = edges.shape
    length = max(8, round(rows * shortest))
    summed = np.zeros((rows + 1, cols), np.int32)
    np.cumsum(edges, axis=0, out=summed[1:])
    if length > rows:
        return np.array([0.0, cols])
    strongest = (summed[length:] - summed[:-length]).max(axis=0) / length
    strength = np.where(strongest >= _LINE, summed[-1], 0)
    places: list[float] = []
    for column in np.argsort(-strength, kind="stable").tolist():
        if not strength[column] or len(places) == _LINES:
            break
        # A step between two samples is as large around both of them.
        after = column + 1 < cols and strength[column + 1] > 0.7 * strength[column]
        before = column > 0 and strength[column - 1] > 0.7 * strength[column]
        place = column + 0.5 + 0.5 * (int(after) - int(before))
        if all(abs(place - one) > _APART for one in (*places, 0.0, float(cols))):
            places.append(place)
    return np.array([0.0, *sorted(places), cols])


def _spans(lines: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every pair of two lines, the lower one first."""
    return np.triu_indices(len(lines), 1)


def _along(edges: Edges, lines: Floats, across: Floats) -> Floats:
    """For each line, how many of its samples before each line across it are edge, `[lines, across]`."""
    rows, cols = edges.shape
    on = np.zeros((len(lines), rows), bool)
    for number, place in enumerate(lines.tolist()):
        if place in (0.0, cols):
            on[number] = True
        else:
            near = int(place)
            on[number] = edges[:, max(near - 1, 0) : near + 1].any(axis=1)
    summed = np.zeros((len(lines), rows + 1))
    np.cumsum(on, axis=1, out=summed[:, 1:])
    return summed[:, np.rint(across).astype(np.intp)]


def _between(along: Floats, firsts: NDArray[np.intp], lasts: NDArray[np.intp], across: Floats) -> Floats:
    """The share of edge of each line between each two lines across it, `[lines, spans]`."""
    return (along[:, lasts] - along[:, firsts]) / np.maximum(across[lasts] - across[firsts], 1.0)


def _inside(shares: Floats, firsts: NDArray[np.intp], lasts: NDArray[np.intp]) -> Floats:
    """The largest share of a line that runs between the two of each span, `[spans, spans across]`."""
    largest = np.zeros((len(firsts), shares.shape[1]))
    for number, (first, last) in enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True)):
        if last - first > 1:
            largest[number] = shares[first + 1 : last].max(axis=0)
    return largest
