"""Damaged pictures are hashed as far as a browser shows them, with a note; what is no picture stays refused."""

from __future__ import annotations

import io
import zlib
from functools import partial
from struct import pack

import numpy as np
import pytest
from PIL import Image

from tests.support.mutations import bmp, gif, ico, jpeg, png, webp
from tests.support.mutations.pieces import image, picture
from tests.support.pictures import encode, texture
from tutela.media.images import decode
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels
from tutela.media.pixels.colour import blended
from tutela.media.results import Code, Described, Refusal, WindowKind
from tutela.media.salvage import WAYS

TRUE = PdqHash(hash_pixels(picture(1))[0])
PNG, JPEG, GIF = png.write(1), jpeg.write(1), gif.write(1)
CHUNKS = png.chunks_of(PNG)


def describe(data: bytes, **limits: int) -> Described:
    return decode.describe(data, Limits(**limits))  # type: ignore[arg-type]


def nearest(data: bytes) -> int:
    looks = [look for frame in describe(data).frames for look in (frame, *frame.windows)]
    return min(TRUE.distance(PdqHash(look.variants[0])) for look in looks)


def with_chunk(kind: bytes, body: bytes, wrong: bytes = b"") -> bytes:
    return png.joined([CHUNKS[0], (kind, body), *CHUNKS[1:]], wrong)


# The stream of the pixels: its last four bytes are a checksum.
STREAM = b"".join(body for kind, body in CHUNKS if kind == b"IDAT")
SHOWN: dict[str, bytes] = {
    "a JPEG without its last two bytes": JPEG[:-2],
    "a GIF without a trailer": GIF[:-1],
    "a PNG with a wrong checksum in a text": with_chunk(b"tEXt", b"Comment\0a picture", b"tEXt"),
    "a PNG without an end": png.joined(CHUNKS[:-1]),
    "a PNG with a text of two megabytes": with_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2 << 20))),
    "a PNG with a short resolution": with_chunk(b"pHYs", b"\0\0"),
    "a PNG with a short transparency": with_chunk(b"tRNS", b"\0"),
    "a PNG with short colours": with_chunk(b"cHRM", bytes(5)),
    "a PNG with a short animation": with_chunk(b"acTL", bytes(3)),
    "a PNG with a wrong checksum of its stream": png.joined([CHUNKS[0], (b"IDAT", STREAM[:-4] + b"1234"), png.IEND]),
    "a PNG with its stream cut": png.joined([CHUNKS[0], (b"IDAT", STREAM[:-99])]),
    "an icon": ico.write(1),
    "a cursor": ico.directory([ico.bitmap(1)], cursor=True),
    "a bitmap cut": bmp.write(1)[:-700],
    "an interlaced PNG cut": png.interlaced(1)[:-9000],
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_browser_shows_is_hashed(name: str) -> None:
    assert nearest(SHOWN[name]) <= MATCH_DISTANCE


def test_a_damaged_picture_has_a_note_and_a_whole_one_has_none() -> None:
    (note,) = describe(PNG[:-40]).notes
    assert note == f"damaged: truncated at byte {len(PNG) - 40}; hashed as far as it can be displayed"
    assert not describe(PNG).notes


