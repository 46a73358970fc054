"""From file to hash against Pillow + pdqhash on the same files, and what the cage costs.

Ours and the peer's alternate; medians of at least five rounds; distances are checked before anything is timed.
Pictures: the photographs of the tests, a 12-megapixel JPEG made of one of them, small versions of all, and `corpus/`
where it has been gathered.
"""

from __future__ import annotations

import io
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pdqhash
from PIL import Image

# The parts of the benches lie beside this file, the pictures of the tests below the repository's root.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, ROUNDS, figure, machine, note, report
from tests.pictures import PHOTOS, encode, photos

from tutela.media import Hashed, HasherPool, Refused, _pdq, decode, digest_bytes, jpeg
from tutela.media.limits import Level, Limits
from tutela.media.results import Refusal

# The peer hashes the whole picture alone; what windows cost is measured by robustness.py.
LIMITS = Limits(windows=Level.OFF)
CORPUS = Path(os.environ.get("TUTELA_CORPUS", Path(__file__).resolve().parent.parent / "corpus"))
# The scale at which our hasher decodes 12 megapixels.
USED = jpeg.scale_of(4000, 3000, 1)

NOT_DECODED = (Refusal, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning)

type Files = list[bytes]


def peer(data: bytes) -> tuple[bytes, int]:
    """The hash as Pillow and pdqhash give it at full resolution."""
    with Image.open(io.BytesIO(data)) as image:
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            seen = image.convert("RGBA")
            image = Image.new("RGBA", seen.size, "white")
            image.alpha_composite(seen)
        bits, quality = pdqhash.compute(np.asarray(image.convert("RGB")))
    return np.packbits(bits).tobytes(), int(quality)


def ours(data: bytes) -> bytes:
    """Our hash, decoded in this process."""
    return decode.describe(data, LIMITS).frames[0].pdq


