"""Progressive JPEGs without the scans that are not needed: the same samples, to the bit, or the file as it was."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFile

from tests.support.pictures import landscape, photos
from tutela.media.formats.jpeg import open_bytes
from tutela.media.formats.progressive_jpeg import lightened
from tutela.media.images import decode
from tutela.media.limits import Level, Limits

SCALES = (1, 2, 4, 8)


def progressive(pixels: NDArray[np.uint8], **options: object) -> bytes:
    out = io.BytesIO()
    with pytest.MonkeyPatch.context() as patched:
        # Pillow's encoder gives up where noise with restart markers is longer than it reckons.
        patched.setattr(ImageFile, "MAXBLOCK", 4 << 20)
        Image.fromarray(pixels).save(out, "JPEG", progressive=True, **options)
    return out.getvalue()


def grey(data: bytes, scale: int) -> NDArray[np.uint8]:
    image = open_bytes(data)
    image.draft("L", (image.width // scale, image.height // scale))
    image.load()
    return np.asarray(image)


@settings(max_examples=40, deadline=None)
@given(
    width=st.integers(8, 200),
    height=st.integers(8, 200),
    quality=st.integers(5, 100),
    sampling=st.integers(0, 2),
    restarts=st.integers(0, 3),
    scale=st.sampled_from(SCALES),
    seed=st.integers(0, 99),
    grain=st.booleans(),
)
def test_the_samples_are_the_same_to_the_bit(
    width: int, height: int, quality: int, sampling: int, restarts: int, scale: int, seed: int, grain: bool
) -> None:
    pixels = landscape(seed, width, height)
    if grain:
        pixels = np.random.default_rng(seed).integers(0, 256, pixels.shape, dtype=np.uint8)
    data = progressive(pixels, quality=quality, subsampling=sampling, restart_marker_blocks=restarts)
    light = lightened(data, scale)
    assert light is not data
    assert np.array_equal(grey(light, scale), grey(data, scale))


def test_photographs_are_the_same_and_most_of_the_bytes_are_not_read() -> None:
    tried = 0
    for path in photos():
        data = path.read_bytes()
        for scale in (1, 8):
            light = lightened(data, scale)
            if light is data:
                continue
            assert np.array_equal(grey(light, scale), grey(data, scale)), path
            assert scale < 8 or len(light) < len(data) / 2
            tried += 1
    assert tried >= 30


def test_a_very_large_picture_ends_its_runs_where_its_blocks_end() -> None:
    data = progressive(landscape(3, 5000, 4000), quality=60)
    assert np.array_equal(grey(lightened(data, 8), 8), grey(data, 8))


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_ink_are_left_as_they_are(mode: str) -> None:
    out = io.BytesIO()
    Image.fromarray(landscape(1, 64, 64)).convert(mode).save(out, "JPEG", progressive=True)
    assert lightened(out.getvalue(), 8) == out.getvalue()


def test_colours_that_are_no_luminance_are_left_as_they_are() -> None:
    data = progressive(landscape(1, 64, 64), keep_rgb=True)
    assert lightened(data, 1) == data
    sent = progressive(landscape(1, 64, 64))
    adobe = b"\xff\xee" + struct.pack(">H5sHHHB", 14, b"Adobe", 100, 0, 0, 0)
    said = sent[:2] + adobe + sent[2:]
    assert lightened(said, 8) == said


def test_a_picture_that_was_not_sent_to_the_end_is_left_as_it_is() -> None:
    """libjpeg guesses what is missing of it, and so does everybody who shows it."""
    data = progressive(landscape(1, 200, 200))
    starts = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
    assert len(starts) > 5
    for cut in starts[1:]:
        short = data[:cut] + b"\xff\xd9"
        assert lightened(short, 8) == short


def test_a_component_without_samples_is_left_to_the_decoder() -> None:
    data = progressive(landscape(1, 64, 64))
    frame = data.index(b"\xff\xc2")
    for at in (11, 14, 17):
        empty = bytearray(data)
        empty[frame + at] = 0
        assert lightened(bytes(empty), 8) == bytes(empty)


@settings(max_examples=80, deadline=None)
@given(place=st.floats(0, 1), value=st.binary(min_size=1, max_size=4), cut=st.floats(0, 1))
def test_damage_never_raises(place: float, value: bytes, cut: float) -> None:
    data = bytearray(progressive(landscape(2, 48, 40)))
    at = int(place * (len(data) - 1))
    data[at : at + len(value)] = value
    for scale in SCALES:
        lightened(bytes(data), scale)
        lightened(bytes(data[: int(cut * len(data))]), scale)


def test_a_hash_does_not_depend_on_how_the_picture_was_sent() -> None:
    """Progressive or not, the same coefficients are the same hash: decoded at 1/8, 1/4, 1/2 and whole."""
    limits = Limits(windows=Level.OFF)
    for size in (200, 500, 900, 1600):
        pixels = landscape(size, size * 4 // 3, size)
        plain = io.BytesIO()
        Image.fromarray(pixels).save(plain, "JPEG", quality=88)
        sent = progressive(pixels, quality=88)
        assert decode.describe(sent, limits).frames == decode.describe(plain.getvalue(), limits).frames
