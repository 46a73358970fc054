"""Windows: where the original may be in a framed, captioned, mirrored or cut copy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tests.support.pictures import landscape, texture
from tutela.media.kernels import _pdq
from tutela.media.limits import Level
from tutela.media.pdq import hash_variants
from tutela.media.pixels import borders, thumbnails
from tutela.media.pixels.windows import LISTED_SHARE, Decoded, asked_windows, listed_windows
from tutela.media.results import Described, FrameHash, Window, WindowKind
from tutela.media.sandbox import wire

PICTURE = landscape(2, 600, 440)
ORIGINAL = hash_variants(PICTURE)[0][0]


def decoded(rgb: NDArray[np.uint8]) -> Decoded:
    rgb = np.ascontiguousarray(rgb)
    return Decoded(rgb, *rgb.shape[:2])


def near(listed: list[bytes], windows: tuple[Window, ...]) -> int:
    return min((int.from_bytes(a) ^ int.from_bytes(b)).bit_count() for w in windows for a in w.variants for b in listed)


def banded(rgb: NDArray[np.uint8], above: int, below: int) -> NDArray[np.uint8]:
    return np.asarray(ImageOps.expand(Image.fromarray(rgb), (0, above, 0, below), "white"))


@pytest.mark.parametrize(
    "edit",
    [
        lambda rgb: np.asarray(ImageOps.expand(Image.fromarray(rgb), 31, "black")),
        lambda rgb: banded(rgb, 77, 0),
        lambda rgb: banded(rgb, 40, 66),
        lambda rgb: np.asarray(ImageOps.expand(Image.fromarray(rgb), (90, 0), "black"))[:, ::-1],
        lambda rgb: np.concatenate([texture(1, 600, 440), rgb], axis=1),
        lambda rgb: rgb[:, ::-1],
        lambda rgb: np.rot90(rgb),
    ],
    ids=["border", "caption", "two bands", "mirrored pillar box", "collage", "mirror", "quarter turn"],
)
def test_the_original_is_found_in_an_edited_copy(edit: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> None:
    listed = [ORIGINAL, *(w.variants[0] for w in listed_windows(decoded(PICTURE)))]
    assert near(listed, asked_windows(decoded(edit(PICTURE)), Level.USUAL)) <= 16


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1])
def test_a_listed_picture_is_found_by_what_was_cut_out_of_it(share: float) -> None:
    rows, cols = PICTURE.shape[:2]
    cut = PICTURE[round(rows * share) : rows - round(rows * share), round(cols * share) : cols - round(cols * share)]
    listed = [w.variants[0] for w in listed_windows(decoded(PICTURE))]
    assert near(listed, asked_windows(decoded(cut), Level.USUAL)) <= 16


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_what_was_cut_off_one_side_is_found_by_wide_windows(side: str) -> None:
    rows, cols = PICTURE.shape[:2]
    cut = {
        "left": PICTURE[:, round(cols * 0.07) :],
        "right": PICTURE[:, : round(cols * 0.93)],
        "top": PICTURE[round(rows * 0.07) :],
        "bottom": PICTURE[: round(rows * 0.93)],
    }[side]
    listed = [w.variants[0] for w in listed_windows(decoded(PICTURE))]
    assert near(listed, asked_windows(decoded(cut), Level.WIDE)) <= 31


def test_a_mirrored_picture_meets_the_hash_of_its_original_to_the_bit_or_nearly() -> None:
    mirrored = asked_windows(decoded(PICTURE[:, ::-1]), Level.USUAL)
    assert near([ORIGINAL], mirrored[:1]) <= 2


@pytest.mark.parametrize("size", [(160, 53), (134, 62), (150, 110), (60, 44)], ids=str)
def test_a_thumbnail_is_looked_up_enlarged_too(size: tuple[int, int]) -> None:
    small = np.asarray(Image.fromarray(PICTURE).resize(size, Image.Resampling.LANCZOS))
    found = asked_windows(decoded(small), Level.USUAL)
    enlarged = [one for one in found if one.kind is WindowKind.WHOLE][-3:]
    assert [len(one.variants) for one in enlarged] == [8, 8, 8]
    assert near([ORIGINAL], tuple(enlarged)) <= min(24, near([ORIGINAL], tuple(enlarged[:1])))
    assert not asked_windows(decoded(small), Level.OFF)


def test_nothing_is_enlarged_that_is_no_thumbnail() -> None:
    plane = np.zeros((40, thumbnails.LONGEST + 1), np.float32)
    assert not [*thumbnails.enlarged(plane), *thumbnails.enlarged(plane[:10, :100])]


@given(seed=st.integers(0, 999), rows=st.integers(64, 500), cols=st.integers(64, 500), frame=st.integers(0, 60))
def test_no_listed_window_is_less_than_the_law_of_lists(seed: int, rows: int, cols: int, frame: int) -> None:
    rgb = np.asarray(ImageOps.expand(Image.fromarray(texture(seed, cols, rows)), frame, "white"))
    for window in listed_windows(decoded(rgb)):
        assert borders.area(window.box) >= LISTED_SHARE - 1e-9
        assert window.quality >= 50
        assert window.part == (window.kind is not WindowKind.WHOLE)


@given(seed=st.integers(0, 999), rows=st.integers(1, 300), cols=st.integers(1, 300), flat=st.booleans())
def test_any_picture_has_windows_inside_it_or_none(seed: int, rows: int, cols: int, flat: bool) -> None:
    rgb = np.full((rows, cols, 3), seed % 256, np.uint8) if flat else texture(seed, cols, rows)
    for level in Level:
        found = asked_windows(decoded(rgb), level)
        assert len(found) <= 255, "their count crosses the socket in a byte"
        for window in found:
            left, top, right, bottom = window.box
            assert 0 <= left < right <= 1
            assert 0 <= top < bottom <= 1
            assert len(window.variants) == len(window.structures) in (1, 8)
            assert level is not Level.OFF


@pytest.mark.parametrize("shape", [(64, 24_600), (24_600, 64), (70, 9_000)], ids=str)
def test_a_very_thin_picture_has_the_windows_that_fit_into_it(shape: tuple[int, int]) -> None:
    thin = decoded(np.resize(texture(3, 500, 64), (*shape, 3)))
    for found in (asked_windows(thin, Level.WIDE), listed_windows(thin)):
        assert all(len(window.variants) in (1, 8) for window in found)


@given(seed=st.integers(0, 999), rows=st.integers(64, 200), cols=st.integers(64, 200))
def test_every_simd_level_cuts_the_same_windows(seed: int, rows: int, cols: int) -> None:
    before, found = _pdq.simd_level(), []
    for level in _pdq.simd_levels():
        _pdq.select_simd_level(level)
        found.append(asked_windows(decoded(texture(seed, cols, rows)), Level.WIDE))
    _pdq.select_simd_level(before)
    assert all(other == found[0] for other in found)


@pytest.mark.parametrize("box", [(0, 0, 10, 0.5), (-1, 0, 9, 9), (0, 0, 11, 9), (0, 0, float("nan"), 9), (5, 5, 5, 9)])
def test_a_window_outside_the_plane_is_refused(box: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="window"):
        _pdq.windows(np.zeros((10, 10), np.float32), np.array([box], np.float64), turned=False)


HASHES = st.binary(min_size=32, max_size=32)
SIDES = st.tuples(st.integers(0, 30000), st.integers(0, 30000), st.integers(30001, 65535), st.integers(30001, 65535))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    count, sides = draw(st.sampled_from((1, 8))), draw(SIDES)
    hashes = st.lists(HASHES, min_size=count, max_size=count).map(tuple)
    box = (sides[0] / 65535, sides[1] / 65535, sides[2] / 65535, sides[3] / 65535)
    return Window(draw(st.sampled_from(WindowKind)), box, draw(st.integers(0, 100)), draw(hashes), draw(hashes))


@given(found=st.lists(windows(), max_size=6), cut=st.integers(1, 400))
def test_windows_cross_the_socket_whole_or_not_at_all(found: list[Window], cut: int) -> None:
    eight = tuple(bytes([k]) * 32 for k in range(8))
    frame = FrameHash(3, eight[0], 77, eight, eight[::-1], tuple(found))
    described = Described("PNG", 9, 8, (frame,), ("a note",))
    body = wire.pack_described(described)
    assert wire.unpack_described(body) == described
    with pytest.raises(wire.BadFrame):
        wire.unpack_described(body[: max(0, len(body) - cut)])
