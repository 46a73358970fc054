"""Statements that decoders read in different ways make the display of a picture unclear; usual files are clear."""

from __future__ import annotations

import io
from struct import pack
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.mutations import jpeg, png, profiles, webp
from tests.support.mutations.pieces import image
from tests.support.pictures import encode
from tutela.media.formats.display import unclear
from tutela.media.images.decode import describe
from tutela.media.limits import Limits
from tutela.media.results import INCOMPLETE

PROFILE = profiles.turned_over()


def chunk(kind: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + kind + body + pack(">I", crc32(kind + body))


def with_chunks(*before: bytes, behind: bytes = b"", data: bytes = png.write(1)) -> bytes:
    return data[:33] + b"".join(before) + data[33:-12] + behind + data[-12:]


def segment(body: bytes) -> bytes:
    return b"\xff\xe2" + pack(">H", len(body) + 2) + body


def profile_part(number: int, of: int) -> bytes:
    return segment(b"ICC_PROFILE\0" + bytes((number, of)) + PROFILE)


GAMMA, SRGB = chunk(b"gAMA", pack(">I", 45455)), chunk(b"sRGB", b"\0")
DEEP = encode(image(1, "L").convert("I;16"), "PNG")


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("PNG", with_chunks(GAMMA, GAMMA)),
        ("PNG", with_chunks(GAMMA, behind=SRGB)),
        ("PNG", with_chunks(chunk(b"sRGB", b"\x09"))),
        ("PNG", with_chunks(chunk(b"tRNS", bytes(2)), data=DEEP)),
        ("PNG", with_chunks(chunk(b"tRNS", bytes(6)), chunk(b"fcTL", bytes(25) + b"\1"))),
        ("JPEG", jpeg.write(1)[:2] + profile_part(1, 2) + jpeg.write(1)[2:]),
        ("JPEG", jpeg.write(1)[:2] + profile_part(1, 1) + profile_part(1, 1) + jpeg.write(1)[2:]),
        ("JPEG", jpeg.write(1).replace(b"\xff\xda", profile_part(1, 1) + b"\xff\xda", 1)),
        ("WEBP", webp.write(1) + 2 * pack("<4sI", b"ICCP", 0)),
        ("GIF", encode(image(1), "GIF").replace(b"\x21\xf9\x04\x00", b"\x21\xf9\x04\x08", 1)),
    ],
)
def test_what_decoders_read_in_different_ways_is_unclear(form: str, data: bytes) -> None:
    if form == "GIF" and b"\x21\xf9" not in data:
        data = data[:-1] + b"\x21\xf9\x04\x08\0\0\0\0;"
    assert unclear(data, form)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_usual_files_are_clear(form: str) -> None:
    data = encode(image(1), form)
    assert not unclear(data, form)
    assert not any(note.startswith(INCOMPLETE) for note in describe(data, Limits()).notes)


def test_a_profile_at_its_place_is_clear_and_an_unclear_picture_is_incomplete() -> None:
    out = io.BytesIO()
    image(1).save(out, "JPEG", icc_profile=PROFILE * 300)
    assert not unclear(out.getvalue(), "JPEG"), "a long profile has several parts"
    assert not unclear(with_chunks(GAMMA, SRGB), "PNG")
    found = describe(with_chunks(GAMMA, GAMMA), Limits())
    assert found.frames
    assert found.notes[0].startswith(INCOMPLETE)


@given(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]), st.binary(max_size=300), st.integers(0, 60))
def test_any_bytes_are_clear_or_not(form: str, noise: bytes, keep: int) -> None:
    assert isinstance(unclear(encode(image(1), form)[:keep] + noise, form), str)
