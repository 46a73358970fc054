"""Packets of AV1 that nothing refers to: found in what encoders write, and never guessed."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.videos import KINDS, Kind, encode, frames

from tutela.media.av1 import Dispensable
from tutela.media.limits import Limits
from tutela.media.video import describe_video

PICTURES = frames(5, 25, 320, 180)
MADE = {
    "random access": Kind("mp4", "libsvtav1", {"crf": "30", "preset": "9"}),
    "low delay": Kind("matroska", "libsvtav1", {"crf": "30", "preset": "9", "svtav1-params": "pred-struct=1"}),
    "screen content": Kind("mp4", "libsvtav1", {"crf": "30", "preset": "9", "svtav1-params": "scm=1"}),
}


def packets(data: bytes) -> tuple[Any, list[bytes]]:
    import av

    with av.open(io.BytesIO(data)) as opened:
        stream = opened.streams.video[0]
        return stream.codec_context.extradata, [bytes(packet) for packet in opened.demux(stream) if packet.size]


@pytest.mark.parametrize("kind", MADE)
def test_sparing_packets_changes_no_hash(kind: str) -> None:
    data = encode(PICTURES, MADE[kind])
    full = describe_video(io.BytesIO(data), Limits(interval=0.0))
    assert len(full.frames) == 125
    for interval in (0.2, 0.52, 1.0):
        sparse = describe_video(io.BytesIO(data), Limits(interval=interval))
        assert sparse.frames == full.frames[:: int(interval * 25)]


def test_half_of_what_a_usual_encoder_writes_is_spared_and_no_key_frame() -> None:
    extradata, parts = packets(encode(PICTURES, MADE["random access"]))
    dispensable = Dispensable(extradata)
    spared = [dispensable(memoryview(part)) for part in parts]
    assert not spared[0]
    assert 20 <= sum(spared) <= 90


def test_without_a_sequence_header_everything_is_needed() -> None:
    _, parts = packets(encode(PICTURES[:30], MADE["random access"]))
    assert not any(Dispensable(None)(memoryview(part)) for part in parts[1:])


@pytest.mark.parametrize("kind", ["h264-mp4", "vp9-webm"])
def test_packets_of_another_codec_are_needed_or_nothing_is_raised(kind: str) -> None:
    extradata, parts = packets(encode(PICTURES[:10], KINDS[kind]))
    dispensable = Dispensable(extradata)
    assert all(isinstance(dispensable(memoryview(part)), bool) for part in parts)


EXTRADATA, PARTS = packets(encode(PICTURES[:30], MADE["random access"]))


@given(st.integers(0, len(PARTS) - 1), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 255))), st.integers(0, 60))
def test_any_bytes_have_an_answer(which: int, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(PARTS[which])
    for at, value in changes:
        if at < len(data):
            data[at] = value
    dispensable = Dispensable(EXTRADATA)
    assert dispensable(memoryview(bytes(data[:cut]))) in (True, False)
    assert Dispensable(bytes(data[:cut]))(memoryview(bytes(data))) in (True, False)
