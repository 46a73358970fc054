"""Videos made to hurt: sizes that lie, pictures that change, files that are two things. Each is hashed or refused."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest

from tests.support.pictures import png, texture
from tests.support.videos import KINDS, RARE, Kind, encode, frames, video
from tutela.media import Hashed, HasherPool, Refused
from tutela.media.limits import Limits
from tutela.media.results import Code

LIMITS = Limits(video_seconds=6.0, max_pixels=2_000_000)


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=1, limits=LIMITS) as pool:
        yield pool


def answer(pool: HasherPool, data: bytes) -> Hashed | Refused:
    found = pool.hash_bytes(data, tenant="house")
    assert found.digests is not None
    assert isinstance(pool.hash_bytes(png(texture(5, 64, 64)), tenant="house"), Hashed)
    return found


def patched(data: bytes, box: bytes, offset: int, value: bytes) -> bytes:
    """Other bytes at an offset after the name of a box."""
    at = data.index(box) + 4 + offset
    return data[:at] + value + data[at + len(value) :]


def test_a_table_of_a_milliard_samples_is_refused_or_read_as_far_as_it_goes(pool: HasherPool) -> None:
    for count in (10_000_000, 200_000_000, 0x3FFFFFFF, 0xFFFFFFFF):
        # One size for all, and more of them than the file has bytes.
        data = patched(video(), b"stsz", 4, struct.pack(">II", 1, count))
        data = patched(data, b"stts", 4, struct.pack(">III", 1, count, 512))
        assert isinstance(answer(pool, data), Hashed | Refused)


@pytest.mark.parametrize("ticks", [1_000_000, 12_800_000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_rate_that_no_camera_has_is_not_counted_by(pool: HasherPool, ticks: int) -> None:
    data = patched(video(), b"mdhd", 12, struct.pack(">I", ticks))
    found = answer(pool, data)
    assert isinstance(found, Hashed)
    assert found.video is not None
    assert found.video.rate <= 480
    assert len(found.frames) >= 5


def test_a_video_of_a_thousand_years_is_as_long_as_its_frames(pool: HasherPool) -> None:
    data = patched(video(), b"mdhd", 12, struct.pack(">II", 1, 0xFFFFFFFF))
    found = answer(pool, data)
    assert isinstance(found, Hashed)
    assert len(found.frames) <= 125


def test_dimensions_that_lie_do_not_count(pool: HasherPool) -> None:
    data = patched(video(), b"avc1", 24, struct.pack(">HH", 0xFFFF, 0xFFFF))
    found = answer(pool, data)
    assert isinstance(found, Hashed) or found.code is Code.TOO_LARGE


def test_pictures_that_grow_in_the_middle_are_refused_beyond_the_limit_and_hashed_below(pool: HasherPool) -> None:
    small = encode(frames(2, 25, 320, 180), KINDS["h264-ts"])
    larger = encode(frames(2, 25, 640, 360), KINDS["h264-ts"])
    found = answer(pool, small + larger)
    assert isinstance(found, Hashed)
    assert len(found.frames) >= 3
    huge = encode((np.zeros((1500, 2000, 3), np.uint8),) * 30, KINDS["h264-ts"])
    beyond = answer(pool, small + huge)
    assert isinstance(beyond, Hashed) or beyond.code in (Code.TOO_LARGE, Code.CORRUPT)
    if isinstance(beyond, Hashed):
        assert (beyond.width, beyond.height) == (320, 180)


def test_more_pixels_than_allowed_are_refused_by_every_decoder(pool: HasherPool) -> None:
    wide = (np.zeros((1200, 2000, 3), np.uint8),) * 3
    for name in ("h264-mp4", "hevc-mp4", "vp9-webm", "mpeg4-avi", "mjpeg-avi"):
        found = answer(pool, encode(wide, KINDS[name]))
        assert isinstance(found, Refused), name
        assert found.code is Code.TOO_LARGE, name


def test_a_flat_video_is_hashed_and_not_matchable(pool: HasherPool) -> None:
    found = answer(pool, encode((np.full((180, 320, 3), 90, np.uint8),) * 30, KINDS["h264-mp4"]))
    assert isinstance(found, Hashed)
    assert not found.matchable
    assert "too flat" in found.notes[-1]


@pytest.mark.parametrize("kind", ["h264-mp4", "vp9-webm", "h264-ts", "mpeg4-avi", "flv", "mpeg2-mpg"])
def test_a_video_that_is_also_an_archive_or_a_page_is_hashed(pool: HasherPool, kind: str) -> None:
    held = io.BytesIO(video(kind))
    held.seek(0, io.SEEK_END)
    with zipfile.ZipFile(held, "a") as archive:
        archive.writestr("a.txt", "text")
    for data in (held.getvalue(), video(kind) + b"<script>1</script>", video(kind) + b"%PDF-1.7\n"):
        found = answer(pool, data)
        assert isinstance(found, Hashed)
        assert len(found.frames) >= 5


def test_a_box_with_anything_in_it_before_the_video_does_not_hide_it(pool: HasherPool) -> None:
    data = video("h264-ts")
    free = struct.pack(">I4s", 8 + 4000, b"free") + b"\xff\xd8\xff" * 1333 + b"x"
    assert isinstance(answer(pool, free + video("h264-baseline-mov")), Hashed | Refused)
    assert isinstance(answer(pool, b"\0" * 188 + data), Refused)


@pytest.mark.parametrize("kind", KINDS | RARE)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.999])
def test_a_cut_at_any_place_is_hashed_as_far_as_it_goes_or_refused(pool: HasherPool, kind: str, share: float) -> None:
    data = video(kind)
    found = answer(pool, data[: int(len(data) * share)])
    if isinstance(found, Refused):
        assert found.code in (Code.CORRUPT, Code.NOT_A_PICTURE, Code.UNSUPPORTED, Code.EMPTY), found
    else:
        assert len(found.frames) <= 5


def test_a_playlist_is_no_video_and_opens_nothing(pool: HasherPool) -> None:
    for text in (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n"):
        found = answer(pool, text)
        assert isinstance(found, Refused)
        assert found.code is Code.NOT_A_PICTURE


def test_a_track_that_lies_in_another_file_is_not_fetched(pool: HasherPool) -> None:
    data = video("h264-baseline-mov")
    at = data.find(b"url \0\0\0\1")
    assert at > 0
    # Not "in this file", but at a path.
    outside = data[: at + 4] + b"\0\0\0\0" + data[at + 8 :]
    found = answer(pool, outside)
    assert isinstance(found, Hashed | Refused)


def test_a_codec_of_still_pictures_counts_its_frames(pool: HasherPool) -> None:
    found = answer(pool, encode(frames(2, 25, 160, 90), Kind("matroska", "mjpeg", {"qmax": "3"}, "yuvj420p")))
    assert isinstance(found, Hashed)
    assert [frame.index for frame in found.frames] == [0, 25]
