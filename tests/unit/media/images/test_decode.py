"""Every format and colour mode is the same picture; orientation and transparency follow the stated policy."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.support.pictures import EDITS, FORMS, animation, encode, jpeg, landscape, png, texture
from tutela.media.images import decode
from tutela.media.images.animation import chosen_frames, sampled_frames
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels
from tutela.media.results import Code, Described, Refusal

LIMITS = Limits()
PICTURE = texture(5, 400, 300)
TRUE = PdqHash(hash_pixels(PICTURE)[0])


def describe(data: bytes, limits: Limits = LIMITS) -> Described:
    return decode.describe(data, limits)


def distance(data: bytes, to: PdqHash = TRUE) -> int:
    return to.distance(PdqHash(describe(data).frames[0].pdq))


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_hashes_alike_in_every_format_and_mode(form: str) -> None:
    described = describe(FORMS[form](PICTURE))
    frame = described.frames[0]
    assert TRUE.distance(PdqHash(frame.pdq)) <= 10
    assert (described.width, described.height) == (400, 300)
    assert frame.quality >= 80
    assert frame.variants[0] == frame.pdq
    assert not described.notes


def test_ink_of_an_adobe_cmyk_jpeg_is_not_read_as_light() -> None:
    image = Image.fromarray(PICTURE).convert("CMYK")
    assert distance(encode(image, "JPEG", quality=95)) <= 10


def test_sixteen_bit_big_endian_grey_is_read() -> None:
    grey = np.asarray(Image.fromarray(PICTURE).convert("L")).astype(">u2") * 257
    image = Image.frombytes("I;16B", (400, 300), grey.astype(">u2").tobytes())
    assert distance(encode(image, "TIFF")) <= 4


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_as_viewers_do(orientation: int, format_name: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = encode(Image.fromarray(PICTURE), format_name, exif=exif)
    shown = describe(stored)
    with Image.open(io.BytesIO(stored)) as image:
        expected = ImageOps.exif_transpose(image)
        assert (shown.width, shown.height) == expected.size
        there = PdqHash(hash_pixels(np.asarray(expected.convert("RGB")))[0])
        # A JPEG is read for its light alone.
        assert there.distance(PdqHash(shown.frames[0].pdq)) <= (4 if format_name == "JPEG" else 0)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_senseless_orientation_changes_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert distance(encode(Image.fromarray(PICTURE), "PNG", exif=exif)) == 0


def test_broken_exif_does_not_hide_a_picture() -> None:
    assert distance(jpeg(PICTURE, exif=b"Exif\0\0garbage" * 3)) <= 10


def test_transparency_is_composited_on_white() -> None:
    alpha = np.zeros((300, 400), np.uint8)
    alpha[:, 200:] = 255
    seen = PICTURE.copy()
    seen[:, :200] = 255
    rgba = Image.fromarray(np.dstack([PICTURE, alpha]))
    expected = PdqHash(hash_pixels(seen)[0])
    assert distance(encode(rgba, "PNG"), expected) == 0
    assert distance(encode(rgba, "WEBP", lossless=True), expected) == 0


def test_a_wholly_transparent_picture_is_too_flat_to_match() -> None:
    rgba = Image.fromarray(np.dstack([PICTURE, np.zeros((300, 400), np.uint8)]))
    described = describe(encode(rgba, "PNG"))
    assert described.frames[0].quality == 0
    assert not described.frames[0].matchable
    assert described.notes == ("too flat: quality 0",)


def test_a_colour_key_counts_as_transparency() -> None:
    image = Image.fromarray(PICTURE)
    key = tuple(int(v) for v in PICTURE[0, 0])
    seen = PICTURE.copy()
    seen[(PICTURE[0, 0] == PICTURE).all(axis=2)] = 255
    assert distance(encode(image, "PNG", transparency=key), PdqHash(hash_pixels(seen)[0])) == 0


def test_a_large_jpeg_is_decoded_small_and_stays_close() -> None:
    large = landscape(4, 3600, 2400)
    described = describe(jpeg(large))
    assert (described.width, described.height) == (3600, 2400)
    assert PdqHash(hash_pixels(large)[0]).distance(PdqHash(described.frames[0].pdq)) <= 10


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG", "TIFF"])
def test_frames_are_hashed_evenly_from_the_first_on(format_name: str) -> None:
    described = describe(animation(format_name, frames=20))
    assert [frame.index for frame in described.frames] == [0, 2, 5, 7, 10, 12, 15, 19]
    # Pages are pictures of their own.
    assert described.notes == ("incomplete: " * (format_name == "TIFF") + "8 of 20 frames hashed",)
    for frame in described.frames:
        expected = PdqHash(hash_pixels(texture(frame.index, 96, 96))[0])
        assert expected.distance(PdqHash(frame.pdq)) <= 16


@pytest.mark.parametrize("total", [9, 20, 101, 4001])
def test_the_last_frame_is_always_among_the_chosen(total: int) -> None:
    for wanted in (2, 8, 32):
        chosen = chosen_frames(total, wanted)
        assert (chosen[0], chosen[-1], len(chosen) <= max(wanted, 1)) == (0, total - 1, True) or total <= wanted
    # Its last frame is shown for less than an interval.
    times = [*(number * 500 for number in range(total)), (total - 1) * 500 + 20]
    chosen = sampled_frames(times, Limits())
    assert (chosen[0], chosen[-1]) == (0, total - 1)


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize("long", range(9))
def test_the_frame_that_is_shown_longest_is_hashed(format_name: str, long: int) -> None:
    pictures = [Image.fromarray(texture(seed, 96, 96)) for seed in range(9)]
    delays = [8000 if number == long else 20 for number in range(9)]
    data = encode(pictures[0], format_name, save_all=True, append_images=pictures[1:], duration=delays)
    assert long in [frame.index for frame in describe(data).frames]


def test_what_is_shown_for_a_moment_at_each_interval_stands_for_no_other() -> None:
    times = [0]
    for _ in range(20):
        times += [times[-1] + 20, times[-1] + 1000]
    chosen = sampled_frames(times, Limits())
    assert {one for one in range(40) if one % 2} <= set(chosen)
    assert len(chosen) <= 21


def test_frames_of_unknown_times_are_no_whole_animation() -> None:
    described = describe(animation("AVIF", frames=12))
    assert described.notes == ("incomplete: 8 of 12 frames hashed",)


def test_a_short_animation_is_hashed_whole() -> None:
    assert [frame.index for frame in describe(animation("GIF", frames=3)).frames] == [0, 1, 2]


@pytest.mark.parametrize("edit", ["recompressed", "resized", "brightened"])
def test_an_edited_picture_still_matches(edit: str) -> None:
    assert distance(png(EDITS[edit](PICTURE))) <= MATCH_DISTANCE


def test_a_mirrored_picture_matches_one_of_the_variants() -> None:
    variants = describe(png(EDITS["mirrored"](PICTURE))).frames[0].variants
    assert min(TRUE.distance(PdqHash(variant)) for variant in variants) <= MATCH_DISTANCE


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG", "TIFF"])
def test_too_many_frames_are_refused(format_name: str) -> None:
    with pytest.raises(Refusal) as caught:
        describe(animation(format_name, frames=6, size=32), Limits(max_frames=5))
    assert caught.value.code is Code.TOO_MANY_FRAMES


@pytest.mark.parametrize("form", ["jpeg", "png", "gif", "webp", "bmp", "tiff", "heif", "avif"])
def test_too_many_pixels_are_refused_before_they_are_decoded(form: str) -> None:
    with pytest.raises(Refusal) as caught:
        describe(FORMS[form](PICTURE), Limits(max_pixels=400 * 300 - 1))
    assert caught.value.code is Code.TOO_LARGE
