"""Validation of hashes before anything is stored."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from tutela.indicators.hashes.builtin_reference import resembled
from tutela.indicators.hashes.errors import (
    EmptyFile,
    NoUsableHash,
    OnlyZeros,
    QualityTooLow,
    ResemblesLawful,
    TooManyHashes,
    WindowTooSmall,
    WrongDigits,
)
from tutela.matching.files.records import MIN_QUALITY

HEX = {"md5": 32, "sha1": 40, "sha256": 64, "pdq": 64}
# A PDQ hash of a part of the picture; it belongs to the indicator and goes with it.
WINDOW = "window"
LOOKS = ("pdq", WINDOW)
# What names all frames of a video (`video_frames`); no hash of a file.
FRAMES = "frames"
LEAST_COVERED = 0.64
# Hashes of one entry, whichever way it comes: digests, and a look for each frame and for each window of it.
MOST_HASHES = 200
LOOK_DIGITS = 64
LOOK_BYTES = LOOK_DIGITS // 2
_DIGITS = {kind: re.compile(f"[0-9a-f]{{{digits}}}") for kind, digits in HEX.items()}
DIGESTS_OF_NOTHING = {
    name: hashlib.new(name, b"", usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256")
}


@dataclass(frozen=True)
class HashValue:
    """A hash as proposed: kind, lower-case hex; for perceptual ones quality, hasher, the second hash of the same pixels
    where there is one, and the share of the picture that it covers."""

    kind: str
    value: str
    quality: int | None = None
    hasher: str = ""
    structure: str = ""
    covers: float = 1.0


def checked(given: list[HashValue], frames: str = "") -> list[HashValue]:
    """The hashes, normalised; parts become kind `window`. `frames` is what names those of a video.

    Raises `TooManyHashes`, and `Invalid` naming the kind: whole hex, quality ≥ 50, not all zero, 64 % covered, one
    usable for the whole.
    """
    if len(given) > MOST_HASHES:
        raise TooManyHashes(most=MOST_HASHES, many=len(given))
    out = [_one(g) for g in given] + ([HashValue(FRAMES, frames)] if frames else [])
    if not any(g.kind in ("sha256", "pdq", FRAMES) for g in out):
        raise NoUsableHash
    return out


def _one(given: HashValue) -> HashValue:
    value = given.value.lower()
    if given.kind not in HEX or not _DIGITS[given.kind].fullmatch(value):
        raise WrongDigits(field=given.kind, kind=given.kind, digits=HEX.get(given.kind, 0))
    if value == DIGESTS_OF_NOTHING.get(given.kind):
        raise EmptyFile(field=given.kind)
    if given.kind == "pdq":
        if given.quality is None or not MIN_QUALITY <= given.quality <= 100:
            raise QualityTooLow
        if value.strip("0") == "":
            raise OnlyZeros
    if resembled(given.kind, value):
        raise ResemblesLawful(field=given.kind)
    if given.kind == "pdq":
        return _look(given, value)
    return HashValue(given.kind, value, None, given.hasher)


def _look(given: HashValue, value: str) -> HashValue:
    structure = given.structure.lower()
    if structure and not _DIGITS["pdq"].fullmatch(structure):
        raise WrongDigits(field="structure", kind="structure", digits=LOOK_DIGITS)
    if not LEAST_COVERED <= given.covers <= 1:
        raise WindowTooSmall
    kind = "pdq" if given.covers == 1 else WINDOW
    return HashValue(kind, value, given.quality, given.hasher, structure, given.covers)
