"""Reviews of safety-critical translations by named professionals, recorded in a data file.

A review counts for exactly one pair of sentences: the digest of the source and that of the translation. Whoever changes
either one needs a new review.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "reviews.toml"


@dataclass(frozen=True)
class Review:
    """Who compared a translation with its source, in which profession, and when."""

    language: str
    key: str
    source: str
    text: str
    reviewer: str
    profession: str
    day: date


@cache
def recorded(file: Path = FILE) -> frozenset[Review]:
    """All reviews of a file. Raises `TypeError` if one lacks a field, and `ValueError` if nobody is named."""
    found = frozenset(Review(**one) for one in tomllib.loads(file.read_text()).get("review", ()))
    if any(not (one.reviewer.strip() and one.profession.strip()) for one in found):
        raise ValueError("A review names its reviewer and the profession.")
    return found


def reviewed(language: str, key: str, source: str, text: str) -> bool:
    """Whether somebody reviewed this translation of this source sentence."""
    pair = (language, key, source, text)
    return any((one.language, one.key, one.source, one.text) == pair for one in recorded())
