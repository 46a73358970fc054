"""Agreement of two judges beyond chance: Cohen's kappa with linear weights (Cohen 1968), over ordered categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Share of equal judgements, and weighted kappa; kappa is None where chance alone would always agree."""

    judged: int
    equal_share: float
    kappa: float | None


def agreement(pairs: Sequence[tuple[str, str]], categories: Sequence[str]) -> Agreement | None:
    """Agreement over pairs of judgements; None without a pair. Raises `ValueError` for an unknown category."""
    if not pairs:
        return None
    place = {one: at for at, one in enumerate(categories)}
    if any(one not in place for pair in pairs for one in pair):
        raise ValueError("A judgement is none of the categories.")
    total, widest = len(pairs), len(categories) - 1
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)

    def distance(a: str, b: str) -> float:
        return abs(place[a] - place[b]) / widest if widest else 0.0

    observed = sum(distance(a, b) for a, b in pairs) / total
    expected = sum(first[a] * second[b] * distance(a, b) for a in categories for b in categories) / total**2
    equal = sum(a == b for a, b in pairs) / total
    return Agreement(total, equal, 1 - observed / expected if expected else None)
