"""Panels: rectangles that edges enclose, wherever they lie, and none in what has no straight lines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.support.pictures import landscape, texture
from tutela.media.pixels.panels import panels
from tutela.media.results import Box

type Plane = NDArray[np.float32]
type Corners = tuple[int, int, int, int]

WIDE, HIGH = 320, 240


def plane_of(seed: int, width: int, height: int) -> Plane:
    return landscape(seed, width, height).mean(axis=2).astype(np.float32)


def collage(*parts: Corners, ground: float = 255.0) -> Plane:
    """Different pictures at these places, left, top, right, bottom, on a plain ground."""
    plane = np.full((HIGH, WIDE), ground, np.float32)
    for seed, (left, top, right, bottom) in enumerate(parts):
        plane[top:bottom, left:right] = plane_of(seed + 2, right - left, bottom - top)
    return plane


def near(found: list[Box], corners: Corners) -> bool:
    """Whether a box lies within a sample of the corners."""
    return any(
        all(abs(a * b - c) <= 1 for a, b, c in zip(box, (WIDE, HIGH, WIDE, HIGH), corners, strict=True))
        for box in found
    )


@pytest.mark.parametrize(
    "parts",
    [
        ((0, 0, 192, 240), (192, 0, 320, 240)),
        ((0, 0, 150, 240), (158, 0, 320, 240)),
        ((0, 0, 320, 100), (0, 103, 320, 240)),
        tuple((x, y, x + 104, y + 118) for y in (0, 122) for x in (0, 108, 216)),
        ((6, 6, 157, 234), (163, 6, 314, 117), (163, 123, 314, 234)),
        ((61, 43, 250, 171),),
    ],
    ids=["cut", "gutter", "across", "six", "three", "canvas"],
)
def test_each_picture_among_others_is_found(parts: tuple[Corners, ...]) -> None:
    for ground in (255.0, 0.0):
        found = panels(collage(*parts, ground=ground))
        assert [part for part in parts if not near(found, part)] == []


def test_a_picture_over_another_one_is_found() -> None:
    plane = plane_of(5, WIDE, HIGH)
    plane[60:180, 90:250] = texture(9, 160, 120).mean(axis=2)
    assert near(panels(plane), (90, 60, 250, 180))


def test_grain_has_no_panels() -> None:
    assert panels(texture(3, WIDE, HIGH).mean(axis=2).astype(np.float32)) == []
    assert panels(np.random.default_rng(1).uniform(0, 255, (HIGH, WIDE)).astype(np.float32)) == []


@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 2**32 - 1), st.integers(1, 64))
def test_any_plane_has_boxes_within_it_of_some_size(rows: int, cols: int, seed: int, block: int) -> None:
    small = np.random.default_rng(seed).uniform(0, 255, (-(-rows // block), -(-cols // block)))
    plane = np.ascontiguousarray(np.kron(small, np.ones((block, block)))[:rows, :cols], np.float32)
    found = panels(plane, 0.1)
    assert len(found) == len(set(found)) <= 48
    for left, top, right, bottom in found:
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
        assert min(right - left, bottom - top) > 0.0999
        assert (left, top, right, bottom) != (0, 0, 1, 1)