@pytest.mark.parametrize("make", [jpeg.write, gif.write, png.write, bmp.write, webp.write])
def test_rows_that_are_missing_are_white(make: object) -> None:
    assert callable(make)
    data = make(1)
    form = decode.describe(data, Limits()).format
    seen = WAYS[form](data[: len(data) * 3 // 5], Limits()).seen
    assert seen is not None
    pixels = seen.pixels.reshape(len(seen.pixels), -1)
    white = (pixels == 255).all(axis=1)
    missing = white[::-1] if form == "BMP" else white
    assert missing[-5:].all()
    assert not missing[:5].any()


def test_a_damaged_picture_beyond_a_limit_is_refused_as_too_large() -> None:
    for data in (JPEG[:-2], PNG[:-20], GIF[:-1], bmp.write(1)[:-9], webp.write(1)[:-20], ico.write(1)):
        with pytest.raises(Refusal) as caught:
            describe(data, max_pixels=1000)
        assert caught.value.code is Code.TOO_LARGE


def test_a_frame_of_a_damaged_animation_that_is_whole_is_hashed() -> None:
    many = [image(k).resize((96, 80)) for k in range(4)]
    data = encode(many[0], "GIF", save_all=True, append_images=many[1:], duration=90)
    whole, cut = describe(data), describe(data[: len(data) * 3 // 5])
    assert 1 <= len(cut.frames) < len(whole.frames)
    assert cut.frames[0].pdq == whole.frames[0].pdq


def test_a_number_of_frames_that_is_a_lie_is_not_believed() -> None:
    assert nearest(with_chunk(b"acTL", pack(">II", 0x7FFFFFFF, 0))) <= MATCH_DISTANCE


def test_orientation_is_read_in_a_damaged_file_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    high, wide = picture(1).shape[:2]
    for form in ("PNG", "JPEG", "WEBP"):
        data = encode(image(1), form, exif=exif)
        cut = data[:-30] if form != "WEBP" else data[:-1]
        described = describe(cut)
        assert (described.width, described.height) == (high, wide), form


def test_transparency_is_hashed_both_ways() -> None:
    hidden, there = texture(7, 200, 160), np.zeros((160, 200), np.uint8)
    there[40:120, 50:150] = 255
    rgba = np.dstack([hidden, there])
    data = encode(Image.fromarray(rgba), "PNG")
    (frame,) = describe(data).frames
    (opaque,) = [window for window in frame.windows if window.kind is WindowKind.OPAQUE]
    # As the reference does: Pillow's conversion to RGB, and nothing else.
    assert opaque.variants[0] == hash_pixels(np.asarray(Image.fromarray(rgba).convert("RGB")))[0]
    assert frame.pdq == hash_pixels(blended(rgba).pixels)[0]
    assert frame.pdq != opaque.variants[0]
    assert not opaque.part
    listed = decode.describe(data, Limits(), listed=True).frames[0]
    assert WindowKind.OPAQUE in {window.kind for window in listed.windows}


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA"])
def test_without_transparency_there_is_one_way(mode: str) -> None:
    whole = image(1, "RGBA").convert(mode) if mode != "P" else image(1).quantize(200)
    assert WindowKind.OPAQUE not in {one.kind for one in describe(encode(whole, "PNG")).frames[0].windows}


def test_colours_of_a_palette_that_are_seen_through_count_as_the_reference_reads_them() -> None:
    quantized = image(1).quantize(200)
    data = encode(quantized, "PNG", transparency=bytes([0, 128] * 100))
    (frame,) = describe(data).frames
    (opaque,) = [window for window in frame.windows if window.kind is WindowKind.OPAQUE]
    assert opaque.variants[0] == hash_pixels(np.asarray(quantized.convert("RGB")))[0]


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_a_large_picture_is_the_same_by_strips(form: str) -> None:
    tall = Image.fromarray(texture(8, 300, 2500))
    tall.putalpha(Image.fromarray(texture(9, 300, 2500)).convert("L").point(lambda v: 255 * (v > 90)))
    data = encode(tall, form, lossless=True) if form == "WEBP" else encode(tall, form)
    frame = describe(data).frames[0]
    with Image.open(io.BytesIO(data)) as opened:
        seen = opened.convert("RGBA")
    ground = Image.new("RGB", seen.size, "white")
    ground.paste(seen, mask=seen)
    assert frame.pdq == hash_pixels(np.asarray(ground))[0]


def test_a_large_webp_is_read_by_rows_as_pillow_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from tutela.media.images import hash_picture

    seen = image(1)
    seen.putalpha(image(0, "L").resize(seen.size))
    for made in (image(1), seen):
        for options in ({"lossless": True}, {"quality": 80}):
            data = encode(made, "WEBP", method=0, **options)
            monkeypatch.setattr(hash_picture, "_LARGE_WEBP", 1 << 60)
            usual = describe(data)
            monkeypatch.setattr(hash_picture, "_LARGE_WEBP", 1)
            by_rows = describe(data)
            assert not by_rows.notes
            assert PdqHash(by_rows.frames[0].pdq).distance(PdqHash(usual.frames[0].pdq)) <= 2


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n" + bytes(60), JPEG[:30], GIF[:20], b"BM" + bytes(70), b"\0\0\1\0"]
)
def test_what_has_no_row_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        describe(data)
    assert caught.value.code in (Code.TRUNCATED, Code.CORRUPT, Code.UNSUPPORTED)


def test_what_stands_in_no_order_is_read_alike() -> None:
    same = partial(encode, image(1), "BMP")
    assert nearest(same()) == 0
    assert nearest(bmp.put(same(), 2, b"\xff\xff\xff\xff")) == 0
