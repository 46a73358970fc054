"""Lists and queries for the search benches: half of every list comes from real pictures, and no query is kind.

Real hashes are those of the photographs of the tests and of `corpus/` (or the folder in `CORPUS`) where that is
gathered: every picture, four edits of each, all turned and mirrored. To fill a list they are repeated, each time up to
96 bits further off, so that a list has crowds as real ones have. The other half is random.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.pictures import photos

from tutela.matching.kernels import _hamming
from tutela.media.pdq import hash_variants

type Hashes = NDArray[np.uint8]

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("CORPUS", ROOT / "corpus"))
_WORKING_SIDE = 256
_FILLED_BITS = 96
_BLOCK = 1 << 18


def random_hashes(rng: np.random.Generator, count: int) -> Hashes:
    return rng.integers(0, 256, (count, 32), dtype=np.uint8)


def flipped(rng: np.random.Generator, hashes: Hashes, bits: NDArray[np.int64]) -> Hashes:
    """Each hash with so many random bits flipped."""
    out = np.empty_like(hashes)
    for at in range(0, len(hashes), _BLOCK):
        some = slice(at, at + _BLOCK)
        drawn = rng.random((len(hashes[some]), 256), dtype=np.float32).argsort(axis=1).argsort(axis=1)
        out[some] = hashes[some] ^ np.packbits(drawn < bits[some, None], axis=1)
    return out


def blurred(rng: np.random.Generator, hashes: Hashes, share: NDArray[np.float64]) -> Hashes:
    """Each bit of each hash flipped with that hash's probability: `flipped` for long lists, in number about as many."""
    out = np.empty_like(hashes)
    for at in range(0, len(hashes), _BLOCK):
        some = slice(at, at + _BLOCK)
        drawn = rng.random((len(hashes[some]), 256), dtype=np.float32)
        out[some] = hashes[some] ^ np.packbits(drawn < share[some, None], axis=1)
    return out


def spread(rng: np.random.Generator, hashes: Hashes, bits: int, chunks: int) -> Hashes:
    """Each hash with `bits` bits flipped, as evenly over so many chunks as can be: the worst case for such an index."""
    width = 256 // chunks
    out = hashes.copy()
    for row in out:
        places = np.stack([width * rng.permutation(chunks) for _ in range(max(1, -(-bits // chunks)))])
        inside = np.stack([rng.permutation(width)[: len(places)] for _ in range(chunks)], axis=1)
        ranked = (places + inside[np.arange(len(places))[:, None], places // width]).reshape(-1)[:bits]
        mask = np.zeros(256, np.uint8)
        mask[ranked] = 1
        row ^= np.packbits(mask, bitorder="little")
    return out


@cache
def real_hashes(limit: int = 100_000) -> Hashes:
    """`uint8[n, 32]`: pictures, four edits of each, in eight forms; in a fixed order."""
    files = photos()
    if CORPUS.is_dir():
        files += sorted(path for path in CORPUS.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
    kept = ROOT / "build" / f"search-hashes-{min(len(files), limit)}.npy"
    if not kept.exists():
        made = [value for file in files[:limit] for value in _of_picture(file)]
        kept.parent.mkdir(exist_ok=True)
        # Another bench may make the same at the same time.
        own = kept.with_name(f"{kept.stem}-{os.getpid()}.npy")
        np.save(own, np.unique(np.frombuffer(b"".join(made), np.uint8).reshape(-1, 32), axis=0))
        own.replace(kept)
    hashes: Hashes = np.load(kept)
    return hashes


def _of_picture(file: Path) -> Iterator[bytes]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(file) as image:
                image.draft("RGB", (2 * _WORKING_SIDE, 2 * _WORKING_SIDE))
                small = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return
    small.thumbnail((2 * _WORKING_SIDE, 2 * _WORKING_SIDE))
    width, height = small.size
    if min(width, height) < 32:
        return
    edits = (
        small,
        small.crop((width // 20, height // 20, width - width // 20, height - height // 20)),
        ImageOps.expand(small, border=max(2, width // 25), fill="white"),
        small.resize((_WORKING_SIDE, _WORKING_SIDE)),
        ImageOps.autocontrast(small),
    )
    for edit in edits:
        variants, quality = hash_variants(np.asarray(edit))
        if quality >= 50:
            yield from variants


def mixed_list(count: int, seed: int = 31) -> Hashes:
    """Half random, half real and their edits; ascending, as a snapshot holds them."""
    rng = np.random.default_rng(seed)
    real = real_hashes()
    chosen = real[np.arange(count // 2) % len(real)]
    # The first time round the real hashes stand as they are.
    off = np.where(np.arange(len(chosen)) < len(real), 0.0, rng.uniform(0, _FILLED_BITS / 256, len(chosen)))
    hashes = np.concatenate([blurred(rng, chosen, off), random_hashes(rng, count - len(chosen))])
    order = _hamming.order(hashes)
    return hashes if order is None else hashes[order]


def mixed_queries(hashes: Hashes, count: int, seed: int = 32, radius: int = 31) -> Hashes:
    """Half near a stored hash (a fifth of these with all bits spread over the chunks), a quarter random, a quarter real
    pictures moved away; shuffled."""
    rng = np.random.default_rng(seed)
    real = real_hashes()
    near = hashes[rng.integers(0, len(hashes), count // 2)]
    fifth = len(near) // 5
    away = real[rng.integers(0, len(real), count // 4)]
    queries = np.concatenate(
        [
            spread(rng, near[:fifth], radius, 16),
            flipped(rng, near[fifth:], rng.integers(0, radius + 1, len(near) - fifth)),
            flipped(rng, away, rng.integers(40, 120, len(away))),
            random_hashes(rng, count - len(near) - len(away)),
        ]
    )
    return queries[rng.permutation(len(queries))]


def adversarial(radius: int = 31, count: int = 300, filling: int = 20_000, seed: int = 33) -> tuple[Hashes, Hashes]:
    """(stored, queries): every query has one neighbour at exactly `radius`, spread evenly over 8, 11 and 16 chunks."""
    rng = np.random.default_rng(seed)
    queries = random_hashes(rng, count)
    grids = (8, 11, 16)
    near = [spread(rng, queries[i::3], radius, grid) for i, grid in enumerate(grids)]
    return np.concatenate([*near, random_hashes(rng, filling)]), queries
