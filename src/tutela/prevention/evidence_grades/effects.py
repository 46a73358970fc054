"""Effect arithmetic: differences, ratios, numbers needed, corrections. A base rate goes with each."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z95 = 1.959963984540054


@dataclass(frozen=True)
class TwoRates:
    """Effects of two shares: treated and comparison. `needed` is negative if treatment harms; None without effect."""

    treated: float
    base_rate: float
    difference: float
    risk_ratio: float | None
    odds_ratio: float | None
    needed: float | None


def two_rates(treated: float, base_rate: float) -> TwoRates:
    """Absolute and relative effects of two shares from 0 to 1. Raises `ValueError` for another number."""
    for one in (treated, base_rate):
        if not 0 <= one <= 1:
            raise ValueError("A share lies between 0 and 1.")
    difference = treated - base_rate
    ratio = treated / base_rate if base_rate else None
    odds = None
    if 0 < base_rate < 1 and treated < 1:
        odds = (treated / (1 - treated)) / (base_rate / (1 - base_rate))
    return TwoRates(treated, base_rate, difference, ratio, odds, -1 / difference if difference else None)


def hedges_g(d: float, degrees_of_freedom: int) -> float:
    """Cohen's d, corrected for small samples (Hedges 1981)."""
    if degrees_of_freedom < 1:
        raise ValueError("At least one degree of freedom is needed.")
    return d * (1 - 3 / (4 * degrees_of_freedom - 1))


def effective_size(participants: int, mean_cluster: float, correlation: float) -> float:
    """Participants that count when whole clusters, such as classes, were allocated."""
    return participants / (1 + (mean_cluster - 1) * correlation)


def wilson(successes: int, total: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if total <= 0 or not 0 <= successes <= total:
        raise ValueError("Successes lie between 0 and a positive total.")
    share, square = successes / total, Z95**2
    centre = (share + square / (2 * total)) / (1 + square / total)
    half = Z95 * math.sqrt(share * (1 - share) / total + square / (4 * total**2)) / (1 + square / total)
    return max(0.0, centre - half), min(1.0, centre + half)


def sample_per_group(base_rate: float, smallest_difference: float) -> int:
    """Participants per group to find a difference of two shares: 80 % power, two-sided 5 %."""
    other = base_rate + smallest_difference
    if not smallest_difference or not 0 < base_rate < 1 or not 0 <= other <= 1:
        raise ValueError("Both shares lie between 0 and 1 and differ.")
    power = 0.8416212335729143
    mean = (base_rate + other) / 2
    first = Z95 * math.sqrt(2 * mean * (1 - mean))
    second = power * math.sqrt(base_rate * (1 - base_rate) + other * (1 - other))
    return math.ceil((first + second) ** 2 / smallest_difference**2)