def grey(scale: int) -> Callable[[bytes], object]:
    """Decoding alone: grey at 1/scale by libjpeg."""

    def run(data: bytes) -> object:
        with Image.open(io.BytesIO(data)) as image:
            image.draft("L", (image.width // scale, image.height // scale))
            image.load()
            return image.size

    return run


def seconds(run: Callable[[bytes], object], files: Files) -> float:
    """Wall time of one pass over the files, one thread."""
    start = time.perf_counter()
    for data in files:
        run(data)
    return time.perf_counter() - start


def alternate(first: Callable[[], float], second: Callable[[], float]) -> tuple[float, float]:
    """Medians of alternating rounds."""
    rounds = [(first(), second()) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in rounds), statistics.median(b for _, b in rounds)


def decoding(data: bytes) -> object:
    """The least that must be done: the pixels, a JPEG's grey alone, as Pillow's decoders give them."""
    with Image.open(io.BytesIO(data)) as image:
        image.draft("L", image.size)
        image.load()
        return image.size


def ratio(name: str, files: Files, target: str, *, bounded: bool = False) -> None:
    """Print how many times faster than the peer ours is on these files; `bounded`: and what decoding alone would be."""
    mine, theirs = alternate(lambda: seconds(ours, files), lambda: seconds(peer, files))
    note(f"{name}: ours {len(files) / mine:.1f} pictures/s, one thread")
    if bounded:
        least, again = alternate(lambda: seconds(decoding, files), lambda: seconds(peer, files))
        note(f"{name}: with decoding at full size and nothing after it, it would be {again / least:.2f} ×")
    figure(name, theirs / mine, "×", target, ("pillow_pdqhash", len(files) / theirs, "pictures/s"))


def small(data: bytes, format_name: str) -> bytes:
    """The picture at no more than half a megapixel."""
    with Image.open(io.BytesIO(data)) as image:
        image = image.convert("RGB")
        image.thumbnail((800, 600))
        options = {"quality": 88} if format_name != "PNG" else {}
        return encode(image, format_name, **options)


def progressive(data: bytes) -> bool:
    """Whether the picture was sent in scans."""
    with Image.open(io.BytesIO(data)) as image:
        return "progressive" in image.info


def twelve_megapixels(data: bytes) -> bytes:
    """The picture as a camera's 4000 × 3000 JPEG."""
    with Image.open(io.BytesIO(data)) as image:
        return encode(image.convert("RGB").resize((4000, 3000), Image.Resampling.LANCZOS), "JPEG", quality=90)


def distances(paths: Iterable[Path]) -> list[int]:
    """Bits between ours and the full-resolution reference, for pictures of quality 80 and above."""
    found = []
    for path in paths:
        data = path.read_bytes()
        try:
            full, quality = peer(data)
            mine = ours(data)
        except NOT_DECODED:
            continue
        if quality >= 80:
            found.append((int.from_bytes(full) ^ int.from_bytes(mine)).bit_count())
    return found


def corpus(limit: int) -> list[Path]:
    """The photographs, and a fixed sample of the gathered corpus."""
    gathered = sorted(path for path in CORPUS.rglob("*") if path.suffix.lower() in (".jpg", ".png", ".webp", ".gif"))
    return photos() + random.Random(1).sample(gathered, min(limit, len(gathered)))


def cage_cost(name: str, files: Files, target: str) -> None:
    """Print the throughput lost to the cage, two threads in both cases, digests counted in neither."""
    with HasherPool(workers=2, limits=LIMITS) as pool, ThreadPoolExecutor(2) as threads:

        def hashed(data: bytes) -> Hashed | Refused:
            return pool.hash_bytes(data, tenant="bench")

        assert all(isinstance(answer, Hashed) for answer in threads.map(hashed, files))

        def timed(run: Callable[[bytes], object]) -> float:
            start = time.perf_counter()
            list(threads.map(run, files))
            return time.perf_counter() - start

        caged, bare = alternate(lambda: timed(hashed), lambda: timed(bare_hash))
        note(f"{name}: {pool.isolation}, {len(files) / caged:.1f} pictures/s caged, two threads")
    figure(name, max(0.0, (1 - bare / caged) * 100), "%", target, ("in_process", len(files) / bare, "pictures/s"))


def bare_hash(data: bytes) -> object:
    """What the pool does, in this process: digests and hash."""
    return digest_bytes(data), ours(data)


def main() -> None:
    """Check, then time."""
    machine()
    paths = photos()[:12] if QUICK else photos()
    natural = [path.read_bytes() for path in paths]
    large = [
        twelve_megapixels((PHOTOS / f"{name}.jpg").read_bytes()) for name in ("lake-sherburne", "rocks", "seeding")
    ]
    jpegs = [small(data, "JPEG") for data in natural] * (1 if QUICK else 4)
    others = [small(data, name) for data in natural for name in ("PNG", "WEBP")]
    note(f"{len(natural)} photographs, {sum(map(len, natural)) / 1e6:.1f} MB; {ROUNDS} alternating rounds")
    versions = ", ".join(f"{name} {version(name)}" for name in ("pillow", "pdqhash", "numpy"))
    note(f"SIMD {_pdq.simd_level()}, {versions}, Python {sys.version.split()[0]}")
    bits = distances(corpus(100 if QUICK else 10_000))
    assert all(hash_equal(data) for data in others[:8])
    note(f"{len(bits)} pictures of quality >= 80 compared with the full-resolution reference")
    figure("hash_bits_median", statistics.median(bits), "bits", "<=4")
    figure("hash_bits_max", max(bits), "bits", "<=10")
    ratio("hash_jpeg12_ratio", large, ">=10")
    for name, scale, target in (("hash_jpeg12_decode", USED, "<=1.3"), ("hash_jpeg12_limit", 8, "<=1.8")):
        mine, decoding = alternate(lambda: seconds(ours, large), lambda s=scale: seconds(grey(s), large))
        figure(name, mine / decoding, "×", target, (f"grey_decode_1/{scale}", decoding / len(large) * 1e3, "ms"))
    scans = [data for data in natural if progressive(data)]
    mine, theirs = alternate(lambda: seconds(ours, scans), lambda: seconds(peer, scans))
    rates = f"ours {len(scans) / mine:.1f}, pillow_pdqhash {len(scans) / theirs:.2f} pictures/s"
    note(f"{len(scans)} progressive photographs, one thread: {rates}")
    ratio("hash_small_jpeg_ratio", jpegs, ">=6", bounded=True)
    ratio("hash_small_other_ratio", others, ">=1.5", bounded=True)
    cage_cost("sandbox_cost", natural, "<=15")
    cage_cost("sandbox_cost_small", jpegs, "<=30")
    report()


def hash_equal(data: bytes) -> bool:
    """Where nothing is scaled, ours is the peer's hash to the bit, but for what a window of one sample rounds."""
    return ours(data) == peer(data)[0]


if __name__ == "__main__":
    main()
