"""Whether pictures with little contrast are found, and how many pictures are too flat to be compared at all.

Copies of three thousand files of the corpus, drawn by lot (of the tests' photographs where there is none), with 50 to
20 % of their contrast, around the middle grey and towards black, as JPEG of quality 88, are looked up in the list of
all by the list's own rules. Of each contrast: the share that is found, the share of copies that is answered
`not_compared`, and the share that PDQ finds alone, since it drops what has a quality below 50. Each file is also hashed
as it is: the share that is `not_compared` is of all that a decoder reads. A false candidate is a match once stretched,
of a file as it is or of a copy with a fifth of its contrast, with another picture whose content differs: the luminance
of the two does not correlate by more than 0.9. They are counted for a million pairs of a picture and an entry. What the
same picture with all its contrast is a candidate for too is left out, with its number: stretching adds nothing to that.
"""

from __future__ import annotations

import io
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent))

from edits import encode
from figures import QUICK, figure, machine, note, report
from same_content import Small, same
from subjects import CORPUS, SHORTEST_SIDE, entry, opened

from tutela.matching import MatchList, Record, Snapshot, snapshot_bytes
from tutela.media import FrameHash, Limits
from tutela.media.images import decode
from tutela.media.results import WHOLE, Refusal

PICTURES = 12 if QUICK else 3_000
CONTRASTS, LEAST = (0.5, 0.4, 0.3, 0.2), 0.2
GROUNDS = (128, 0)
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif"})


@dataclass(frozen=True)
class Seen:
    """A file as it is, its entry for a list, and copies with less contrast, by contrast and ground."""

    upload: FrameHash
    compared: bool
    listed: FrameHash | None
    copies: dict[tuple[float, int], FrameHash]
    small: Small


def seen(path: Path) -> Seen | None:
    """The file and its copies; None for one that cannot be read. Small and flat ones have neither entry nor copies."""
    try:
        upload = decode.describe(path.read_bytes(), Limits()).frames
        image = opened(path)
    except (Refusal, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    compared, listed = any(frame.compared for frame in upload), None
    copies: dict[tuple[float, int], FrameHash] = {}
    if min(image.size) >= SHORTEST_SIDE:
        out = io.BytesIO()
        image.save(out, "PNG", compress_level=1)
        listed = decode.describe(out.getvalue(), Limits(), listed=True).frames[0]
        if listed.matchable:
            copies = {(c, g): paler(image, c, g) for c in CONTRASTS for g in GROUNDS}
    return Seen(upload[0], compared, listed if copies else None, copies, Small.of(image))


def paler(image: Image.Image, contrast: float, ground: int) -> FrameHash:
    """A copy with this share of the contrast, hashed as an upload."""
    pixels = np.rint(np.asarray(image) * contrast + ground * (1 - contrast)).astype(np.uint8)
    return decode.describe(encode(Image.fromarray(pixels)), Limits()).frames[0]


def list_of(every: list[Seen]) -> MatchList:
    """All pictures that a list takes, with their windows."""
    records = []
    for number, one in enumerate(every):
        if one.listed is not None:
            frame = one.listed
            looks = [(frame.pdq.hex(), frame.quality, frame.structures[0].hex(), False)]
            looks += [(w.variants[0].hex(), w.quality, w.structures[0].hex(), w.part) for w in frame.windows]
            records.append(Record(entry(number), pdq=looks))
    return MatchList.load(Snapshot(snapshot_bytes(records)[0]), list_id="bench", version=1)


def recall(every: list[Seen], known: MatchList) -> None:
    """Print what is found of the copies, by contrast."""
    asked = [(number, one) for number, one in enumerate(every) if one.copies]
    for contrast in CONTRASTS:
        for ground in GROUNDS:
            copies = [(number, one.copies[contrast, ground]) for number, one in asked]
            answers = known.match_all([(None, [frame]) for _, frame in copies])
            found = sum(
                any(match.entry_id == entry(number) for match in matches)
                for (number, _), matches in zip(copies, answers, strict=True)
            )
            alone = sum(frame.matchable for _, frame in copies) / len(copies)
            flat = sum(not frame.compared for _, frame in copies) / len(copies)
            name = f"contrast_{'dark' if ground == 0 else 'pale'}_{contrast * 100:.0f}"
            note(f"{name}: of {len(copies)} copies {flat:.4f} not compared")
            target = ">=0.95" if contrast == LEAST else ">=0.98"
            figure(name, found / len(copies), "share", target, ("pdqhash_31", alone, "share"))


def false_candidates(every: list[Seen], known: MatchList) -> None:
    """Print how often a stretched picture is a candidate for one of other content."""
    uploads = [(number, one.upload) for number, one in enumerate(every)]
    uploads += [(number, one.copies[LEAST, 128]) for number, one in enumerate(every) if one.copies]
    uploads = [(number, frame) for number, frame in uploads if any(window.stretched for window in frame.windows)]
    false = before = 0
    for (number, _), matches in zip(uploads, known.match_all([(None, [frame]) for _, frame in uploads]), strict=True):
        for match in matches:
            other = (match.entry_id.int >> 32) - 1
            if match.rule == "near-stretched" and other != number:
                alike = same(every[number].small, WHOLE, match.variant or 0, every[other].small, WHOLE)
                found = known.match(None, [every[number].upload]) if every[number].upload.matchable else []
                again = any(one.entry_id == match.entry_id for one in found)
                false, before = false + (not alike and not again), before + (not alike and again)
    pairs = len(uploads) * (sum(one.listed is not None for one in every) - 1)
    note(f"{len(uploads)} stretched uploads, {pairs:,} pairs with an entry, {false} of them false candidates")
    note(f"{before} more are candidates with all their contrast too")
    figure("contrast_false_candidates", false / pairs * 1_000_000, "a_million_pairs", "<=1")


def main() -> int:
    """Hash, match, count."""
    machine()
    paths = sorted(p for p in CORPUS.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not paths:
        folder = Path(__file__).parent.parent / "tests" / "fixtures" / "photos"
        paths = sorted(p for p in folder.iterdir() if p.suffix in SUFFIXES)
    random.Random(11).shuffle(paths)
    with ProcessPoolExecutor(2) as workers:
        every = [one for one in workers.map(seen, paths[:PICTURES], chunksize=8) if one is not None]
    known = list_of(every)
    stretched = sum(not one.upload.matchable and one.compared for one in every)
    note(f"{len(every)} files that a decoder reads, {stretched} of them compared once stretched")
    recall(every, known)
    flat = sum(not one.compared for one in every) / len(every)
    figure("contrast_not_compared", flat, "share", "<=0.02")
    false_candidates(every, known)
    report()
    return 0


if __name__ == "__main__":
    sys.exit(main())
