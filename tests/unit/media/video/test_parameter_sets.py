"""Packets that change how later ones are decoded are noticed, whatever the container."""

from __future__ import annotations

import io
from dataclasses import replace
from struct import pack
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.videos import KINDS, encode, frames
from tutela.media.limits import Limits, Sampling
from tutela.media.results import INCOMPLETE
from tutela.media.video.hash_video import describe_video
from tutela.media.video.parameter_sets import ParameterSets

SPS, PPS, OTHER_PPS, SLICE = b"\x67\x42\x00\x1f\x99", b"\x68\xce\x38", b"\x68\x48\x99", b"\x65\x88\x84\x00\x33"
RECORD = b"\x01\x42\x00\x1f\xff\xe1" + pack(">H", len(SPS)) + SPS + b"\x01" + pack(">H", len(PPS)) + PPS


def lengths(*units: bytes) -> memoryview:
    return memoryview(b"".join(pack(">I", len(unit)) + unit for unit in units))


def codes(*units: bytes) -> memoryview:
    return memoryview(b"".join(b"\0\0\0\1" + unit for unit in units))


@pytest.mark.parametrize(
    ("extradata", "write"), [(RECORD, lengths), (bytes(codes(SPS, PPS)), codes), (b"", codes)], ids=["mp4", "ts", "raw"]
)
def test_the_same_sets_may_come_again_and_others_may_not(extradata: bytes, write: Any) -> None:
    same = ParameterSets("h264", extradata)
    for packet in (write(SPS, PPS, SLICE), write(SLICE), write(SPS, PPS, SLICE)):
        assert same(packet)
    for changed in (SPS + b"\1", PPS + b"\1", OTHER_PPS):
        sets = ParameterSets("h264", extradata)
        assert sets(write(SPS, PPS, SLICE))
        assert not sets(write(changed, SLICE))
        assert not sets(write(SLICE))  # once changed, it is not forgotten


def test_a_record_that_contradicts_itself_is_noticed() -> None:
    twice = b"\x01\x42\x00\x1f\xff\xe2" + 2 * (pack(">H", len(SPS)) + SPS) + b"\x00"
    assert ParameterSets("h264", twice)(lengths(SLICE))
    other = twice.replace(SPS, SPS[:-1] + b"\x98", 1)
    assert not ParameterSets("h264", other)(lengths(SLICE))


@given(st.sampled_from(["h264", "hevc", "vp9"]), st.binary(max_size=60), st.lists(st.binary(max_size=60), max_size=4))
def test_any_bytes_are_read(codec: str, extradata: bytes, packets: list[bytes]) -> None:
    sets = ParameterSets(codec, extradata)
    for packet in packets:
        sets(memoryview(packet))
    again = ParameterSets(codec, b"\1" + extradata)
    for packet in packets:
        again(memoryview(packet))


@pytest.mark.parametrize("kind", ["h264-mp4", "hevc-mp4", "h264-ts"])
def test_usual_videos_keep_their_sets(kind: str) -> None:
    if kind not in KINDS:
        pytest.skip("this kind is not made")
    data = encode(frames(2, 25, 160, 96), KINDS[kind])
    assert not any(note.startswith(INCOMPLETE) for note in describe_video(io.BytesIO(data), Limits()).notes)


@pytest.mark.parametrize("where", [24, 25])
@pytest.mark.parametrize("sampling", [Sampling.RATE, Sampling.KEYS])
def test_a_video_whose_sets_change_is_called_incomplete(sampling: Sampling, where: int) -> None:
    """Also where key frames alone are decoded, and where the change stands in a packet that is not decoded."""
    data = encode(frames(2, 25, 160, 96), replace(KINDS["h264-mp4"], options={"g": "5"}))
    out = io.BytesIO()
    with av.open(io.BytesIO(data)) as source, av.open(out, "w", format="mp4") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for number, packet in enumerate(one for one in source.demux(stream) if one.size):
            made = av.Packet(bytes(lengths(OTHER_PPS)) + bytes(packet) if number == where else bytes(packet))
            made.pts, made.dts, made.time_base = packet.pts, packet.dts, packet.time_base
            made.is_keyframe, made.stream = packet.is_keyframe, copy
            target.mux(made)
    described = describe_video(io.BytesIO(out.getvalue()), Limits(sampling=sampling))
    assert any("parameter sets change" in note for note in described.notes)
