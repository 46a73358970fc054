"""The hash as text and bytes, and what the kernel refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.support.pictures import texture
from tutela.media.kernels import _pdq
from tutela.media.pdq import InvalidPdq, PdqHash, hash_pixels, hash_variants

GOOD = "0123456789abcdef" * 4


def test_a_hash_reads_and_prints_as_64_hexadecimal_digits() -> None:
    assert str(PdqHash.parse(GOOD)) == GOOD
    assert PdqHash.parse(GOOD).value == bytes.fromhex(GOOD)


def test_upper_case_is_accepted_and_normalised() -> None:
    assert PdqHash.parse(GOOD.upper()) == PdqHash.parse(GOOD)


@pytest.mark.parametrize(
    "text",
    ["", GOOD[:-1], GOOD + "0", GOOD + "\n", "\n" + GOOD, " " + GOOD[1:], GOOD[:-1] + "g", "٠" * 64, GOOD + "\0"],
)
def test_anything_but_64_digits_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidPdq) as caught:
        PdqHash.parse(text)
    assert GOOD[:16] not in str(caught.value)


def test_a_hash_has_32_bytes() -> None:
    with pytest.raises(InvalidPdq):
        PdqHash(b"short")


def test_distance_counts_differing_bits() -> None:
    assert PdqHash.parse(GOOD).distance(PdqHash.parse(GOOD)) == 0
    assert PdqHash(bytes(32)).distance(PdqHash(b"\xff" * 32)) == 256
    assert PdqHash(bytes(32)).distance(PdqHash(bytes(31) + b"\x05")) == 2


def test_a_side_below_five_pixels_has_the_zero_hash() -> None:
    for shape in ((4, 100, 3), (100, 4, 3), (0, 0, 3), (0, 10, 3)):
        assert hash_pixels(np.zeros(shape, np.uint8)) == (bytes(32), 0)
        assert hash_variants(np.zeros(shape, np.uint8)) == ((bytes(32),) * 8, 0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_luminance_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="luminance"):
        hash_pixels(np.full((100, 100), value, np.float32))


@pytest.mark.parametrize("array", [np.zeros((9, 9), np.int32), np.zeros((9, 9, 4), np.uint8), np.zeros(9, np.uint8)])
def test_other_types_and_shapes_are_refused(array: np.ndarray) -> None:
    with pytest.raises(TypeError):
        hash_pixels(array)


def test_views_hash_like_their_copies() -> None:
    picture = texture(1, 301, 200)
    assert hash_pixels(picture[::-1, ::2]) == hash_pixels(picture[::-1, ::2].copy())


def test_threads_get_the_answers_of_one_thread() -> None:
    pictures = [texture(seed, 300, 200) for seed in range(24)]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(hash_variants, pictures)) == [hash_variants(picture) for picture in pictures]


def test_an_unknown_simd_level_is_refused() -> None:
    with pytest.raises(ValueError, match="SIMD"):
        _pdq.select_simd_level("mmx")
    assert _pdq.simd_level() in _pdq.simd_levels()


def test_luminance_of_every_colour_is_the_one_that_64_bits_round_to() -> None:
    blue, green = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    for level in _pdq.simd_levels():
        _pdq.select_simd_level(level)
        for red in range(0, 256, 5):
            rgb = np.stack([np.full_like(blue, red), green, blue], axis=2)
            weighed = (rgb[..., 0] * 0.299 + rgb[..., 1] * 0.587) + rgb[..., 2] * 0.114
            assert np.array_equal(_pdq.luminance(rgb), weighed.astype(np.float32))


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 7, 8, 50])
@pytest.mark.parametrize("size", [(41, 67), (64, 80), (1, 9)])
def test_squares_are_averaged_also_where_a_picture_ends_in_parts_of_them(factor: int, size: tuple[int, int]) -> None:
    luma = np.random.default_rng(factor).integers(0, 256, size, dtype=np.uint8)
    found = _pdq.reduced(luma, factor)
    rows, cols = (range(0, side, factor) for side in size)
    wanted = [[luma[row : row + factor, col : col + factor].mean() for col in cols] for row in rows]
    assert np.allclose(found, wanted, atol=1e-4, rtol=0)
