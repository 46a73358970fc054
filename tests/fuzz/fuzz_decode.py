"""Fuzz the decoder on bytes: `python -m tests.fuzz.fuzz_decode [seconds] [seed]`, no extra package needed.

Every mutated file must be described or refused; anything else is a finding, printed with the seed that makes it.
`target` is the entry for a coverage-guided fuzzer. Decoding happens in this process: run it where a crash is cheap.
"""

from __future__ import annotations

import random
import sys
import time

import numpy as np
from PIL import Image

from tests.support.pictures import FORMS, animation, encode, jpeg, landscape, png, texture
from tutela.media.images import decode
from tutela.media.limits import Level, Limits
from tutela.media.results import Described, Refusal

LIMITS = Limits(max_pixels=1_000_000, max_frames=50)
WIDE = Limits(max_pixels=1_000_000, max_frames=50, windows=Level.WIDE)


def target(data: bytes, limits: Limits = LIMITS, *, listed: bool = False) -> Described | Refusal:
    """Describe or refuse `data`; raises whatever else the decoder lets through."""
    try:
        return decode.describe(data, limits, listed=listed)
    except Refusal as refusal:
        return refusal
    except MemoryError:
        return decode.Refusal(decode.Code.MEMORY_LIMIT, "memory")


def seeds() -> list[bytes]:
    """One small file of each format and mode, three animations, and what needs to be larger."""
    picture = texture(1, 48, 40)
    small = [write(picture) for write in FORMS.values()] + [animation(f, 3, 24) for f in ("GIF", "WEBP", "PNG")]
    return small + scaled() + framed()


def scaled() -> list[bytes]:
    """JPEGs that are decoded at a half or a quarter of their size: sent at once, in scans, grey, turned, uneven."""
    turned = Image.Exif()
    turned[0x0112] = 6
    half = landscape(2, 496, 368)
    return [
        jpeg(half, quality=60),
        jpeg(half, quality=60, progressive=True),
        jpeg(half, quality=60, exif=turned),
        encode(Image.fromarray(half).convert("L"), "JPEG", quality=60, progressive=True),
        jpeg(landscape(3, 403, 361), quality=60, subsampling=0),
        jpeg(landscape(4, 784, 724), quality=30),
    ]


def framed() -> list[bytes]:
    """Pictures of which windows are hashed: bars on two sides, a border, two beside each other; one that moves."""
    one, other = texture(5, 120, 96), texture(6, 120, 96)
    barred = np.pad(one, ((20, 20), (0, 0), (0, 0)))
    bordered = np.pad(one, ((9, 9), (9, 9), (0, 0)), constant_values=255)
    beside = np.concatenate([one, other], axis=1)
    webp = encode(Image.fromarray(barred), "WEBP", quality=80, method=0)
    return [png(barred), jpeg(bordered, quality=80), png(beside), webp, animation("GIF", 2, 80)]


def mutate(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """One to eight changes: flip, cut, repeat, splice, or write a boundary value where a length may stand."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(6):
            case 0 if at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                del out[at : at + rng.randint(1, 64)]
            case 2:
                out[at:at] = out[at : at + rng.randint(1, 64)]
            case 3:
                start = rng.randrange(len(other))
                out[at:at] = other[start : start + rng.randint(1, 64)]
            case 4:
                value = rng.choice((0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF))
                out[at : at + 4] = value.to_bytes(4, rng.choice(("big", "little")))
            case _:
                del out[at : at + 1 if rng.random() < 0.9 else None]
    return bytes(out)


def run(rounds: int, seed: int, seconds: float = float("inf")) -> int:
    """Mutate and decode; returns how many files were tried. Raises on a finding, with its number."""
    corpus, end = seeds(), time.monotonic() + seconds
    for number in range(rounds):
        if time.monotonic() > end:
            return number
        rng = random.Random(f"{seed}:{number}")
        data = mutate(rng, rng.choice(corpus), rng.choice(corpus))
        try:
            target(data, WIDE if number % 4 == 0 else LIMITS, listed=number % 3 == 0)
        except Exception as error:
            raise AssertionError(f"finding: seed {seed}, file {number}, {len(data)} bytes") from error
    return rounds


if __name__ == "__main__":
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    sys.stdout.write(f"{run(1 << 62, seed, seconds)} files, no finding\n")
