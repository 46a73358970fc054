"""A HEIF whose pictures lie in a track is hashed by its first picture and by those of the track."""

from __future__ import annotations

import struct

import pytest

from tests.support.mutations import avif
from tests.support.mutations.pieces import image, picture
from tests.support.pictures import encode
from tests.support.videos import frames, video
from tutela.media import Hashed, HasherPool
from tutela.media.formats.picture_formats import has_track
from tutela.media.images.heif_sequences import describe_picture
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels
from tutela.media.results import FrameHash, Refusal

BRANDS = b"hevc" + bytes(4) + b"msf1hevc"
MOVING = frames(5, 25, 320, 180)


def track() -> bytes:
    """A video that says it is a row of pictures; its own head is as long as before."""
    data = video("hevc-mp4")
    size = struct.unpack_from(">I", data)[0]
    return data[:8] + (BRANDS + b"hevc" * 20)[: size - 8] + data[size:]


def near(frame: FrameHash, rgb: object) -> bool:
    return PdqHash(frame.pdq).distance(PdqHash(hash_pixels(rgb)[0])) <= MATCH_DISTANCE  # type: ignore[arg-type]


def test_a_row_of_pictures_without_a_first_one_is_hashed_by_its_track() -> None:
    assert has_track(track())
    found = describe_picture(track(), Limits())
    assert near(found.frames[0], MOVING[0])
    assert near(found.frames[3], MOVING[75])


def test_the_first_picture_and_those_of_the_track_are_all_hashed() -> None:
    still = encode(image(1), "HEIF", quality=90)
    head, *rest = avif.boxes_of(still)
    data = track()
    whole = data + b"".join(avif.boxes_of(avif.moved(still, len(data) - len(head)))[1:])
    whole = whole[:16] + b"mif1heic" + whole[24:]
    whole = whole[:8] + b"heic" + whole[12:]
    assert rest
    with HasherPool(workers=1) as pool:
        found = pool.hash_bytes(whole, tenant="house")
    assert isinstance(found, Hashed), found
    assert found.format == "HEIF"
    assert near(found.frames[0], picture(1))
    assert near(found.frames[1], MOVING[0])
    assert [frame.index for frame in found.frames] == list(range(len(found.frames)))


def test_a_picture_without_a_track_is_as_it_was() -> None:
    for form in ("HEIF", "AVIF", "PNG"):
        assert not has_track(encode(image(1), form))
    with pytest.raises(Refusal):
        describe_picture(b"\0\0\0\x10ftypheic" + bytes(4), Limits())
