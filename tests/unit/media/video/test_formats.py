"""What is a video by its first bytes, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pictures import FORMS, texture
from tests.support.videos import KINDS, RARE, video
from tutela.media.video.formats import HEAD_BYTES, MP4, TRANSPORT, VIDEO_FORMATS, begins_with_box, video_format_of

NAMES = {
    "mp4": "MP4",
    "mov": "MP4",
    "matroska": "Matroska",
    "webm": "Matroska",
    "mpegts": "MPEG-TS",
    "avi": "AVI",
    "mpeg": "MPEG-PS",
    "flv": "Flash video",
    "asf": "Windows video",
    "ogg": "Ogg video",
    "mpeg2video": "MPEG video",
}


@pytest.mark.parametrize("kind", KINDS | RARE)
def test_every_container_is_known_by_its_beginning(kind: str) -> None:
    found = video_format_of(video(kind)[:HEAD_BYTES])
    assert found is not None
    assert found.format == NAMES[(KINDS | RARE)[kind].container]


@pytest.mark.parametrize("form", FORMS)
def test_no_picture_is_taken_for_a_video(form: str) -> None:
    assert video_format_of(FORMS[form](texture(1, 48, 40))[:HEAD_BYTES]) is None


@given(st.binary(max_size=2000))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    assert video_format_of(data) in (None, *VIDEO_FORMATS)


def box(kind: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4) + kind + body


def test_a_video_that_claims_to_be_like_a_picture_too_stays_a_video() -> None:
    brands = box(b"ftyp", b"isom\0\0\0\0mp42mif1")
    assert video_format_of(brands + box(b"moov", b"")) is MP4
    assert video_format_of(brands + box(b"meta", b"")) is None
    assert video_format_of(box(b"ftyp", b"avis\0\0\0\0avifmif1") + box(b"moov", b"")) is None
    assert video_format_of(box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", b"")) is None


def test_old_quicktime_files_have_no_brand() -> None:
    assert video_format_of(box(b"moov", b"x" * 100)) is MP4
    assert video_format_of(box(b"wide", b"") + box(b"mdat", b"x")) is MP4


def test_transport_streams_with_and_without_times_are_known_and_text_is_not() -> None:
    packet = b"G" + b"\0" * 187
    assert video_format_of(packet * 6) is TRANSPORT
    assert video_format_of((b"\0\0\0\1" + packet) * 6) is TRANSPORT
    assert video_format_of(b"GREETINGS, this is text. " * 100) is None
    assert video_format_of(packet * 2) is None


def _synchronised(head: bytes, first: int, packet: int) -> bytes:
    """The same with the marks of a transport stream's packets."""
    data = bytearray(head.ljust(HEAD_BYTES, b"\1"))
    for at in range(first, HEAD_BYTES, packet):
        data[at] = 0x47
    return bytes(data)


def test_a_transport_stream_is_known_by_its_marks() -> None:
    assert video_format_of(_synchronised(b"", 0, 188)) is TRANSPORT
    assert video_format_of(_synchronised(b"", 4, 192)) is TRANSPORT


@pytest.mark.parametrize(
    "head",
    [
        _synchronised(b"\xff\xd8\xff\xfe", 4, 192),
        _synchronised(b"GIF89a", 0, 188),
        _synchronised(b"BM".ljust(14, b"\1") + b"\x28\0\0\0", 4, 192),
        _synchronised(b"RIFF\1\1\1\1WEBP", 4, 192),
        _synchronised(b"II*\0", 4, 192),
        _synchronised(b"\0\0\1\0", 4, 192),
        _synchronised(b"<!--", 4, 192),
        b"\xff\xd8\xff\xfefree" + b"\1" * 100,
        b"\xff\xd8\xff\xfeftypisom" + b"\1" * 100,
        b"<!--free-->",
        b"RIFFmoovWEBP" + b"\1" * 100,
    ],
)
def test_a_picture_that_is_a_video_too_is_a_picture(head: bytes) -> None:
    assert video_format_of(head) is None


def test_a_first_box_like_an_icon_is_read_as_both() -> None:
    head = b"\0\0\1\0ftypisom" + bytes(300)
    assert video_format_of(head) is None
    assert begins_with_box(head)


def test_jpeg_2000_is_no_video() -> None:
    head = bytes.fromhex("0000000c6a5020200d0a870a") + b"\0\0\0\x14ftypjp2 " + bytes(100)
    assert video_format_of(head) is None
