"""What is found again after an edit, and what is found that is something else.

Recall: each of 2,000 distinct pictures goes through every edit of `edits.py` and is looked up in the list of all, by
Tutela as it is configured by default and by PDQ as its peers run it: `pdqhash`, and all eight positions, as HMA hashes.
False pairs: every picture of the corpus is looked up in the list of all others. What is the same content is measured,
not looked at: the windows that agree correlate, as 64 × 64 luminance, by more than 0.9; such pairs are left out.

The table by edit says what escapes, so it is written outside the repository: to the path given as argument, or below
the folder for temporary files. The figures are of classes of edits.
"""

from __future__ import annotations

import io
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
import pdqhash
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from edits import CLASSES, EDITS
from figures import QUICK, figure, machine, note, report
from same_content import Small, same

from tutela.matching import HammingIndex, MatchList, Record, Snapshot, snapshot_bytes
from tutela.matching.rules import CORROBORATING_DISTANCE
from tutela.matching.structures import alike
from tutela.media import FrameHash, Level, Limits, decode
from tutela.media.results import Box, Kind, Refusal

CORPUS = Path(os.environ.get("TUTELA_CORPUS", Path(__file__).resolve().parent.parent / "corpus"))
PICTURES, EDITED = (300, 40) if QUICK else (20_000, 2_000)
LONGER_SIDE, SHORTEST_SIDE = 640, 200
RADIUS = 31
LIST_SIZES = {"1m": 1_000_000, "10m": 10_000_000}

type Hashes = NDArray[np.uint8]


@dataclass(frozen=True)
class Subject:
    """A picture of the corpus: where it lies, what an upload of it and an entry for it look like."""

    path: Path
    asked: FrameHash
    listed: FrameHash
    small: Small


def opened(path: Path) -> Image.Image:
    """RGB on white, at most 640 pixels long."""
    with Image.open(path) as image:
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
    except Refusal:
        return None
    return Subject(path, asked, listed, Small.of(image)) if listed.matchable else None


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


def distances(one: Iterable[bytes], other: Iterable[bytes]) -> int:
    """The least distance between two sets of hashes."""
    return min(((int.from_bytes(a) ^ int.from_bytes(b)).bit_count() for a in one for b in other), default=256)


def peer(data: bytes) -> tuple[list[bytes], int]:
    """The eight hashes and the quality that pdqhash gives; the first is all that most peers use."""
    with Image.open(io.BytesIO(data)) as image:
        bits, quality = pdqhash.compute_dihedral(np.asarray(image.convert("RGB")))
    return [np.packbits(each).tobytes() for each in bits], int(quality)


# --- recall ----------------------------------------------------------------------------------------------------------


@dataclass
class Found:
    """What became of one edited picture: found by Tutela; least distance of PDQ upright, and in eight positions."""

    edit: str
    ours: bool
    corroborated: bool
    upright: int
    eight: int


_known: list[MatchList] = []


def load(snapshot: bytes) -> None:
    """Make a list ready in this process."""
    _known.append(MatchList.load(Snapshot(snapshot), list_id="bench", version=1))


def edited(one: tuple[int, Path, bytes]) -> list[Found]:
    """Every edit of one picture, looked up."""
    number, path, listed = one
    image, answers = opened(path), []
    for name, edit in EDITS.items():
        data = edit(image, random.Random(f"{name} {path.name}"))
        try:
            frames = decode.describe(data, Limits()).frames
        except Refusal:  # an edit that leaves nothing to hash is an edit that is not found
            frames = ()
        matches = [match for match in _known[0].match(None, frames) if match.entry_id == entry(number)]
        hashes, quality = peer(data)
        seen = hashes if quality >= 50 else []
        answers.append(
            Found(
                name, bool(matches), any(match.corroborated for match in matches), distances(seen[:1], [listed]),
                distances(seen, [listed]),
            )
        )  # fmt: skip
    return answers


