"""Where a picture ends: cuts are named by the byte, appended data is counted, other files are no pictures."""

from __future__ import annotations

import io
import re
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.support.pictures import FORMS, animation, encode, jpeg, png, texture
from tutela.media.formats import picture_formats
from tutela.media.images import decode
from tutela.media.kernels import _pdq
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash
from tutela.media.results import Code, Refusal

PICTURE = texture(9, 160, 120)
ENDED = ["jpeg", "jpeg progressive", "png", "gif", "webp", "bmp", "heif", "avif"]


def refusal_of(data: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        decode.describe(data, Limits())
    return caught.value


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("page.html", "<script></script>")
    return out.getvalue()


def cuts(data: bytes) -> list[int]:
    return sorted({len(data) * k // 40 for k in range(1, 40)} | {len(data) - 1} - {0, 1})


@pytest.mark.parametrize("form", ["tiff", "tiff lzw", "heif", "avif"])
def test_a_cut_file_that_no_browser_shows_is_refused_at_every_position_by_its_byte(form: str) -> None:
    data = FORMS[form](PICTURE)
    for cut in cuts(data):
        refusal = refusal_of(data[:cut])
        assert refusal.code in (Code.TRUNCATED, Code.CORRUPT), cut
        if cut > 16:
            assert refusal.code is Code.TRUNCATED, (cut, refusal.message)
            assert refusal.message == f"truncated at byte {cut}"


@pytest.mark.parametrize("form", ["jpeg", "jpeg progressive", "png", "gif", "webp", "bmp"])
def test_a_cut_file_is_hashed_as_far_as_it_goes_with_a_note_of_the_byte(form: str) -> None:
    data = FORMS[form](PICTURE)
    whole = PdqHash(decode.describe(data, Limits()).frames[0].pdq)
    for cut in cuts(data):
        if cut < len(data) // 2:
            continue
        described = decode.describe(data[:cut], Limits())
        assert described.notes[0] == f"damaged: truncated at byte {cut}; hashed as far as it can be displayed"
        assert (described.width, described.height) == (160, 120)
    (frame,) = decode.describe(data[:-1], Limits()).frames
    found = [PdqHash(look.variants[0]) for look in (frame, *frame.windows)]
    assert min(map(whole.distance, found)) <= MATCH_DISTANCE


@pytest.mark.parametrize("appended", [a_zip(), b"<html><script>alert(1)</script></html>", b"\xff" * 999, bytes(4096)])
@pytest.mark.parametrize("form", ENDED)
def test_appended_data_does_not_hide_a_picture_and_is_counted(form: str, appended: bytes) -> None:
    data = FORMS[form](PICTURE)
    plain, followed = decode.describe(data, Limits()), decode.describe(data + appended, Limits())
    assert followed.frames == plain.frames
    assert followed.notes == (f"trailing data {len(appended)} bytes",)


@pytest.mark.parametrize("form", ENDED)
def test_a_second_picture_is_named(form: str) -> None:
    data = FORMS[form](PICTURE)
    second = png(texture(1, 64, 64))
    described = decode.describe(data + second, Limits())
    note, *_ = described.notes
    assert described.frames[-1].pdq == decode.describe(second, Limits()).frames[0].pdq
    assert note == f"trailing data {len(second)} bytes, a second picture (PNG) at byte {len(data)}"


@pytest.mark.parametrize("form", ENDED)
def test_a_little_padding_needs_no_note(form: str) -> None:
    assert decode.describe(FORMS[form](PICTURE) + b"\0\0\r\n", Limits()).notes == ()


def test_data_behind_a_tiff_does_not_hide_it() -> None:
    data = FORMS["tiff"](PICTURE)
    assert decode.describe(data + a_zip(), Limits()).frames == decode.describe(data, Limits()).frames


def test_a_gif_that_is_also_a_script_is_hashed() -> None:
    data = encode_gif()
    script = b"/*" + data[2:] + b"*/=1;alert(1)"
    assert refusal_of(script).code is Code.NOT_A_PICTURE
    assert decode.describe(data + b"*/=1;alert(1)", Limits()).notes == ("trailing data 13 bytes",)


def encode_gif() -> bytes:
    return FORMS["gif"](PICTURE)


@pytest.mark.parametrize(
    "data",
    [b"\0", b"x", b"hello, world", b"<html></html>", a_zip(), b"#!/bin/sh\n", b"RIFF\x10\0\0\0WAVEfmt ", bytes(1000)],
)
def test_a_file_that_is_no_picture_is_refused_as_such(data: bytes) -> None:
    refusal = refusal_of(data)
    assert refusal.code is Code.NOT_A_PICTURE
    assert refusal.message == "not a picture"


@pytest.mark.parametrize("noise", [bytes(30), b"\0", b"hello" * 40, bytes([0xFF] * 9) + b"\0\0", b"\xff\x00" * 90])
@pytest.mark.parametrize("form", ["jpeg", "jpeg progressive", "jpeg grey", "jpeg cmyk"])
def test_a_jpeg_with_other_bytes_behind_its_start_is_hashed(form: str, noise: bytes) -> None:
    """As libjpeg does, and every browser that uses it for what is called a JPEG."""
    data = FORMS[form](PICTURE)
    described = decode.describe(data[:2] + noise + data[2:], Limits())
    true = decode.describe(data, Limits()).frames[0]
    assert PdqHash(described.frames[0].pdq).distance(PdqHash(true.pdq)) <= 8
    assert described.format == "JPEG"


@given(st.binary(max_size=400))
def test_bytes_behind_the_start_of_a_jpeg_make_none(noise: bytes) -> None:
    refusal = refusal_of(b"\xff\xd8\0" + noise)
    assert refusal.code in (Code.NOT_A_PICTURE, Code.UNSUPPORTED, Code.TRUNCATED, Code.CORRUPT)


NAMED = {
    **{f"TGA {mode}": ("TGA", mode, {}) for mode in ("RGB", "RGBA", "L", "LA", "P")},
    **{f"TGA {mode} in runs": ("TGA", mode, {"compression": "tga_rle"}) for mode in ("RGB", "L", "P")},
    **{f"PPM {mode}": ("PPM", mode, {}) for mode in ("RGB", "L", "1")},
    "JPEG 2000 in a file": ("JPEG2000", "RGB", {}),
    "JPEG 2000 alone": ("JPEG2000", "RGB", {"no_jp2": True}),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_format_that_is_not_read_is_refused_by_its_name(name: str) -> None:
    form, mode, options = NAMED[name]
    data = encode(Image.fromarray(PICTURE).convert(mode), form, **options)
    named = {"JPEG2000": "JPEG 2000"}.get(form, form)
    # A TGA has its footer only in newer versions.
    for one in (data, data[:-26]) if form == "TGA" else (data,):
        refusal = refusal_of(one)
        assert (refusal.code, refusal.message) == (Code.UNSUPPORTED, f"{named} is not a format this hasher reads")


def test_a_drawn_svg_is_refused_as_an_svg() -> None:
    refusal = refusal_of(b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>')
    assert (refusal.code, refusal.message) == (Code.UNSUPPORTED, "SVG without a readable picture")


@pytest.mark.parametrize("kind", [1, 2])
def test_a_cursor_is_no_tga_whatever_stands_behind_it(kind: int) -> None:
    icon = encode(Image.fromarray(PICTURE), "ICO", sizes=[(64, 48)])
    data = icon[:2] + bytes([kind]) + icon[3:] + bytes(8) + b"TRUEVISION-XFILE.\0"
    assert decode.describe(data, Limits()).format == "ICO"


def test_a_picture_behind_other_bytes_is_no_picture() -> None:
    assert refusal_of(b"\0" + jpeg(PICTURE)).code is Code.NOT_A_PICTURE


@pytest.mark.parametrize(
    "data", [b"\0\0\0\x0cJXL \r\n\x87\n", b"8BPS\0\1", b"%PDF-1.7", b"\0\0\0\x18ftypisom" + bytes(12)]
)
def test_formats_that_are_not_read_are_named(data: bytes) -> None:
    assert refusal_of(data).code is Code.UNSUPPORTED


@pytest.mark.parametrize("magic", [b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"\xff\xd8\xff"])
def test_a_beginning_without_the_rest_is_refused(magic: bytes) -> None:
    for size in (0, 1, 10, 100, 1000):
        assert refusal_of(magic + b"<script>" * size).code in (Code.TRUNCATED, Code.CORRUPT)


def test_no_bytes_are_empty() -> None:
    assert refusal_of(b"").code is Code.EMPTY


def test_frames_are_counted_without_decoding() -> None:
    assert picture_formats.inspect(animation("GIF", frames=9)).frames == 9
    assert picture_formats.inspect(animation("WEBP", frames=9)).frames == 9
    assert picture_formats.inspect(animation("PNG", frames=9)).frames == 9
    assert picture_formats.inspect(animation("TIFF", frames=9)).frames == 9


def test_pages_in_a_circle_are_refused() -> None:
    data = bytearray(FORMS["tiff"](PICTURE))
    first = struct.unpack_from("<I", data, 4)[0]
    entries = struct.unpack_from("<H", data, first)[0]
    struct.pack_into("<I", data, first + 2 + 12 * entries, first)
    assert refusal_of(bytes(data)).code is Code.CORRUPT


def test_a_jpeg_thumbnail_inside_a_jpeg_does_not_end_it() -> None:
    thumbnail = jpeg(texture(2, 64, 64))
    data = jpeg(PICTURE, exif=b"Exif\0\0" + thumbnail)
    found = picture_formats.inspect(data)
    assert found.end == len(data)
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (160, 120)


def test_encode_writes_what_it_is_asked_for() -> None:
    assert encode(Image.fromarray(PICTURE), "BMP")[:2] == b"BM"


@given(
    st.lists(st.one_of(st.binary(max_size=5), st.sampled_from([b"\xff", b"\xff\x00", b"\xff\xd0", b"\xff\xd9"]))),
    st.integers(0, 40),
)
def test_the_next_marker_is_the_one_that_a_pattern_finds(parts: list[bytes], at: int) -> None:
    data = b"".join(parts)
    found = re.compile(rb"\xff[\x02-\xcf\xd9-\xfe]").search(data, at)
    assert _pdq.next_marker(data, at) == (found.end() - 1 if found else -1)
