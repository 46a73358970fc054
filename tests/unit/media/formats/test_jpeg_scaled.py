"""Pictures reduced to a fraction of their size, and the kernel's descriptions of them."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tests.support.pictures import encode, jpeg, landscape, texture
from tutela.media.formats.jpeg import SCALED_SIDE, scale_of
from tutela.media.images import decode
from tutela.media.kernels import _pdq
from tutela.media.limits import Limits
from tutela.media.pdq import hash_pixels, look_at, look_at_scaled
from tutela.media.pixels import colour

TURNS = (
    lambda a: a,
    np.rot90,
    lambda a: np.rot90(a, 2),
    lambda a: np.rot90(a, 3),
    lambda a: a[::-1],
    lambda a: a[:, ::-1],
    lambda a: a.T,
    lambda a: np.rot90(a, 2).T,
)


def bits(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def grey(seed: int, rows: int, cols: int) -> NDArray[np.uint8]:
    return np.ascontiguousarray(texture(seed, cols, rows)[:, :, 1])


def at_every_level[T](run: Callable[[], T]) -> list[T]:
    before = _pdq.simd_level()
    answers: list[T] = []
    for level in _pdq.simd_levels():
        _pdq.select_simd_level(level)
        answers.append(run())
    _pdq.select_simd_level(before)
    return answers


@given(rows=st.integers(5, 900), cols=st.integers(5, 900), scale=st.sampled_from((1, 2, 4, 8)), seed=st.integers(0, 99))
def test_every_simd_level_describes_a_scaled_picture_alike(rows: int, cols: int, scale: int, seed: int) -> None:
    shape = (-(-rows // scale), -(-cols // scale))
    luma = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    first, *others = at_every_level(lambda: look_at_scaled(luma, rows, cols, scale))
    assert all(other == first for other in others)


@pytest.mark.parametrize("size", [(480, 640), (333, 517), (200, 900)])
def test_unscaled_grey_has_the_bits_of_the_exact_kernel(size: tuple[int, int]) -> None:
    for seed in range(5):
        luma = grey(seed, *size)
        scaled, exact = look_at_scaled(luma, *size, 1), look_at(luma)
        assert bits(scaled.variants[0], exact.variants[0]) <= 2
        assert abs(scaled.quality - exact.quality) <= 1


def test_structure_turns_with_the_picture() -> None:
    luma = np.ascontiguousarray(landscape(3, 512, 512)[:, :, 1])
    structures = look_at(luma).structures
    for turn, structure in zip(TURNS, structures, strict=True):
        assert bits(look_at(np.ascontiguousarray(turn(luma))).structures[0], structure) <= 12


def test_a_flat_picture_has_no_structure() -> None:
    assert look_at(np.full((100, 100), 77, np.uint8)).structures == (bytes(32),) * 8


@pytest.mark.parametrize("given", [(10, 10, 0), (10, 10, 2), (40, 41, 2), (4, 20, 1)])
def test_an_array_of_another_size_is_refused(given: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"scale|5 pixels"):
        look_at_scaled(np.zeros((20, 20), np.uint8), *given)


def test_the_scale_keeps_the_shorter_side() -> None:
    assert scale_of(4000, 3000) == scale_of(4001, 3000) == 8
    assert scale_of(SCALED_SIDE * 4, SCALED_SIDE * 9) == 4
    assert scale_of(SCALED_SIDE * 2 - 1, 4000) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_jpeg_hashes_like_its_upright_pixels(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    rgb = landscape(4, 1500, 1121)
    stored = encode(Image.fromarray(rgb), "JPEG", quality=95, exif=exif)
    upright = colour.upright(rgb, orientation)
    frame = decode.describe(stored, Limits()).frames[0]
    assert bits(frame.pdq, hash_pixels(upright)[0]) <= 10


def test_a_jpeg_without_low_frequencies_is_decoded_at_full_size() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (720, 900, 1), dtype=np.uint8).repeat(3, axis=2)
    data = jpeg(noise, quality=95)
    with Image.open(io.BytesIO(data)) as image:
        exact, _ = hash_pixels(np.asarray(image.convert("RGB")))
    assert bits(decode.describe(data, Limits()).frames[0].pdq, exact) <= 10
