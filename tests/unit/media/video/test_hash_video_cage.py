"""Videos in the pool: read through a descriptor, bounded in every way, and a crash of one is a crash of one."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.pictures import jpeg, png, texture
from tests.support.videos import KINDS, RARE, Kind, encode, video
from tutela.media import Hashed, HasherPool, Refused, digest_bytes
from tutela.media.limits import MIB, Limits, Sampling
from tutela.media.results import Code, Described, FrameHash, Video
from tutela.media.sandbox import wire
from tutela.media.sandbox.shared_memory import handed
from tutela.media.video.hash_video import describe_video

KNOWN = png(texture(5, 400, 300))


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=1) as pool:
        yield pool


def refused(answer: Hashed | Refused) -> Code:
    assert isinstance(answer, Refused), answer
    assert answer.digests is not None
    return answer.code


@pytest.mark.parametrize("kind", KINDS | RARE)
def test_every_kind_hashes_inside_the_cage_from_memory_and_from_a_file(
    pool: HasherPool, kind: str, tmp_path: Path
) -> None:
    data, path = video(kind), tmp_path / "video"
    path.write_bytes(data)
    answer = pool.hash_bytes(data, tenant="house")
    assert isinstance(answer, Hashed), answer
    assert answer.digests == digest_bytes(data)
    bare = describe_video(io.BytesIO(data), pool.limits).frames
    # The sides of windows are rounded on their way out of the cage.
    assert [replace(frame, windows=()) for frame in answer.frames] == [replace(frame, windows=()) for frame in bare]
    assert [[one.variants for one in frame.windows] for frame in answer.frames] == [
        [one.variants for one in frame.windows] for frame in bare
    ]
    assert pool.hash_file(path, tenant="house") == answer
    told = json.loads(json.dumps(answer.as_json()))
    assert told["video"]["rate"] == 25.0
    assert told["frames"][1]["time_ms"] == 1000


def test_a_video_leaves_a_worker_that_hashes_pictures(pool: HasherPool) -> None:
    assert isinstance(pool.hash_bytes(video(), tenant="house"), Hashed)
    assert isinstance(pool.hash_bytes(KNOWN, tenant="house"), Hashed)


def test_a_video_behind_a_picture_is_named_and_the_picture_hashed(pool: HasherPool) -> None:
    picture = jpeg(texture(2, 200, 160))
    answer = pool.hash_bytes(picture + video(), tenant="house")
    assert isinstance(answer, Hashed)
    assert f"a video (MP4) at byte {len(picture)}" in answer.notes[0]


def test_a_picture_behind_a_video_does_not_hide_the_video(pool: HasherPool) -> None:
    for kind in ("h264-mp4", "vp9-webm", "h264-ts", "mpeg4-avi"):
        answer = pool.hash_bytes(video(kind) + KNOWN, tenant="house")
        assert isinstance(answer, Hashed), kind
        assert len(answer.frames) == 5


def test_longer_than_allowed_gets_digests_alone(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(video())
    with HasherPool(workers=1, limits=Limits(max_video_bytes=1000), isolation="seccomp") as pool:
        answer = pool.hash_file(path, tenant="house")
        assert refused(answer) is Code.TOO_LARGE
        assert answer.digests == digest_bytes(video())
        assert refused(pool.hash_bytes(video(), tenant="house")) is Code.TOO_LARGE


def test_a_video_that_needs_too_much_memory_is_refused_alone() -> None:
    wide = encode((np.zeros((4500, 8000, 3), np.uint8),) * 2, Kind("matroska", "mjpeg", {}, "yuvj444p"), 3)
    with HasherPool(workers=1, limits=Limits(memory_bytes=64 * MIB), isolation="seccomp") as pool:
        assert refused(pool.hash_bytes(wide, tenant="house")) in (Code.MEMORY_LIMIT, Code.CORRUPT)
        assert isinstance(pool.hash_bytes(KNOWN, tenant="house"), Hashed)


def test_more_pixels_than_allowed_are_refused() -> None:
    with HasherPool(workers=1, limits=Limits(max_pixels=50_000), isolation="seccomp") as pool:
        assert refused(pool.hash_bytes(video(), tenant="house")) is Code.TOO_LARGE


def test_a_stopped_worker_is_killed_when_the_videos_time_is_over_and_the_next_one_is_hashed() -> None:
    with HasherPool(workers=1, limits=Limits(video_seconds=1.0), isolation="seccomp") as pool:
        assert isinstance(pool.hash_bytes(KNOWN, tenant="house"), Hashed)
        (worker,) = pool._places.idle()
        os.kill(worker.process.pid, signal.SIGSTOP)
        assert refused(pool.hash_bytes(video(), tenant="house")) is Code.TIME_LIMIT
        assert isinstance(pool.hash_bytes(video(), tenant="house"), Hashed)


def test_a_worker_killed_during_a_video_costs_that_video_alone() -> None:
    with HasherPool(workers=1, isolation="seccomp") as pool:
        assert isinstance(pool.hash_bytes(KNOWN, tenant="house"), Hashed)
        (worker,) = pool._places.idle()
        os.kill(worker.process.pid, signal.SIGSTOP)
        answers: list[Hashed | Refused] = []
        asking = threading.Thread(target=lambda: answers.append(pool.hash_bytes(video(), tenant="house")))
        asking.start()
        os.kill(worker.process.pid, signal.SIGKILL)
        asking.join(30)
        assert refused(answers[0]) is Code.CRASHED
        assert isinstance(pool.hash_bytes(video(), tenant="house"), Hashed)


def test_a_video_counts_for_as_many_pictures_as_its_time() -> None:
    limits = Limits(pictures_per_worker=24, seconds=10, video_seconds=120)
    assert limits.pictures_per_video == 12
    with HasherPool(workers=1, limits=limits, isolation="seccomp") as pool:
        seen = set()
        for _ in range(3):
            assert isinstance(pool.hash_bytes(video(), tenant="house"), Hashed)
            seen |= {worker.process.pid for worker in pool._places.idle()}
        assert len(seen) == 2


def test_descriptors_are_given_back(pool: HasherPool, tmp_path: Path) -> None:
    path = tmp_path / "video"
    path.write_bytes(video())
    pool.hash_file(path, tenant="house")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - the folder changes while it is read
    for _ in range(30):
        pool.hash_file(path, tenant="house")
        pool.hash_bytes(video(), tenant="house")
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_where_a_system_has_no_such_memory_the_bytes_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    with HasherPool(workers=1, limits=Limits(max_bytes=1000), isolation="seccomp") as pool:
        assert isinstance(pool.hash_bytes(video(), tenant="house"), Hashed)
        assert refused(pool.hash_bytes(KNOWN, tenant="house")) is Code.TOO_LARGE


def test_handed_memory_cannot_be_changed_by_who_gets_it() -> None:
    with handed(b"abc" * 1000) as descriptor:
        assert descriptor is not None
        assert os.read(descriptor, 10_000) == b"abc" * 1000
        with pytest.raises(PermissionError):
            os.pwrite(descriptor, b"x", 0)
        with pytest.raises(PermissionError):
            os.ftruncate(descriptor, 0)


hashes = st.binary(min_size=32, max_size=32)
frame_hashes = st.builds(
    lambda index, time, quality, eight: FrameHash(index, eight[0], quality, eight, eight[::-1], (), time),
    st.integers(0, 2**32 - 1),
    st.none() | st.integers(0, 2**32 - 2),
    st.integers(0, 100),
    st.lists(hashes, min_size=8, max_size=8).map(tuple),
)
thousandths = st.integers(0, 2**31).map(lambda n: n / 1000)
videos = st.builds(
    Video,
    st.text("abc19", max_size=9),
    thousandths,
    thousandths,
    st.integers(-360, 360),
    st.sampled_from(Sampling),
    thousandths,
)


@given(st.none() | videos, st.lists(frame_hashes, min_size=1, max_size=3), st.binary(max_size=40), st.integers(0, 2000))
@settings(deadline=None)
def test_what_is_said_of_a_video_survives_its_frame_and_nothing_else_does(
    about: Video | None, some: list[FrameHash], noise: bytes, at: int
) -> None:
    described = Described("MP4", 320, 180, tuple(some), ("a note",), about)
    body = wire.pack_described(described)
    assert wire.unpack_described(body) == described
    broken = body[: at % len(body)] + noise
    with contextlib.suppress(wire.BadFrame):
        assert isinstance(wire.unpack_described(broken), Described)
