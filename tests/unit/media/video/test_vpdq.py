"""vPDQ's texts: what is written is read, what others wrote is read, and anything else is refused by its frame."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from threatexchange.signal_type.pdq.signal import PdqSignal

from tutela.media.results import FrameHash
from tutela.media.video.vpdq import Feature, InvalidVpdq, features, read_json, read_lines, write_json, write_lines

EXAMPLE = PdqSignal.get_examples()[0]
hashes = st.binary(min_size=32, max_size=32)
qualities = st.integers(0, 100)
seconds = st.integers(0, 10**8).map(lambda ms: ms / 1000)
numbered = st.lists(st.builds(Feature, hashes, qualities, seconds, st.integers(0, 10**6)), max_size=5)
plain = st.lists(st.builds(Feature, hashes, qualities, seconds), max_size=5)


@given(numbered)
def test_lines_are_read_as_they_were_written(given_: list[Feature]) -> None:
    assert read_lines(write_lines(given_)) == given_


@given(plain)
def test_json_is_read_as_it_was_written_to_the_millisecond(given_: list[Feature]) -> None:
    assert read_json(write_json(given_)) == given_


def test_what_others_write_is_read() -> None:
    assert read_lines(f"0,100,{EXAMPLE},0.000\n1,87,{EXAMPLE.upper()},0.033\n")[1] == Feature(
        bytes.fromhex(EXAMPLE), 87, 0.033, 1
    )
    assert read_json(json.dumps([f"{EXAMPLE},100,1.23e+02"]))[0].seconds == 123.0
    assert read_json("") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0,100,ab,0.0", "Frame 1: .*64 hexadecimal"),
        (f"0,100,{EXAMPLE}", "Frame 1: must be frame,quality"),
        (f"0,100,{EXAMPLE},0\n1,101,{EXAMPLE},1", "Frame 2: the quality"),
        (f"x,1,{EXAMPLE},1", "frame number"),
        (f"0,1,{EXAMPLE},-1", "seconds"),
        (f"0,1,{EXAMPLE},nan", "seconds"),
        (f"0,1,{EXAMPLE},inf", "seconds"),
        (f"0,٣,{EXAMPLE},1", "quality"),
        (f"0,1,{EXAMPLE},1,2", "must be"),
    ],
)
def test_lines_that_are_none_are_refused_with_the_frame_and_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidVpdq, match=reason):
        read_lines(text)


@pytest.mark.parametrize(
    "text", ["x", "{}", "[1]", "[[]]", '["a,b"]', f'["{EXAMPLE}\\n,100,1"]', "[" * 100_000, "null"]
)
def test_json_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidVpdq):
        read_json(text)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_lines, read_json):
        with contextlib.suppress(InvalidVpdq):
            assert all(0 <= one.quality <= 100 for one in read(text))


def test_a_hashed_video_is_its_frames_upright() -> None:
    upright, turned = bytes(32), b"\1" * 32
    frame = FrameHash(50, upright, 12, (upright, turned), (), (), 2002)
    assert features([frame]) == [Feature(upright, 12, 2.002, 50)]
