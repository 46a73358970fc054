"""vPDQ's texts: a video as the hashes of its frames, in the two exchanged forms.

    lines   `frame,quality,hash,seconds`, one frame a line, as the reference's hasher writes them
    JSON    a list of `"hash,quality,seconds"`, as python-threatexchange writes them

Python-threatexchange rounds seconds to three digits in all (1234.5 becomes 1.23e+03). Tutela reads such values, and
writes times to the millisecond.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tutela.media.pdq import InvalidPdq, PdqHash
from tutela.media.results import FrameHash

# A frame a second for a day; and the characters that so many take.
MAX_FRAMES = 100_000
MAX_CHARACTERS = MAX_FRAMES * 120


class InvalidVpdq(ValueError):
    """A text is no vPDQ hash. The message names the frame, counted from 1, and the reason."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A frame: its hash (32 bytes), quality (0-100), display time in seconds, and its number if stated."""

    pdq: bytes
    quality: int
    seconds: float
    frame: int | None = None


def features(frames: Iterable[FrameHash]) -> list[Feature]:
    """The vPDQ hash of a video that was hashed: its frames upright, poor ones too."""
    return [Feature(one.pdq, one.quality, (one.time_ms or 0) / 1000, one.index) for one in frames]


def read_lines(text: str) -> list[Feature]:
    """Read the form of lines. Raises `InvalidVpdq`."""
    _check_length(text)
    return [
        _feature(number, line.split(","), "lines") for number, line in enumerate(text.splitlines(), 1) if line.strip()
    ]


def write_lines(given: Sequence[Feature]) -> str:
    """The form of lines. A frame without a number gets its place."""
    return "".join(
        f"{place if one.frame is None else one.frame},{one.quality},{one.pdq.hex()},{one.seconds:.3f}\n"
        for place, one in enumerate(given)
    )


def read_json(text: str) -> list[Feature]:
    """Read the form of JSON; an empty text has no frame. Raises `InvalidVpdq`."""
    _check_length(text)
    if not text:
        return []
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidVpdq("A vPDQ hash must be a JSON list of frames; this text is not JSON.") from None
    if not isinstance(value, list):
        raise InvalidVpdq("A vPDQ hash must be a JSON list of frames; this is not a list.")
    return [
        _feature(number, one.split(",") if isinstance(one, str) else [], "JSON") for number, one in enumerate(value, 1)
    ]


def write_json(given: Sequence[Feature]) -> str:
    """The form of JSON."""
    return json.dumps([f"{one.pdq.hex()},{one.quality},{round(one.seconds, 3)}" for one in given])


def _check_length(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise InvalidVpdq(f"A vPDQ hash has at most {MAX_CHARACTERS} characters; this one has {len(text)}.")


def _feature(number: int, parts: list[str], form: str) -> Feature:
    frame: str | None = None
    if form == "lines" and len(parts) == 4:
        frame, quality, value, seconds = parts
    elif form == "JSON" and len(parts) == 3:
        value, quality, seconds = parts
    else:
        wanted = "frame,quality,hash,seconds" if form == "lines" else "hash,quality,seconds"
        raise InvalidVpdq(f"Frame {number}: must be {wanted}.")
    try:
        pdq = PdqHash.parse(value.strip() if form == "lines" else value).value
    except InvalidPdq as error:
        raise InvalidVpdq(f"Frame {number}: {error}") from None
    return Feature(
        pdq,
        _whole(number, "quality", quality, 100),
        _time(number, seconds),
        None if frame is None else _whole(number, "frame number", frame, 2**32 - 1),
    )


def _whole(number: int, name: str, text: str, most: int) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 10 and int(digits) <= most):
        raise InvalidVpdq(f"Frame {number}: the {name} must be a whole number from 0 to {most}.")
    return int(digits)


def _time(number: int, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < 1e7:
        raise InvalidVpdq(f"Frame {number}: the time must be a number of seconds.")
    return seconds
