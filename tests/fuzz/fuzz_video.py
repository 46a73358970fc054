"""Fuzz the video decoders: `python -m tests.fuzz.fuzz_video [seconds] [seed]`, no extra package needed.

Every mutated file must be described or refused; anything else is a finding, printed with the seed that makes it.
`target` is the entry for a coverage-guided fuzzer. Decoding happens in this process: run it where a crash is cheap.
"""

from __future__ import annotations

import io
import random
import sys
import time

import numpy as np

from tests.fuzz.fuzz_decode import mutate
from tests.support.videos import KINDS, RARE, encode, frames, video
from tutela.media.limits import Limits, Sampling
from tutela.media.results import Code, Described, Refusal
from tutela.media.video.hash_video import describe_video

LIMITS = Limits(max_pixels=100_000, video_seconds=5.0, interval=0.2)
KEYS = Limits(max_pixels=100_000, video_seconds=5.0, sampling=Sampling.KEYS)


def target(data: bytes, limits: Limits = LIMITS) -> Described | Refusal:
    """Describe or refuse `data`; raises whatever else the decoder lets through."""
    try:
        return describe_video(io.BytesIO(data), limits)
    except Refusal as refusal:
        return refusal
    except MemoryError:
        return Refusal(Code.MEMORY_LIMIT, "memory")


def seeds() -> list[bytes]:
    """A second of each kind, very small; and some between bars, so large that they have windows, one of them turned."""
    barred = tuple(np.pad(picture, ((24, 24), (0, 0), (0, 0))) for picture in frames(1, 5, 160, 120))
    large = [encode(barred, KINDS[kind], 5) for kind in ("h264-mp4", "h264-ts", "vp9-webm", "mpeg4-avi")]
    turned = encode(barred, KINDS["h264-mp4"], 5, rotation=90)
    return [video(kind, 1, 5, 64, 48) for kind in KINDS | RARE] + [*large, turned]


def run(rounds: int, seed: int, seconds: float = float("inf")) -> tuple[int, int]:
    """Mutate and decode; returns how many files were tried and how many described. Raises on a finding."""
    corpus, end, described = seeds(), time.monotonic() + seconds, 0
    for number in range(rounds):
        if time.monotonic() > end:
            return number, described
        rng = random.Random(f"{seed}:{number}")
        data = mutate(rng, rng.choice(corpus), rng.choice(corpus))
        try:
            described += isinstance(target(data, KEYS if number % 4 == 0 else LIMITS), Described)
        except Exception as error:
            raise AssertionError(f"finding: seed {seed}, file {number}, {len(data)} bytes") from error
    return rounds, described


if __name__ == "__main__":
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    tried, described = run(1 << 62, seed, seconds)
    sys.stdout.write(f"{tried} files, {described} described, no finding\n")
