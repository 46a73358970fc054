"""A HEIF whose pictures lie in a track is hashed by its first picture and by those of the track."""

from __future__ import annotations

import io
import struct

import av
import numpy as np
import pytest

from tests.support.mutations import avif
from tests.support.mutations.pieces import image, picture
from tests.support.pictures import encode
from tests.support.videos import frames, video
from tutela.media import Hashed, HasherPool
from tutela.media.images.heif_sequences import describe_picture
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels
from tutela.media.results import INCOMPLETE, Code, Described, FrameHash, Refusal

BRANDS = b"hevc" + bytes(4) + b"msf1hevc"
MOVING = frames(5, 25, 320, 180)


def track() -> bytes:
    """A video that says it is a row of pictures; its own head is as long as before."""
    data = video("hevc-mp4")
    size = struct.unpack_from(">I", data)[0]
    return data[:8] + (BRANDS + b"hevc" * 20)[: size - 8] + data[size:]


def complete(found: Described) -> bool:
    return not any(note.startswith(INCOMPLETE) for note in found.notes)


def near(frame: FrameHash, rgb: object) -> bool:
    return PdqHash(frame.pdq).distance(PdqHash(hash_pixels(rgb)[0])) <= MATCH_DISTANCE  # type: ignore[arg-type]


def test_a_row_of_pictures_without_a_first_one_is_hashed_by_its_track() -> None:
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
        found = describe_picture(encode(image(1), form), Limits())
        assert complete(found)
        assert len(found.frames) == 1
    with pytest.raises(Refusal):
        describe_picture(b"\0\0\0\x10ftypheic" + bytes(4), Limits())


def fragments(number: int) -> bytes:
    """A video of one picture that needs no place of its own in the file, without its head."""
    out = io.BytesIO()
    flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(out, "w", format="mp4", options=flags) as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        shown = av.VideoFrame.from_image(image(number).resize((320, 180)))
        for frame in [shown] * 25 + [None]:
            container.mux(stream.encode(frame))
    data = out.getvalue()
    return data[int.from_bytes(data[:4]) :]


def icon(number: int) -> bytes:
    """The directory of an icon whose first bytes are also the head of a video; its picture lies in free space."""
    entries, still = 0x7466, encode(image(number).resize((256, 256)), "PNG")
    place = 6 + 16 * entries
    one = struct.pack("<BBBBHHII", 1, 1, 0, 0, 1, 32, len(still), place)
    out = bytearray(struct.pack("<HHH", 0, 1, entries) + one * entries + still)
    out[:12] = b"\0\0\1\0ftypisom"
    out[256:264] = struct.pack(">I", len(out) - 256) + b"free"
    return bytes(out)


def test_a_picture_of_another_kind_with_a_video_is_hashed_as_both() -> None:
    for whole in (encode(image(1), "AVIF") + fragments(2), icon(1) + fragments(2)):
        found = describe_picture(whole, Limits())
        assert near(found.frames[0], picture(1))
        told = any(note.startswith(INCOMPLETE) for note in found.notes)
        assert told or any(near(frame, picture(2)) for frame in found.frames)


def test_a_track_that_cannot_be_read_is_told() -> None:
    whole = encode(image(1), "AVIF") + fragments(2)
    place = whole.index(b"moof") + 200
    broken = whole[:place]
    found = describe_picture(broken, Limits())
    assert any(note.startswith(INCOMPLETE) for note in found.notes)


def test_a_video_that_begins_like_an_icon_is_a_video() -> None:
    head = b"\0\0\1\0ftypisom" + bytes(244)
    found = describe_picture(head + fragments(2), Limits())
    assert near(found.frames[0], picture(2))


def box(kind: bytes, body: bytes = b"", *, long: bool = False) -> bytes:
    """A box, with its size in four bytes or in eight."""
    if long:
        return struct.pack(">I4sQ", 1, kind, 16 + len(body)) + body
    return struct.pack(">I4s", 8 + len(body), kind) + body


NAMES = [b"junk", b"uuid", b"udta", b"styp", b"sidx", b"meta", b"jP2 ", b"jP  ", b"abcd", b"a_b-", b"\xa9abc", bytes(4)]


@pytest.mark.parametrize("long", [False, True], ids=["short size", "long size"])
@pytest.mark.parametrize("kind", NAMES)
def test_a_video_behind_a_box_of_any_name_is_hashed(kind: bytes, long: bool) -> None:
    with HasherPool(workers=1) as pool:
        found = pool.hash_bytes(box(kind, bytes(16), long=long) + fragments(2), tenant="house")
    assert isinstance(found, Hashed), found
    assert near(found.frames[0], picture(2))


@pytest.mark.parametrize("size", [0x1BA, 0x1B3])
def test_a_video_that_begins_like_another_container_is_hashed_and_told(size: int) -> None:
    data = struct.pack(">I", size) + b"free" + bytes(size - 8) + fragments(2)
    with HasherPool(workers=1) as pool:
        found = pool.hash_bytes(data, tenant="house")
    assert isinstance(found, Hashed), found
    assert near(found.frames[0], picture(2))
    assert not found.complete


def test_an_icon_behind_whose_directory_a_video_begins_is_hashed_as_both() -> None:
    still = encode(image(1).resize((256, 256)), "PNG")
    moving = fragments(2)
    place = 256 + len(moving) + 8
    head = struct.pack("<HHHBBBBHHII", 0, 1, 1, 0, 0, 0, 0, 1, 32, len(still), place).ljust(256, b"\0")
    found = describe_picture(head + moving + box(b"free", still), Limits())
    assert near(found.frames[0], picture(1))
    assert any(near(frame, picture(2)) for frame in found.frames)


def test_a_text_is_no_video() -> None:
    for data in (b"nothing but words, and more of them " * 50, box(b"free", b"x" * 40), bytes(300)):
        with pytest.raises(Refusal) as refused:
            describe_picture(data, Limits())
        assert refused.value.code in (Code.NOT_A_PICTURE, Code.EMPTY)


def sequence() -> bytes:
    out = io.BytesIO()
    first, *others = [image(k).resize((128, 96)) for k in range(3)]
    first.save(out, "AVIF", save_all=True, append_images=others, duration=200)
    return out.getvalue()


def test_a_sequence_is_complete_with_its_frames() -> None:
    found = describe_picture(sequence(), Limits())
    assert complete(found), found.notes
    assert found.format == "AVIF"
    assert all(any(near(frame, np.asarray(image(k).resize((128, 96)))) for frame in found.frames) for k in range(3))


@pytest.mark.parametrize("name", [b"moov", b"hoov"])
@pytest.mark.parametrize("major", [b"avif", b"avis", b"mif1"])
def test_a_picture_with_a_track_in_a_box_of_any_name_is_hashed_as_both(name: bytes, major: bytes) -> None:
    still, movie = encode(image(1), "AVIF"), fragments(2).replace(b"moov", name, 1)
    head, *rest = avif.boxes_of(avif.moved(still, len(movie)))
    found = describe_picture(head[:8] + major + head[12:] + movie + b"".join(rest), Limits())
    assert any(near(frame, picture(2)) for frame in found.frames)
    assert any(near(frame, picture(1)) for frame in found.frames) or not complete(found)
