"""A video is looked up by what it shows longest, whatever it shows at the places where vPDQ looks."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from tests.support.pictures import texture
from tests.support.videos import KINDS, encode, video
from tutela.media import MATCH_DISTANCE, PdqHash
from tutela.media.limits import Level, Limits
from tutela.media.pdq import hash_pixels
from tutela.media.results import Described, WindowKind
from tutela.media.video.hash_video import describe_video
from tutela.media.video.intervals import LEAST_SHOWN, Interval

RATE = 20
PICTURE = texture(1000, 180, 320)


def of(data: bytes, limits: Limits | None = None) -> Described:
    return describe_video(io.BytesIO(data), limits or Limits())


def decoyed(places: set[int], frames: int = 2 * RATE) -> tuple[np.ndarray, ...]:
    """The picture, and other ones at some places."""
    return tuple(texture(place, 180, 320) if place in places else PICTURE for place in range(frames))


def found(described: Described) -> list[int]:
    """The hashed frames that are looked up by the picture, whole."""
    wanted = PdqHash(hash_pixels(PICTURE)[0])
    return [
        frame.index
        for frame in described.frames
        if any(
            wanted.distance(PdqHash(value)) <= MATCH_DISTANCE
            for value in (frame.pdq, *(one.variants[0] for one in frame.windows if one.kind == WindowKind.LONGEST))
        )
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_decoys_at_the_marks_do_not_hide_what_is_shown_between_them(kind: str) -> None:
    described = of(encode(decoyed({0, 20}), KINDS[kind], RATE))
    assert found(described) == [frame.index for frame in described.frames]


@pytest.mark.parametrize("every", [2, 3, 5])
def test_decoys_in_each_group_of_frames_do_not_either(every: int) -> None:
    """More decoys than marks, among them those frames that are decoded anyway; the picture is still shown longest."""
    places = {place for place in range(80) if place % every == 0}
    described = of(encode(decoyed(places, 80), KINDS["h264-mp4"], RATE))
    assert len(found(described)) >= len(described.frames) - 1


def frame(seed: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(texture(seed, 96, 96)[..., 0], format="gray")


def test_what_is_shown_for_a_moment_is_not_looked_up() -> None:
    interval = Interval.begin(0, frame(1), 0.5)
    interval.add(frame(2), 0.1)
    assert not interval.others(0.6)
    interval.add(frame(3), 0.04)
    long = frame(2)
    interval.add(long, LEAST_SHOWN)
    assert not interval.others(1.0), "the hashed frame's content is shown longest"
    interval.add(long, 0.3)
    assert interval.others(1.2) == [long]


def test_a_picked_frame_stands_for_those_that_are_not_decoded() -> None:
    interval, picked, longest = Interval.begin(0, frame(1), 0.04), frame(2), frame(3)
    interval.add(picked, 0.04, picked=True)
    assert not interval.others(0.1)
    assert interval.others(1.0) == [picked]
    interval.add(longest, 0.3)
    assert interval.others(1.0) == [longest, picked]


def test_a_usual_video_has_no_more_hashes_of_its_frames_than_vpdq() -> None:
    described = of(video("h264-mp4"))
    assert [frame.index for frame in described.frames] == [0, 25, 50, 75, 100]


def test_without_windows_no_other_frame_is_looked_at() -> None:
    described = of(encode(decoyed({0, 20}), KINDS["h264-mp4"], RATE), Limits(windows=Level.OFF))
    assert all(not frame.windows for frame in described.frames)


def test_the_same_file_gives_the_same_hashes() -> None:
    data = encode(decoyed({0, 20}), KINDS["h264-mp4"], RATE)
    assert of(data) == of(data)
