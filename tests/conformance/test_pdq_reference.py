"""The kernel against `pdqhash` 0.2.8: the same bits and the same quality, on every input and at every SIMD level."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pdqhash
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tests.support.pictures import landscape, photos, texture
from tutela.media.images import decode
from tutela.media.kernels import _pdq
from tutela.media.limits import Limits
from tutela.media.pdq import hash_pixels, hash_variants, luminance

type Rgb = NDArray[np.uint8]

SIZES = [
    (5, 5),
    (4, 9),
    (5, 700),
    (700, 5),
    (63, 64),
    (64, 64),
    (65, 64),
    (127, 129),
    (128, 128),
    (129, 300),
    (257, 900),
]


@pytest.fixture(params=_pdq.simd_levels())
def level(request: pytest.FixtureRequest) -> Iterator[str]:
    before = _pdq.simd_level()
    _pdq.select_simd_level(request.param)
    yield request.param
    _pdq.select_simd_level(before)


def reference(rgb: Rgb) -> tuple[bytes, int]:
    bits, quality = pdqhash.compute(rgb)
    return np.packbits(bits).tobytes(), int(quality)


def reference_variants(rgb: Rgb) -> tuple[tuple[bytes, ...], int]:
    bits, quality = pdqhash.compute_dihedral(rgb)
    return tuple(np.packbits(each).tobytes() for each in bits), int(quality)


def noise(seed: int, rows: int, cols: int) -> Rgb:
    return np.random.default_rng(seed).integers(0, 256, (rows, cols, 3), dtype=np.uint8)


def agrees(rgb: Rgb) -> None:
    assert hash_pixels(rgb) == reference(rgb)
    assert hash_variants(rgb) == reference_variants(rgb)


def test_every_generated_picture_has_the_references_bits_at_every_level(level: str) -> None:
    rng = np.random.default_rng(7)
    sizes = SIZES + [(int(h), int(w)) for h, w in rng.integers(5, 400, (50, 2))]
    for seed, (rows, cols) in enumerate(sizes):
        agrees(noise(seed, rows, cols))
        agrees(landscape(seed, cols, rows))
        agrees(texture(seed, cols, rows))


def test_real_photographs_have_the_references_bits_at_every_level(level: str) -> None:
    for path in photos()[::3]:
        with Image.open(path) as image:
            image.draft("RGB", (700, 700))
            rgb = np.asarray(image.convert("RGB"))
        agrees(np.ascontiguousarray(rgb[:901, :1203]))


@given(rows=st.integers(1, 300), cols=st.integers(1, 300), seed=st.integers(0, 1 << 32), low=st.integers(0, 250))
def test_any_size_and_contrast_agrees(rows: int, cols: int, seed: int, low: int) -> None:
    rgb = np.random.default_rng(seed).integers(low, 256, (rows, cols, 3), dtype=np.uint8)
    agrees(rgb)


def test_grey_and_float_luminance_hash_like_the_rgb_they_stand_for(level: str) -> None:
    for seed in range(10):
        grey = noise(seed, 211, 190)[:, :, 0].copy()
        assert hash_pixels(grey) == reference(np.repeat(grey[:, :, None], 3, axis=2))
        rgb = texture(seed, 301, 203)
        assert hash_pixels(luminance(rgb)) == reference(rgb)


def test_the_text_of_a_hash_is_the_references_text() -> None:
    bits, _ = pdqhash.compute(texture(3))
    words = [int("".join(map(str, bits[k : k + 16])), 2) for k in range(0, 256, 16)]
    assert hash_pixels(texture(3))[0].hex() == "".join(f"{word:04x}" for word in words)


def test_flat_pictures_agree_and_have_no_quality() -> None:
    for value in (0, 1, 77, 128, 255):
        flat = np.full((100, 140, 3), value, np.uint8)
        agrees(flat)
        assert hash_pixels(flat)[1] == 0


def test_scaled_decoding_stays_within_ten_bits_of_full_resolution() -> None:
    distances = []
    for path in photos():
        with Image.open(path) as image:
            if image.width * image.height > 6_000_000:
                continue
            full, quality = hash_pixels(np.asarray(image.convert("RGB")))
        ours = decode.describe(path.read_bytes(), Limits()).frames[0].pdq
        if quality >= 80:
            distances.append((int.from_bytes(full) ^ int.from_bytes(ours)).bit_count())
    assert len(distances) > 25
    assert max(distances) <= 10
    assert float(np.median(distances)) <= 4
