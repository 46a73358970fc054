"""Measures of a text: how hard it is to read, and how alike two texts are. Pure values."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_SENTENCE = re.compile(r"[.!?…:]+(?:\s|$)|\n{2,}")
LONG_WORD = 7
SHINGLE = 3
# Above this share of equal word triples, a person is asked whether two texts are one.
NEAR = 0.8
# LIX below 30 is easy, above 50 hard (Björnsson 1968). It needs no dictionary and fits languages in Latin script.
EASY, HARD = 30, 50


@dataclass(frozen=True)
class Readability:
    """LIX of a text: words a sentence, plus the share of long words in per cent."""

    words: int
    lix: float

    @property
    def level(self) -> str:
        """`easy`, `medium` or `hard`."""
        return "easy" if self.lix < EASY else "medium" if self.lix <= HARD else "hard"


def readability(text: str) -> Readability | None:
    """How hard a text is to read; None for a text without words."""
    words = _WORD.findall(text)
    if not words:
        return None
    sentences = len([one for one in _SENTENCE.split(text) if _WORD.search(one)])
    long_words = sum(len(one) >= LONG_WORD for one in words)
    return Readability(len(words), len(words) / max(sentences, 1) + 100 * long_words / len(words))


def likeness(first: str, second: str) -> float:
    """Share of equal word triples in two texts of one language, from 0 to 1."""
    one, other = _shingles(first), _shingles(second)
    return len(one & other) / len(one | other) if one | other else 0.0


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = [one.casefold() for one in _WORD.findall(text)]
    if len(words) < SHINGLE:
        return {tuple(words)} if words else set()
    return {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}
