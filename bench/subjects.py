"""The pictures of the robustness bench: of the corpus, what is large enough, not too flat, and no repetition."""

from __future__ import annotations

import io
import os
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, note
from same_content import Small, same

from tutela.edge.runtime.second_pass import limits_of
from tutela.matching import HammingIndex, Record, snapshot_bytes
from tutela.media import FrameHash, Limits
from tutela.media.images import decode
from tutela.media.pixels.thumbnails import LONGEST
from tutela.media.results import WHOLE, Box, Refusal

CORPUS = Path(os.environ.get("TUTELA_CORPUS", Path(__file__).resolve().parent.parent / "corpus"))
PICTURES = 20 if QUICK else 20_000
LONGER_SIDE, SHORTEST_SIDE = 640, 200
RADIUS = 31
SECOND = limits_of(Limits())

type Hashes = NDArray[np.uint8]


@dataclass(frozen=True)
class Subject:
    """A picture of the corpus: where it lies, what an upload of it, one of its thumbnail, and an entry look like.

    `again` is what the second pass asks of an upload.
    """

    path: Path
    asked: FrameHash
    again: FrameHash
    thumbnail: FrameHash
    listed: FrameHash
    small: Small


def opened(path: Path) -> Image.Image:
    """RGB on white, at most 640 pixels long."""
    with Image.open(path) as read:
        image: Image.Image = read
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            seen = image.convert("RGBA")
            image = Image.new("RGBA", seen.size, "white")
            image.alpha_composite(seen)
        image = image.convert("RGB")
    image.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
    return image


def subject(path: Path) -> Subject | None:
    """The picture, if it can be read, is large enough and not too flat to be listed."""
    try:
        image = opened(path)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    if min(image.size) < SHORTEST_SIDE:
        return None
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    try:
        listed = decode.describe(out.getvalue(), Limits(), listed=True).frames[0]
        asked = decode.describe(out.getvalue(), Limits()).frames[0]
        again = decode.describe(out.getvalue(), SECOND).frames[0].restored_alone()
    except Refusal:
        return None
    return Subject(path, asked, again, thumbnail(image, asked), listed, Small.of(image)) if listed.matchable else None


def thumbnail(image: Image.Image, asked: FrameHash) -> FrameHash:
    """The picture as small as what is looked up enlarged too; one that is not looked up where that is too flat."""
    small, out = image.copy(), io.BytesIO()
    small.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    small.save(out, "PNG", compress_level=1)
    try:
        return decode.describe(out.getvalue(), Limits()).frames[0]
    except Refusal:
        return replace(asked, quality=0, windows=())


def entry(number: int) -> UUID:
    """The id of the list's entry for a picture."""
    return UUID(int=(number + 1) << 32)


def list_of(subjects: list[Subject]) -> bytes:
    """The list of all pictures, with their windows, as a snapshot."""
    records = []
    for number, one in enumerate(subjects):
        looks = [(one.listed.pdq.hex(), one.listed.quality, one.listed.structures[0].hex(), False)]
        looks += [(w.variants[0].hex(), w.quality, w.structures[0].hex(), w.part) for w in one.listed.windows]
        records.append(Record(entry(number), pdq=looks))
    return snapshot_bytes(records)[0]


def plain_list_of(subjects: list[Subject]) -> bytes:
    """The list of all pictures as most lists of others are: one PDQ hash of each."""
    return snapshot_bytes(
        [Record(entry(number), pdq=[(one.listed.pdq.hex(), one.listed.quality)]) for number, one in enumerate(subjects)]
    )[0]


def gathered() -> list[Subject]:
    """The corpus, or the photographs of the tests where there is none; of pictures of the same content, the first."""
    paths = sorted(p for p in CORPUS.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
    if not paths:
        paths = sorted((Path(__file__).parent.parent / "tests" / "fixtures" / "photos").glob("*.*"))
    random.Random(11).shuffle(paths)
    with ProcessPoolExecutor(2) as workers:
        read = [one for one in workers.map(subject, paths[:PICTURES], chunksize=16) if one is not None]
    kept, alike = distinct(read)
    note(f"{len(paths)} files, {len(read)} of at least {SHORTEST_SIDE} pixels and quality 50, {len(kept)} distinct")
    note(f"{alike} pairs of different content whose PDQ hashes agree as wholes stay in")
    return kept


def distinct(read: list[Subject]) -> tuple[list[Subject], int]:
    """These without duplicates, and in how many pairs PDQ alone sees one that is none.

    Whatever PDQ calls alike must not be left out for that: it would be every false pair of the whole picture.
    """
    index = HammingIndex(np.frombuffer(b"".join(s.listed.pdq for s in read), np.uint8).reshape(-1, 32))
    kept, gone, alike = list[Subject](), set[int](), set[tuple[int, int]]()
    for number, one in enumerate(read):
        if number in gone:
            continue
        kept.append(one)
        near = index.query(np.frombuffer(b"".join(one.asked.variants), np.uint8).reshape(-1, 32), RADIUS)
        for variant in range(len(one.asked.variants)):
            for place, _ in near.of(variant):
                if place > number and same(one.small, WHOLE, variant, read[place].small, WHOLE):
                    gone.add(place)
                elif place > number:
                    alike.add((number, place))
    return kept, sum(place not in gone for _, place in alike)


@dataclass(frozen=True)
class Asked:
    """One hash of an upload or an entry, and the part of the picture it is of."""

    picture: int
    value: bytes
    variant: int
    box: Box


def hashes_of(number: int, frame: FrameHash) -> list[Asked]:
    """Every hash of a frame that is compared."""
    out: list[Asked] = []
    if frame.matchable:
        out = [Asked(number, value, variant, WHOLE) for variant, value in enumerate(frame.variants)]
    for window in frame.windows:
        out += [Asked(number, value, variant, window.box) for variant, value in enumerate(window.variants)]
    return out


def matrix(hashes: list[Asked]) -> Hashes:
    """The hashes as an array."""
    return np.frombuffer(b"".join(one.value for one in hashes), np.uint8).reshape(-1, 32)
