"""Which frames of an animation are hashed: what any viewer shows for long, and not what is shown for a moment."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.support.pictures import encode, texture
from tutela.media import MATCH_DISTANCE, PdqHash
from tutela.media.formats import picture_formats
from tutela.media.images.animation import MOST_UNHASHED, Animation, fingerprint, unhashed
from tutela.media.images.decode import describe
from tutela.media.limits import Limits
from tutela.media.results import INCOMPLETE, Described

FORMATS = ("GIF", "WEBP", "PNG")
PICTURE = texture(1000, 96, 96)


def moving(form: str, frames: list[np.ndarray], delays: list[int]) -> bytes:
    first, *rest = (Image.fromarray(one) for one in frames)
    return encode(first, form, save_all=True, append_images=rest, duration=delays, lossless=True)


def finds(described: Described) -> bool:
    wanted = PdqHash(hash_of(PICTURE))
    return any(wanted.distance(PdqHash(one.pdq)) <= MATCH_DISTANCE for one in described.frames)


def hash_of(pixels: np.ndarray) -> bytes:
    return describe(encode(Image.fromarray(pixels), "PNG"), Limits()).frames[0].pdq


@pytest.mark.parametrize("form", ["WEBP", "PNG"])
@pytest.mark.parametrize("decoy", [11, 19])
@pytest.mark.parametrize("shown", [15, 20, 40])
def test_a_picture_between_decoys_is_hashed_whatever_the_viewer_makes_of_short_delays(
    form: str, decoy: int, shown: int
) -> None:
    frames = [PICTURE if number % 2 else texture(number, 96, 96) for number in range(40)]
    described = describe(moving(form, frames, [decoy, shown] * 20), Limits())
    assert finds(described)
    assert not any(note.startswith(INCOMPLETE) for note in described.notes)


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_shown_often_and_each_time_for_a_moment_is_hashed(form: str) -> None:
    """Decoys are shown longer each time, and the picture longest in all."""
    frames = [PICTURE if number % 3 else texture(number, 96, 96) for number in range(60)]
    described = describe(moving(form, frames, [100 if number % 3 == 0 else 60 for number in range(60)]), Limits())
    assert finds(described)


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_that_is_never_twice_the_same_is_one_content(form: str) -> None:
    noise = np.random.default_rng(3)
    frames = []
    for number in range(60):
        near = np.clip(PICTURE + noise.normal(0, 12, PICTURE.shape), 0, 255).astype(np.uint8)
        frames.append(near if number % 2 else texture(number, 96, 96))
    described = describe(moving(form, frames, [70, 60] * 30), Limits())
    assert finds(described)
    assert not any(note.startswith(INCOMPLETE) for note in described.notes)


def test_a_frame_of_a_gif_without_a_delay_of_its_own_is_shown_for_a_tenth_of_a_second() -> None:
    data = moving("GIF", [texture(number, 96, 96) for number in range(3)], [500, 700, 900])
    control = data.index(b"\x21\xf9\x04", data.index(b"\x21\xf9\x04") + 1)
    assert picture_formats.inspect(data).delays == (500, 700, 900)
    assert picture_formats.inspect(data[:control] + data[control + 8 :]).delays == (500, 0, 900)
    assert Animation.of((500, 0, 900)).lines == ((0, 500, 600, 1500),)


@given(st.lists(st.integers(0, 300), min_size=2, max_size=60))
def test_time_lines_are_those_of_browsers_and_of_other_viewers(delays: list[int]) -> None:
    animation = Animation.of(delays)
    for line, most in zip(animation.lines, (10, 19), strict=False):
        assert [b - a for a, b in pairwise(line)] == [100 if d <= most else d for d in delays]
    assert (len(animation.lines) == 2) == any(10 < one < 20 for one in delays)
    chosen = animation.sampled(Limits())
    assert chosen[-1] == len(delays) - 1


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 8), st.integers(1, 400)), min_size=1, max_size=60),
    st.data(),
)
def test_what_no_hashed_frame_stands_for_is_shown_for_a_moment_or_said_to_be_left(
    given_frames: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    contents = [np.random.default_rng(seed).bytes(32) for seed in range(8)]
    prints = [_flipped(contents[which], by) * 2 for which, by, _ in given_frames]
    shown = np.array([time for *_, time in given_frames], np.float32)
    hashed = data.draw(st.lists(st.integers(0, len(prints) - 1), min_size=1, unique=True))
    most = data.draw(st.integers(0, 4))
    found, left = unhashed(prints, shown, hashed, most)
    assert len(found) <= most
    stood_for = {which for place in (*hashed, *found) for which in [given_frames[place][0]]}
    times = dict.fromkeys(range(8), 0)
    for which, _, time in given_frames:
        times[which] += time
    long = {which for which, time in times.items() if time > MOST_UNHASHED}
    assert left == bool(long - stood_for)
    assert not left or len(found) == most


def _flipped(value: bytes, bits: int) -> bytes:
    return (int.from_bytes(value) ^ ((1 << bits) - 1)).to_bytes(32)


def test_what_transparency_shows_on_one_ground_alone_is_other_content() -> None:
    plain = Image.new("RGBA", (96, 96), (255, 255, 255, 255))
    hidden = plain.copy()
    hidden.putalpha(Image.fromarray(PICTURE).convert("L"))
    assert fingerprint(plain)[:32] == fingerprint(hidden)[:32]
    assert fingerprint(plain)[32:] != fingerprint(hidden)[32:]
