"""Generated videos for tests: a slow look across drawn landscapes, cut every two seconds; no figures.

`video` writes one in any codec that the decoder's wheel can also write; `KINDS` are those that people send each other.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.kept_media import kept
from tests.support.pictures import landscape

av = pytest.importorskip("av")

type Rgb = NDArray[np.uint8]


@dataclass(frozen=True)
class Kind:
    """A container, a codec, and the encoder's options."""

    container: str
    codec: str
    options: dict[str, str] = field(default_factory=dict)
    pixels: str = "yuv420p"


KINDS: dict[str, Kind] = {
    "h264-mp4": Kind("mp4", "libx264", {"crf": "18"}),
    "h264-open-groups-mkv": Kind("matroska", "libx264", {"crf": "18", "x264-params": "open-gop=1:keyint=20"}),
    "h264-baseline-mov": Kind("mov", "libx264", {"crf": "18", "profile": "baseline"}),
    "h264-ten-bits-mkv": Kind("matroska", "libx264", {"crf": "18"}, "yuv420p10le"),
    "h264-ts": Kind("mpegts", "libx264", {"crf": "18"}),
    "hevc-mp4": Kind("mp4", "libx265", {"crf": "18", "x265-params": "log-level=none"}),
    "vp8-webm": Kind("webm", "libvpx", {"b": "2M", "deadline": "realtime", "auto-alt-ref": "1", "lag-in-frames": "9"}),
    "vp9-webm": Kind("webm", "libvpx-vp9", {"b": "2M", "deadline": "realtime", "cpu-used": "8"}),
    "av1-mp4": Kind("mp4", "libsvtav1", {"crf": "20", "preset": "12"}),
    "mpeg4-avi": Kind("avi", "mpeg4", {"q": "3", "qmax": "4", "bf": "2"}),
    "mpeg2-mpg": Kind("mpeg", "mpeg2video", {"qmax": "4", "bf": "2"}),
    "mjpeg-avi": Kind("avi", "mjpeg", {"qmax": "4"}, "yuvj420p"),
    "flv": Kind("flv", "flv", {"qmax": "4"}),
}
# Containers that say less of a frame's time than the others do.
RARE: dict[str, Kind] = {
    "wmv2-asf": Kind("asf", "wmv2", {"qmax": "4"}),
    "vp8-ogg": Kind("ogg", "libvpx", {"b": "2M", "deadline": "realtime"}),
    "mpeg2-raw": Kind("mpeg2video", "mpeg2video", {"qmax": "4", "bf": "2"}),
}


@cache
def frames(seconds: int, rate: int, width: int, height: int, seed: int = 3) -> tuple[Rgb, ...]:
    """The pictures of a video, one after another."""
    scenes = [landscape(seed + 6 * n, 2 * width, 2 * height) for n in range(2)]
    count, made = seconds * rate, []
    for number in range(count):
        scene = scenes[number // (2 * rate) % 2]
        x, y = width * number // count, height * number // count
        made.append(np.ascontiguousarray(scene[y : y + height, x : x + width]))
    return tuple(made)


@contextmanager
def usual_priority() -> Iterator[None]:
    """Take the thread's priority back from the encoder.

    SVT-AV1 makes the thread that calls it a real-time one where it may, which root may. Every process started after
    that is one too, and two that wait for each other by spinning then keep all others from running.
    """
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)


def encode(pictures: tuple[Rgb, ...], kind: Kind, rate: int = 25, rotation: int = 0) -> bytes:
    """A file of these pictures; `rotation` is what its metadata ask of a player, degrees counter-clockwise."""
    recipe = f"{kind} {rate} {rotation} {pictures[0].shape}"
    return kept(lambda: _encoded(pictures, kind, rate, rotation), recipe, (one.tobytes() for one in pictures))


def _encoded(pictures: tuple[Rgb, ...], kind: Kind, rate: int, rotation: int) -> bytes:
    out = io.BytesIO()
    with usual_priority(), av.open(out, "w", format=kind.container) as opened:
        stream: Any = opened.add_stream(kind.codec, rate=rate)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = kind.pixels
        stream.codec_context.options = kind.options
        stream.codec_context.thread_count = 1
        if rotation:
            stream.set_display_rotation(rotation)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            opened.mux(stream.encode(frame))
        opened.mux(stream.encode())
    return out.getvalue()


@cache
def video(name: str = "h264-mp4", seconds: int = 5, rate: int = 25, width: int = 320, height: int = 180) -> bytes:
    """One of `KINDS`, or of `RARE`."""
    return encode(frames(seconds, rate, width, height), (KINDS | RARE)[name], rate)
