"""The second pass: the picture as it may have been before it was turned, covered, or put into a collage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.support.pictures import landscape, texture, turned
from tutela.matching.index.structure_hash import alike
from tutela.media import pdq
from tutela.media.limits import Level
from tutela.media.pixels.restored import restored
from tutela.media.pixels.windows import Decoded, asked_windows, listed_windows
from tutela.media.results import Window, WindowKind

type Pixels = NDArray[np.uint8]

PICTURE = landscape(2, 600, 440)
STRAIGHTENED, UNCOVERED, PANE = WindowKind.STRAIGHTENED, WindowKind.UNCOVERED, WindowKind.PANE


def decoded(rgb: Pixels) -> Decoded:
    rgb = np.ascontiguousarray(rgb)
    return Decoded(rgb, *rgb.shape[:2])


def listed() -> list[tuple[bytes, bytes]]:
    look = pdq.look_at(PICTURE)
    windows = listed_windows(decoded(PICTURE))
    return [(look.variants[0], look.structures[0]), *((one.variants[0], one.structures[0]) for one in windows)]


def agreeing(windows: tuple[Window, ...]) -> set[WindowKind]:
    """The kinds of windows of which both hashes agree with the listed picture."""
    return {
        window.kind
        for window in windows
        for value, structure in listed()
        if (int.from_bytes(window.variants[0]) ^ int.from_bytes(value)).bit_count() <= pdq.MATCH_DISTANCE
        and alike(window.structures[0], structure)
    }


def covered(*discs: tuple[int, int, int]) -> Callable[[Pixels], Pixels]:
    def run(rgb: Pixels) -> Pixels:
        picture = Image.fromarray(rgb)
        for x, y, radius in discs:
            ImageDraw.Draw(picture).ellipse((x - radius, y - radius, x + radius, y + radius), fill="#e8d020")
        return np.asarray(picture)

    return run


def among(*others: int) -> Callable[[Pixels], Pixels]:
    return lambda rgb: np.concatenate([rgb, *(texture(seed, rgb.shape[1], rgb.shape[0]) for seed in others)], axis=1)


def labelled(left: int, top: int, right: int, bottom: int) -> Callable[[Pixels], Pixels]:
    """With another picture over a part of it."""

    def run(rgb: Pixels) -> Pixels:
        copy = rgb.copy()
        copy[top:bottom, left:right] = texture(5, right - left, bottom - top)
        return copy

    return run


def on_canvas(left: int, top: int) -> Callable[[Pixels], Pixels]:
    """Over a larger picture, whose size no grid divides."""

    def run(rgb: Pixels) -> Pixels:
        canvas = texture(8, 1000, 700)
        canvas[top : top + rgb.shape[0], left : left + rgb.shape[1]] = rgb
        return canvas

    return run


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (lambda rgb: turned(rgb, 2.5), STRAIGHTENED),
        (lambda rgb: turned(rgb, -5), STRAIGHTENED),
        (lambda rgb: turned(rgb, 7), STRAIGHTENED),
        (covered((150, 120, 60)), UNCOVERED),
        (covered((150, 120, 40), (430, 300, 50)), UNCOVERED),
        (labelled(60, 50, 140, 90), UNCOVERED),
        (among(1), PANE),
        (lambda rgb: among(1)(rgb)[:, :840], PANE),
        (on_canvas(137, 61), PANE),
        (among(3, 4), PANE),
    ],
)
def test_the_original_is_found_behind_an_edit(edit: Callable[[Pixels], Pixels], kind: WindowKind) -> None:
    windows = asked_windows(decoded(edit(PICTURE)), Level.SECOND)
    assert all(one.restored for one in windows)
    assert kind in agreeing(windows)


def test_the_first_pass_has_no_restored_picture() -> None:
    for level in (Level.OFF, Level.USUAL, Level.WIDE):
        assert not any(one.restored for one in asked_windows(decoded(PICTURE), level))


def test_another_picture_does_not_become_the_listed_one() -> None:
    for seed in (1, 3, 7):
        assert not agreeing(asked_windows(decoded(landscape(seed + 20, 600, 440)), Level.SECOND))


@given(st.integers(64, 384), st.integers(64, 384), st.integers(0, 2**32 - 1), st.integers(1, 64))
def test_any_plane_gives_planes_of_its_size(rows: int, cols: int, seed: int, block: int) -> None:
    """Of noise in blocks of every size, so that some are large enough to be taken for something laid over."""
    small = np.random.default_rng(seed).uniform(0, 255, (-(-rows // block), -(-cols // block)))
    plane = np.ascontiguousarray(np.kron(small, np.ones((block, block)))[:rows, :cols], np.float32)
    for cut, windows in restored(plane):
        assert (cut.shape, cut.dtype) == (plane.shape, np.float32)
        assert windows
