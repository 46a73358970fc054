"""A video's frames: read from what others write, kept in one form, and refused with the field that is wrong."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.films import frame, picture
from tutela.exchange.register.video_frames import (
    MAX_BYTES,
    MOST_FRAMES,
    Film,
    FilmUnreadableError,
    FrameLook,
    of_picture,
    of_vpdq,
    packed,
    unpacked,
)

HASH = st.binary(min_size=32, max_size=32)
NUMBER = st.integers(0, 2**32 - 1)
LOOKS = st.lists(st.builds(FrameLook, NUMBER, NUMBER, st.booleans(), HASH, st.integers(0, 100), HASH), max_size=30)


@given(LOOKS)
def test_looks_come_back_as_they_were_in_whatever_order_they_are_given(looks: list[FrameLook]) -> None:
    data = packed(looks)
    assert unpacked(data) == tuple(sorted(set(looks)))
    assert packed(reversed(looks)) == data
    assert len(data) <= MAX_BYTES


@given(LOOKS, st.data())
def test_a_changed_byte_is_refused_or_another_film_and_never_the_same(
    looks: list[FrameLook], data: st.DataObject
) -> None:
    whole = packed(looks)
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    for given_ in (changed, whole[:at], whole + b"\0"):
        try:
            read = unpacked(given_)
        except FilmUnreadableError:
            continue
        assert packed(read) == given_, "nothing but the one form is read"


def test_the_same_frames_have_one_name_however_they_came() -> None:
    told = [frame(index) for index in range(6)]
    one = of_picture(picture(*told))
    lines = [f"{f['pdq']},{f['quality']},{f['time_ms'] / 1000}" for f in told]
    other, third = of_vpdq(lines), of_vpdq(json.dumps(lines))
    assert other.name == third.name == one.name
    text = "".join(f"{f['index']},{f['quality']},{f['pdq']},{f['time_ms'] / 1000}\n" for f in told)
    assert of_vpdq(text).name == one.name
    assert replace(one, seconds=1.0).name == one.name
    assert Film(one.looks[:-1], 9.5).name != one.name


def test_parts_of_a_frame_come_along_where_they_are_large_enough() -> None:
    window = {"pdq": secrets.token_hex(32), "structure": secrets.token_hex(32), "quality": 80, "covers": 0.9}
    small, whole = window | {"covers": 0.5}, window | {"covers": 1.0, "kind": "whole", "pdq": "ab" * 32}
    film = of_picture(picture(frame(0, windows=[window, small, whole])))
    assert [one.part for one in film.looks] == [False, False, True]
    assert len(film.frames) == 2


@pytest.mark.parametrize(
    ("frames", "field"),
    [
        ([], "frames"),
        ([frame(0, quality=101)], "frames.0.quality"),
        ([frame(0, quality=True)], "frames.0.quality"),
        ([frame(0), frame(1, quality="90")], "frames.1.quality"),
        ([frame(0, time_ms=-1)], "frames.0.time_ms"),
        ([frame(-1, time_ms=0)], "frames.0.index"),
        ([frame(0, time_ms=2**32)], "frames.0.time_ms"),
        ([frame(0, pdq="ab")], "frames.0.pdq"),
        ([frame(0, pdq="0" * 63 + "\n")], "frames.0.pdq"),
        ([frame(0, structure="ab")], "frames.0.structure"),
        ([frame(3), frame(3)], "frames.1.index"),
        ([frame(3), frame(2)], "frames.1.index"),
        ([frame(3), frame(4, time_ms=0)], "frames.1.time_ms"),
        ([frame(0, windows=[{"pdq": "a" * 64, "quality": 90, "covers": 2.0}])], "frames.0.windows.0.covers"),
        ([frame(n) for n in range(MOST_FRAMES + 1)], "frames"),
    ],
)
def test_what_is_wrong_is_named(frames: list[dict[str, Any]], field: str) -> None:
    with pytest.raises(FilmUnreadableError) as caught:
        of_picture(picture(*frames))
    assert caught.value.field == field


@pytest.mark.parametrize("seconds", [-1, "9", None, float("nan"), float("inf"), 1e9])
def test_a_video_lasts_a_number_of_seconds(seconds: Any) -> None:
    with pytest.raises(FilmUnreadableError) as caught:
        of_picture(picture(frame(0), video={"seconds": seconds}))
    assert caught.value.field == "video.seconds"


@pytest.mark.parametrize("told", ["", "[]", [], ["x"], "0,100,xyz,0\n", [f"{'a' * 64},90,-1"], [f"{'a' * 64},101,0"]])
def test_what_is_no_vpdq_hash_is_refused(told: Any) -> None:
    with pytest.raises(FilmUnreadableError) as caught:
        of_vpdq(told)
    assert caught.value.field == "vpdq"


def test_a_million_frames_are_refused_before_they_are_looked_at() -> None:
    line = f"{'a' * 64},90,0"
    with pytest.raises(FilmUnreadableError, match="frames are allowed"):
        of_vpdq([line] * 1_000_000)
    with pytest.raises(FilmUnreadableError) as caught:
        of_picture(picture(*[frame(0)] * 1_000_000))
    assert caught.value.field == "frames"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["video", "frames", "index", "pdq", "seconds"]), inner)
        ),
        max_leaves=20,
    )
)
def test_whatever_else_it_is_it_is_refused(told: Any) -> None:
    with pytest.raises(FilmUnreadableError):
        of_picture(told)
