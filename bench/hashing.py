"""From file to hash against Pillow + pdqhash on the same files, and what the cage costs.

Ours is measured as it is configured by default, with the windows of an upload; a figure that ends with `_whole` is of
the whole picture alone, which is all that the peer hashes. Ours and the peer's alternate; medians of five rounds;
distances are checked before anything is timed. Pictures: the photographs of the tests, the three largest (11, 12 and 16
megapixels) as JPEGs of quality 90 as cameras write them, none enlarged; small versions of all as JPEG, PNG and WebP.
Distances are those of all pictures of `corpus/` besides, where it has been gathered, in every format that ours reads,
between ours and the peer's hash of the full size; what the peer reads and ours refuses is counted. The cage's cost is
what two caged workers, asked by two threads, do less than two plain processes that hold the files in memory; both
compute digests and hash.
"""

from __future__ import annotations

import io
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

from PIL import Image

# The parts of the benches lie beside this file, the pictures of the tests below the repository's root.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, ROUNDS, figure, machine, note, report
from hash_distances import WHOLE, distances, ours, peer
from tests.support.pictures import PHOTOS, encode, photos

from tutela.media import Hashed, HasherPool, Refused, digest_bytes
from tutela.media.kernels import _pdq
from tutela.media.limits import Limits

# As configured by default, and the whole picture alone as the peer hashes it; by the ends of the figures' names.
WAYS = {"": Limits(), "_whole": WHOLE}
CORPUS = Path(os.environ.get("TUTELA_CORPUS", Path(__file__).resolve().parent.parent / "corpus"))
# Photographs of 11, 12 and 16 megapixels.
LARGEST = ("saturnian-profile", "sunset", "seeding")
# A quick run takes so many of the photographs.
FEW = 6
# What the decoder reads.
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"})

type Files = list[bytes]