def interval(hits: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z, share = 1.959964, hits / of
    middle, spread = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


def table(by_edit: dict[str, list[Found]], radius: int) -> str:
    """The operator's report: shares by edit, with their intervals."""
    lines = [f"edit | Tutela | 95 % | PDQ | PDQ, eight positions | the same within {radius} | corroborated of found"]
    for name, found in by_edit.items():
        n, ours = len(found), sum(one.ours for one in found)
        low, high = interval(ours, n)
        upright, eight, equal = (
            sum(hit) / n
            for hit in (
                [one.upright <= RADIUS for one in found],
                [one.eight <= RADIUS for one in found],
                [one.eight <= radius for one in found],
            )
        )
        both = sum(one.corroborated for one in found) / max(1, ours)
        lines.append(
            f"{name} | {ours / n:.4f} | {low:.4f}-{high:.4f} | {upright:.4f} | {eight:.4f} | {equal:.4f} | {both:.3f}"
        )
    return "\n".join(lines) + "\n"


# --- false pairs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """One hash of an upload or an entry, and the part of the picture it is of."""

    picture: int
    value: bytes
    structure: bytes
    variant: int
    box: Box
    part: bool


def hashes_of(number: int, frame: FrameHash) -> list[Asked]:
    """Every hash of a frame that is compared."""
    whole: Box = (0.0, 0.0, 1.0, 1.0)
    out: list[Asked] = []
    if frame.matchable:
        pairs = zip(frame.variants, frame.structures, strict=True)
        out = [Asked(number, v, s, k, whole, False) for k, (v, s) in enumerate(pairs)]
    for window in frame.windows:
        pairs = zip(window.variants, window.structures, strict=True)
        out += [Asked(number, v, s, k, window.box, window.kind is not Kind.WHOLE) for k, (v, s) in enumerate(pairs)]
    return out


@dataclass
class FalsePairs:
    """Ordered pairs (upload, entry) of different content: candidates, by the whole, corroborated; and the left out."""

    pairs: int
    candidates: int
    by_whole: int
    corroborated: int
    same: int


def false_pairs(subjects: list[Subject]) -> FalsePairs:
    """Look every picture up in the list of the others."""
    listed = [one for number, s in enumerate(subjects) for one in hashes_of(number, s.listed)[:1]]
    listed += [one for number, s in enumerate(subjects) for one in hashes_of(number, s.listed)[8:]]
    asked = [one for number, s in enumerate(subjects) for one in hashes_of(number, s.asked)]
    index = HammingIndex(matrix(listed))
    identical: set[tuple[int, int]] = set()
    looks: dict[tuple[int, int], list[tuple[Asked, Asked, int]]] = defaultdict(list)
    for first in range(0, len(asked), 4096):
        part = asked[first : first + 4096]
        near = index.query(matrix(part), RADIUS)
        for query, one in enumerate(part):
            for place, distance in near.of(query):
                if listed[place].picture != one.picture:
                    looks[one.picture, listed[place].picture].append((one, listed[place], distance))
    whole, both, candidates = set(), set(), set()
    for pair, agreeing in looks.items():
        upload, known = subjects[pair[0]].small, subjects[pair[1]].small
        if any(same(upload, a.box, a.variant, known, b.box) for a, b, _ in agreeing):
            identical.add(pair)
            continue
        candidates.add(pair)
        for a, b, distance in agreeing:
            if not (a.part or b.part):
                whole.add(pair)
                if distance <= CORROBORATING_DISTANCE and alike(a.structure, b.structure):
                    both.add(pair)
    pairs = len(subjects) * (len(subjects) - 1)
    return FalsePairs(pairs - len(identical), len(candidates), len(whole), len(both), len(identical))


def matrix(hashes: list[Asked]) -> Hashes:
    """The hashes as an array."""
    return np.frombuffer(b"".join(one.value for one in hashes), np.uint8).reshape(-1, 32)


def at_most(count: int) -> float:
    """The exact upper 95 % bound of a Poisson mean of which `count` were seen; 3.0 for none."""
    low, high = 0.0, 10.0 + 3 * count
    for _ in range(60):
        mean = (low + high) / 2
        below = sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1))
        low, high = (mean, high) if below > 0.05 else (low, mean)
    return high


def equal_budget(subjects: list[Subject], candidates: int) -> int:
    """The widest radius at which PDQ in eight positions gives no more false pairs than Tutela does (at least 31)."""
    upright = [hashes_of(n, s.listed)[0] for n, s in enumerate(subjects)]
    eight = [one for n, s in enumerate(subjects) for one in hashes_of(n, s.asked)[:8]]
    index, counts = HammingIndex(matrix(upright)), Counter[int]()
    least: dict[tuple[int, int], int] = {}
    for first in range(0, len(eight), 4096):
        part = eight[first : first + 4096]
        near = index.query(matrix(part), 60)
        for query, one in enumerate(part):
            for place, distance in near.of(query):
                key = (one.picture, place)
                if one.picture != place and distance < least.get(key, 257):
                    least[key] = distance
    for (a, b), distance in least.items():
        if distance > RADIUS or not same(subjects[a].small, (0, 0, 1, 1), 0, subjects[b].small, (0, 0, 1, 1)):
            counts[distance] += 1
    total, radius = 0, RADIUS
    for distance in range(61):
        total += counts[distance]
        if total <= candidates:
            radius = max(RADIUS, distance)
    return radius


