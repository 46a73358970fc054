"""Which packets of AV1 refer to which: as encoders write it, and never guessed."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.videos import KINDS, Kind, encode, frames
from tutela.media.limits import Limits
from tutela.media.video.av1 import References
from tutela.media.video.hash_video import describe_video
from tutela.media.video.timeline import Mark, Need, plan

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
        bare, every = ([replace(one, windows=()) for one in described.frames] for described in (sparse, full))
        assert bare == every[:: int(interval * 25)]


def marks(data: bytes) -> list[Mark]:
    extradata, parts = packets(data)
    references = References(extradata)
    return [Mark(at, at == 0, references(memoryview(part))) for at, part in enumerate(parts)]


def test_a_frame_a_second_of_what_a_usual_encoder_writes_needs_a_quarter_of_it() -> None:
    # The five frames of five seconds; the last of all is one of them.
    made = marks(encode(PICTURES[:101], MADE["random access"]))
    assert made[0].refers == frozenset()
    assert all(mark.refers is not None and all(one < at for one in mark.refers) for at, mark in enumerate(made))
    needs = plan(made, 25).needs
    assert sum(need in (Need.HASHED, Need.AS_REFERENCE) for need in needs) <= len(PICTURES) // 4


def test_without_a_sequence_header_nothing_is_known() -> None:
    _, parts = packets(encode(PICTURES[:30], MADE["random access"]))
    references = References(None)
    assert all(references(memoryview(part)) is None for part in parts[1:])


def test_after_a_packet_that_is_passed_over_nothing_is_known_of_what_it_left() -> None:
    extradata, parts = packets(encode(PICTURES[:30], MADE["random access"]))
    references = References(extradata)
    references(memoryview(parts[0]))
    references.forget()
    assert references(memoryview(parts[1])) is None


def test_after_a_packet_that_cannot_be_read_only_what_came_since_is_known() -> None:
    extradata, parts = packets(encode(PICTURES[:30], MADE["random access"]))
    references = References(extradata)
    for part in parts[:10]:
        references(memoryview(part))
    assert references(memoryview(b"\x32\xff\xff")) is None
    known = [references(memoryview(part)) for part in parts[11:20]]
    assert all(refers is None or min(refers, default=11) >= 11 for refers in known)


def test_a_unit_with_an_extension_is_in_doubt() -> None:
    extradata, parts = packets(encode(PICTURES[:30], MADE["random access"]))
    references = References(extradata)
    assert references(memoryview(parts[0])) is not None
    head, rest = parts[1][0], parts[1][1:]
    assert references(memoryview(bytes([head | 4, 0]) + rest)) is None
    assert not references(memoryview(parts[2]))


def test_of_several_layers_nothing_is_known() -> None:
    extradata, parts = packets(encode(PICTURES[:10], MADE["low delay"]))
    at = extradata.index(b"\x0a", 4) + 2
    # Profile, still, reduced, timing, delay, one point; then which layers it has.
    head = int.from_bytes(extradata[at : at + 3])
    layered = extradata[:at] + (head | 0x101).to_bytes(3) + extradata[at + 3 :]
    assert (
        References(extradata)(memoryview(parts[1])) is not None or References(extradata)(memoryview(parts[0])) == set()
    )
    references = References(layered)
    assert all(references(memoryview(part)) is None for part in parts[1:])


@pytest.mark.parametrize("kind", ["h264-mp4", "vp9-webm"])
def test_packets_of_another_codec_are_needed_or_nothing_is_raised(kind: str) -> None:
    extradata, parts = packets(encode(PICTURES[:10], KINDS[kind]))
    references = References(extradata)
    assert all(isinstance(references(memoryview(part)), frozenset | None) for part in parts)


EXTRADATA, PARTS = packets(encode(PICTURES[:30], MADE["random access"]))


@given(st.integers(0, len(PARTS) - 1), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 255))), st.integers(0, 60))
def test_any_bytes_have_an_answer(which: int, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(PARTS[which])
    for at, value in changes:
        if at < len(data):
            data[at] = value
    for references in (References(EXTRADATA), References(bytes(data[:cut]))):
        for number in range(3):
            refers = references(memoryview(bytes(data[: cut or None])))
            assert refers is None or all(0 <= one < number for one in refers)
