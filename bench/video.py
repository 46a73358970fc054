"""From a 1080p video to its frames' hashes against the reference vpdq, at the same frames and by key frames.

The videos are slow looks across the photographs of the tests, a cut every four seconds, with a little grain that is
another in every frame, as cameras make it: H.264 as x264 writes it by default, and the same pictures as a telephone
writes H.264 (a key frame a second, no frame that is shown before it is decoded), as HEVC, VP9 and AV1; each has its
figures. Before anything is timed, both must have hashed the same frames, within 10 bits where quality is 80 and above.
Ours runs in its cage with one thread, digests of the whole file included; the peer in this process, with as many
threads as it chooses. Ours is measured as it is configured by default, with the windows of a frame; a figure that ends
with `_whole` is of whole frames alone, which is all that the peer hashes. The peer is vpdq from PyPI, built against the
system's ffmpeg (scripts/setup.sh bench).
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, ROUNDS, alternate, figure, machine, note, report, skip
from tests.support.pictures import photos

from tutela.media import Hashed, HasherPool, Level, Limits, Sampling

WIDTH, HEIGHT, RATE = 1920, 1080, 30
SECONDS = 2 if QUICK else 40
SCENE = 4 * RATE
# As it is configured by default; and whole frames alone, as the peer hashes them. By the ends of figures' names.
WAYS = {"": Level.USUAL, "_whole": Level.OFF}
ENCODERS: dict[str, tuple[str, dict[str, str]]] = {
    "h264": ("libx264", {"preset": "veryfast" if QUICK else "medium", "crf": "23"}),
    "h264_telephone": ("libx264", {"preset": "veryfast", "bf": "0", "g": "30", "b": "12M"}),
    "hevc": ("libx265", {"preset": "ultrafast" if QUICK else "fast", "crf": "26", "x265-params": "log-level=none"}),
    "vp9": ("libvpx-vp9", {"b": "6M", "deadline": "realtime", "cpu-used": "7", "row-mt": "1"}),
    "av1": ("libsvtav1", {"preset": "10", "crf": "35"}),
}
# What was tried for the two codecs whose frames nearly all hang together.
TRIED = {
    "vp9": "vp9, tried without gain: without the loop filter (ffmpeg's decoder takes no notice of that), without "
    "frames to which none refers (encoders write none, and a frame takes probabilities and vectors from the one before "
    "it), with two threads in a worker (no less work, and the other core has its own videos)",
    "av1": "av1: of an encoder's random access an eighth to a quarter of the packets are decoded; those hold most of "
    "the bits",
}


def pictures(seconds: int) -> Iterator[NDArray[np.uint8]]:
    """The frames, one after another."""
    wide = [path for path in photos() if min(Image.open(path).size) >= HEIGHT]
    rng = np.random.default_rng(7)
    grain = [rng.integers(-4, 5, (HEIGHT, WIDTH, 1), np.int16) for _ in range(7)]
    scene: NDArray[np.int16] = np.zeros((1, 1, 3), np.int16)
    for number in range(seconds * RATE):
        place = number % SCENE
        if not place:
            with Image.open(wide[number // SCENE % len(wide)]) as opened:
                scene = np.asarray(opened.convert("RGB").resize((WIDTH * 5 // 4, HEIGHT * 5 // 4)), np.int16)
        x, y = place * (scene.shape[1] - WIDTH) // SCENE, place * (scene.shape[0] - HEIGHT) // SCENE
        yield np.clip(scene[y : y + HEIGHT, x : x + WIDTH] + grain[number % 7], 0, 255).astype(np.uint8)


def written(path: Path, encoder: str, options: dict[str, str], seconds: int) -> None:
    """Encode the frames into a file."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(encoder, rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.options = options
        for number, picture in enumerate(pictures(seconds)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    # SVT-AV1 makes the calling thread a real-time one where it may; what is timed should run as it does elsewhere.
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def checked(ours: Hashed, theirs: list[Any]) -> int:
    """The largest distance of a frame of quality 80 and above; the frames are the same ones."""
    mine = {frame.index: frame for frame in ours.frames}
    assert set(mine) == {frame.frame_number for frame in theirs}, "other frames were hashed"
    far = [
        (int(frame.hex, 16) ^ int.from_bytes(mine[frame.frame_number].pdq)).bit_count()
        for frame in theirs
        if frame.quality >= 80
    ]
    assert max(far) <= 10, f"{max(far)} bits apart"
    return max(far)


def compare(name: str, path: Path, peer: Any) -> None:
    """Check, time and print one codec."""

    def hashed(sampling: Sampling, end: str) -> Hashed:
        answer = pools[sampling, end].hash_file(path, tenant="bench")
        assert isinstance(answer, Hashed), answer
        return answer

    pools = {
        (one, end): HasherPool(workers=1, limits=Limits(windows=level, sampling=one, video_seconds=600))
        for one in Sampling
        for end, level in WAYS.items()
    }
    seconds = SECONDS if name == "h264" else min(SECONDS, 20)
    try:
        most = checked(hashed(Sampling.RATE, ""), peer.computeHash(str(path), seconds_per_hash=1.0))
        for end in WAYS:
            taken = alternate(
                {
                    "rate": lambda end=end: hashed(Sampling.RATE, end),  # type: ignore[misc]
                    "keys": lambda end=end: hashed(Sampling.KEYS, end),  # type: ignore[misc]
                    "peer": lambda: peer.computeHash(str(path), seconds_per_hash=1.0),
                },
                ROUNDS,
            )
            keys = len(hashed(Sampling.KEYS, end).frames)
            note(
                f"{name}{end}: {path.stat().st_size * 8 / seconds / 1e6:.1f} Mbit/s, {seconds} s of video; ours by "
                f"rate {taken['rate']:.3f} s, by {keys} key frames {taken['keys']:.3f} s, vpdq {taken['peer']:.3f} s; "
                f"ratios {taken['peer'] / taken['rate']:.2f} and {taken['peer'] / taken['keys']:.1f}; at most {most} "
                "bits apart"
            )
            spent = ("vpdq", taken["peer"] / seconds * 1e3, "ms/s_of_video")
            figure(f"video_same_frames_ratio_{name}{end}", taken["peer"] / taken["rate"], "×", ">=1.5", spent)
            figure(f"video_key_frames_ratio_{name}{end}", taken["peer"] / taken["keys"], "×", ">=5", spent)
    finally:
        for pool in pools.values():
            pool.close()


def main() -> None:
    """Make the videos, then compare."""
    machine()
    try:
        peer = importlib.import_module("vpdq")
    except ImportError:
        skip("vpdq is missing: scripts/setup.sh bench builds it where ffmpeg's headers can be had")
    note(
        f"{WIDTH} × {HEIGHT}, {RATE} frames/s, a frame a second; PyAV {version('av')} with ffmpeg "
        f"{av.ffmpeg_version_info}, vpdq {version('vpdq')} with the system's ffmpeg; {ROUNDS} alternating rounds"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, (encoder, options) in list(ENCODERS.items())[: 2 if QUICK else None]:
            path = Path(folder) / f"{name}.mp4"
            written(path, encoder, options, SECONDS if name == "h264" else min(SECONDS, 20))
            compare(name, path, peer)
            if name in TRIED:
                note(TRIED[name])
    report()


if __name__ == "__main__":
    main()