# --- all of it -------------------------------------------------------------------------------------------------------


def gathered() -> list[Subject]:
    """The corpus, or the photographs of the tests where there is none; of pictures alike in PDQ, the first."""
    paths = sorted(p for p in CORPUS.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
    if not paths:
        paths = sorted((Path(__file__).parent.parent / "tests" / "fixtures" / "photos").glob("*.*"))
    random.Random(11).shuffle(paths)
    with ProcessPoolExecutor(2) as workers:
        read = [one for one in workers.map(subject, paths[:PICTURES], chunksize=16) if one is not None]
    index = HammingIndex(np.frombuffer(b"".join(s.listed.pdq for s in read), np.uint8).reshape(-1, 32))
    kept, gone = [], set[int]()
    for number, one in enumerate(read):
        if number in gone:
            continue
        kept.append(one)
        for variant in one.asked.variants:
            near = index.query(np.frombuffer(variant, np.uint8).reshape(1, 32), RADIUS)
            gone |= {place for place, _ in near.of(0) if place > number}
    note(f"{len(paths)} files, {len(read)} of at least {SHORTEST_SIDE} pixels and quality 50, {len(kept)} distinct")
    return kept


def cost(subjects: list[Subject]) -> None:
    """Milliseconds and look-ups a picture, by level."""
    some = [EDITS["jpeg 90"](opened(one.path), random.Random(1)) for one in subjects[:40]]
    for level in Level:
        taken, asked = [], 0
        for data in some:
            start = time.perf_counter()
            frame = decode.describe(data, Limits(windows=level)).frames[0]
            taken.append(time.perf_counter() - start)
            asked += len(hashes_of(0, frame))
        milliseconds = statistics.median(taken) * 1e3
        note(f"windows {level}: {milliseconds:.2f} ms a picture, {asked / len(some):.0f} hashes looked up")


def main(out: Path) -> None:
    """Gather, look up, count."""
    machine()
    subjects = gathered()
    cost(subjects)
    seen = false_pairs(subjects)
    note(
        f"{seen.pairs} pairs of different content, {seen.same} left out as the same; false: {seen.candidates} "
        f"candidates, {seen.by_whole} of them by the whole picture, {seen.corroborated} corroborated"
    )
    radius = equal_budget(subjects, seen.candidates)
    by_edit = defaultdict[str, list[Found]](list)
    work = [(number, one.path, one.listed.pdq) for number, one in enumerate(subjects[:EDITED])]
    with ProcessPoolExecutor(2, initializer=load, initargs=(list_of(subjects),)) as workers:
        for answers in workers.map(edited, work, chunksize=8):
            for found in answers:
                by_edit[found.edit].append(found)
    out.write_text(table(by_edit, radius))
    note(f"{len(work)} pictures, {len(EDITS)} edits; table by edit: {out}")
    for name, edits in CLASSES.items():
        all_found = [found for edit in edits for found in by_edit[edit]]
        hits = sum(found.ours for found in all_found)
        low, high = interval(hits, len(all_found))
        equal = sum(found.eight <= radius for found in all_found) / len(all_found)
        note(f"{name}: 95 % interval {low:.4f} to {high:.4f}; PDQ in eight positions within {radius} bits: {equal:.4f}")
        plain = sum(found.upright <= RADIUS for found in all_found) / len(all_found)
        target = ">=0.90" if name == "recall_crop10" else ">=0.98"
        figure(name, hits / len(all_found), "share", target, ("pdqhash_31", plain, "share"))
    figure("false_pairs", seen.corroborated, "pairs", "=0")
    for size, entries in LIST_SIZES.items():
        for kind, count in (("candidates", seen.candidates), ("corroborated", seen.corroborated)):
            bound = at_most(count) / seen.pairs * entries
            figure(f"false_{kind}_per_upload_{size}", count / seen.pairs * entries, "per upload", f"<={bound:.4g}")
    report()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.gettempdir()) / "tutela-robustness.txt")
