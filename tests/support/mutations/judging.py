"""Comparing what Chromium shows with what we hash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import batched

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser

from tests.support.mutations import FORMATS, Mutant
from tests.support.mutations.chromium import Shown, shown
from tutela.media import MATCH_DISTANCE, Hashed, Refused
from tutela.media.pdq import MINIMUM_QUALITY, PdqHash, hash_pixels, look_at
from tutela.media.results import INCOMPLETE, Described, Refusal

BATCH = 60
type Answer = Hashed | Described | Refused | Refusal


class Verdict(StrEnum):
    """Of one mutant. An escape is shown alike, was hashed, and would not be found by the original's hash."""

    OTHER = "shown otherwise or not at all"
    FOUND = "alike and found"
    REFUSED = "alike and refused, or not compared"
    ESCAPED = "alike and not found"


@dataclass(frozen=True, slots=True)
class Judged:
    mutant: Mutant
    verdict: Verdict
    answer: Answer


def judged(browser: Browser, files: Sequence[Mutant], hashed: Callable[[bytes], Answer]) -> Iterator[Judged]:
    """Show and hash each file, and compare both with those of its original."""
    ours: dict[tuple[str, int], bytes] = {}
    theirs: dict[tuple[str, int], bytes] = {}
    for one in FORMATS:
        for number in {file.picture for file in files if file.format == one.name}:
            data = one.write(number)
            (seen,) = shown(browser, [Mutant(one.name, "", number, data, one.mime)])
            assert seen is not None, f"Chromium does not show the original: {one.name} {number}"
            answer = hashed(data)
            assert isinstance(answer, Hashed | Described), f"an original is refused: {answer}"
            ours[one.name, number], theirs[one.name, number] = answer.frames[0].pdq, hash_pixels(seen)[0]
    for some in batched(files, BATCH):
        for file, seen in zip(some, shown(browser, some), strict=True):
            key, answer = (file.format, file.picture), hashed(file.data)
            yield Judged(file, _verdict(answer, ours[key], seen, theirs[key]), answer)


def _verdict(answer: Answer, ours: bytes, seen: Shown, theirs: bytes) -> Verdict:
    if seen is None or min(seen.shape[:2]) < 5 or not _near(hash_pixels(seen)[0], theirs):
        return Verdict.OTHER
    if isinstance(answer, Refused | Refusal):
        return Verdict.REFUSED
    if any(_near(one, ours) for one in hashes(answer)):
        return Verdict.FOUND
    if any(note.startswith(INCOMPLETE) for note in answer.notes):
        return Verdict.REFUSED
    # Only what is flat on the screen too may be called flat.
    flat = not any(frame.compared for frame in answer.frames) and not _comparable(seen)
    return Verdict.REFUSED if flat else Verdict.ESCAPED


def hashes(answer: Hashed | Described) -> Iterator[bytes]:
    """Every hash by which a file is looked up."""
    for frame in answer.frames:
        for look in (frame, *frame.windows):
            if look.quality >= MINIMUM_QUALITY:
                yield from look.variants


def _comparable(seen: NDArray[np.uint8]) -> bool:
    look = look_at(seen)
    return max(look.quality, look.stretched) >= MINIMUM_QUALITY


def _near(one: bytes, other: bytes) -> bool:
    return PdqHash(one).distance(PdqHash(other)) <= MATCH_DISTANCE