def decoded(mode: str, scale: int) -> Callable[[bytes], object]:
    """Decoding alone by libjpeg: in this mode, at 1/scale."""

    def run(data: bytes) -> object:
        with Image.open(io.BytesIO(data)) as image:
            image.draft(mode, (image.width // scale, image.height // scale))
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
    for end, limits in WAYS.items():
        mine, theirs = alternate(lambda by=limits: seconds(lambda d: ours(d, by), files), lambda: seconds(peer, files))  # type: ignore[misc]
        note(f"{name}{end}: ours {len(files) / mine:.1f} pictures/s, one thread")
        figure(f"{name}{end}", theirs / mine, "×", target, ("pillow_pdqhash", len(files) / theirs, "pictures/s"))
    if bounded:
        least, again = alternate(lambda: seconds(decoding, files), lambda: seconds(peer, files))
        note(f"{name}: with Pillow's decoding at full size and nothing after it, it would be {again / least:.2f} ×")


def small(data: bytes, format_name: str) -> bytes:
    """The picture at no more than half a megapixel."""
    with Image.open(io.BytesIO(data)) as read:
        image = read.convert("RGB")
        image.thumbnail((800, 600))
        options = {"quality": 88} if format_name != "PNG" else {}
        return encode(image, format_name, **options)


def progressive(data: bytes) -> bool:
    """Whether the picture was sent in scans."""
    with Image.open(io.BytesIO(data)) as image:
        return "progressive" in image.info


def as_cameras_write(data: bytes) -> bytes:
    """The picture in its own size as a JPEG that was not sent in scans."""
    with Image.open(io.BytesIO(data)) as image:
        return encode(image.convert("RGB"), "JPEG", quality=90)


def photographs() -> list[Path]:
    """Those of the tests; in a quick run a few, one of them no JPEG."""
    return sorted(photos(), key=lambda path: path.suffix)[-FEW:] if QUICK else photos()


def corpus(limit: int) -> list[Path]:
    """The photographs, and a fixed sample of the gathered corpus."""
    gathered = sorted(path for path in CORPUS.rglob("*") if path.suffix.lower() in PICTURES)
    return photographs() + random.Random(1).sample(gathered, min(limit, len(gathered)))


_held: Files = []


def hold(files: Files) -> None:
    """Keep the files in this process."""
    _held.extend(files)


def bare_hash(end: str, place: int) -> None:
    """What a worker and its caller do for one file, without a cage and without handing the file over."""
    digest_bytes(_held[place])
    ours(_held[place], WAYS[end])


def processor_seconds() -> float:
    """What this process and all that it started have used so far, on all processors."""
    used, below = dict[int, float](), dict[int, int]()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has ended
            continue
        pid = int(stat.parent.name)
        # Its own, and that of those below it which have ended.
        below[pid], used[pid] = int(words[1]), sum(map(int, words[11:15]))
    mine = {os.getpid()}
    while more := {pid for pid, parent in below.items() if parent in mine} - mine:
        mine |= more
    return sum(used[pid] for pid in mine) / os.sysconf("SC_CLK_TCK")


def used_by(work: Callable[[], object]) -> float:
    """Processor seconds of one call, wherever they are used."""
    before = processor_seconds()
    work()
    return processor_seconds() - before


def cage_cost(name: str, files: Files, target: str, end: str) -> None:
    """Print how much throughput two caged workers lose to two plain processes; below zero, they are the faster."""
    name += end
    plain = ProcessPoolExecutor(2, get_context("spawn"), initializer=hold, initargs=(files,))
    with plain, HasherPool(workers=2, limits=WAYS[end]) as pool, ThreadPoolExecutor(2) as threads:

        def hashed(data: bytes) -> Hashed | Refused:
            return pool.hash_bytes(data, tenant="bench")

        def timed(run: Callable[[], Iterable[object]]) -> float:
            start = time.perf_counter()
            list(run())
            return time.perf_counter() - start

        assert all(isinstance(answer, Hashed) for answer in threads.map(hashed, files))
        # Many small files are taken some at a time, so that the way to a plain process does not count.
        some = max(1, len(files) // 64)
        bare_one, places = partial(bare_hash, end), range(len(files))
        works = [lambda: threads.map(hashed, files), lambda: plain.map(bare_one, places, chunksize=some)]
        timed(works[1])
        caged, bare = alternate(*(lambda work=work: timed(work) for work in works))
        note(f"{name}: {pool.isolation}, {len(files) / caged:.1f} pictures/s caged")
        # Other work on the machine changes this less.
        used = alternate(*(lambda work=work: used_by(lambda: timed(work)) for work in works))
        inside, outside = (1e3 * seconds / len(files) for seconds in used)
        note(f"{name}: processor time of a picture {inside:.2f} ms caged, {outside:.2f} ms in plain processes")
    figure(name, (1 - bare / caged) * 100, "%", target, ("two_plain_processes", len(files) / bare, "pictures/s"))


def main() -> None:
    """Check, then time."""
    machine()
    natural = [path.read_bytes() for path in photographs()]
    large = [as_cameras_write((PHOTOS / f"{name}.jpg").read_bytes()) for name in LARGEST[: 1 if QUICK else None]]
    jpegs = [small(data, "JPEG") for data in natural] * (1 if QUICK else 4)
    others = {name: [small(data, name) for data in natural] for name in ("PNG", "WEBP")}
    note(f"{len(natural)} photographs, {sum(map(len, natural)) / 1e6:.1f} MB; {ROUNDS} alternating rounds")
    versions = ", ".join(f"{name} {version(name)}" for name in ("pillow", "pdqhash", "numpy"))
    note(f"SIMD {_pdq.simd_level()}, {versions}, Python {sys.version.split()[0]}")
    assert all(hash_equal(data) for some in others.values() for data in some[:4])
    distances(corpus(20 if QUICK else 10_000))
    ratio("hash_jpeg12_ratio", large, ">=10")
    # Ours decodes the first; the second would be the fastest, but takes means before a screen cuts values off.
    for name, mode, scale, target in (
        ("hash_jpeg12_decode", "RGB", 1, "<=1.3"),
        ("hash_jpeg12_limit", "L", 8, "<=1.8"),
    ):
        run = decoded(mode, scale)
        for end, limits in WAYS.items():
            mine, decoding = alternate(
                lambda by=limits: seconds(lambda d: ours(d, by), large),  # type: ignore[misc]
                lambda by=run: seconds(by, large),  # type: ignore[misc]
            )
            beside = (f"{mode}_decode_1/{scale}", decoding / len(large) * 1e3, "ms")
            figure(f"{name}{end}", mine / decoding, "×", target, beside)
    scans = [data for data in natural if progressive(data)]
    mine, theirs = alternate(lambda: seconds(ours, scans), lambda: seconds(peer, scans))
    rates = f"ours {len(scans) / mine:.1f}, pillow_pdqhash {len(scans) / theirs:.2f} pictures/s"
    note(f"{len(scans)} progressive photographs, one thread: {rates}")
    ratio("hash_small_jpeg_ratio", jpegs, ">=6", bounded=True)
    for name, some in others.items():
        ratio(f"hash_small_{name.lower()}_ratio", some, ">=1.5", bounded=True)
    for end in [*WAYS][: 1 if QUICK else None]:
        cage_cost("sandbox_cost", natural, "<=15", end)
        cage_cost("sandbox_cost_small", jpegs, "<=30", end)
    report()


def hash_equal(data: bytes) -> bool:
    """Where nothing is scaled, ours is the peer's hash to the bit, but for what a window of one sample rounds."""
    return ours(data) == peer(data)[0]


if __name__ == "__main__":
    main()
