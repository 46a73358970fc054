"""Exact confidence intervals for a share in a sample (Clopper and Pearson, Biometrika 26, 1934).

Each bound is the share at which the observed count, or more, or fewer, has exactly the excluded probability. The bounds
are found by bisection. A normal approximation is not used, because it fails in the important case of zero errors in a
large sample.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, fsum, lgamma, log, log1p

CONFIDENCE = 0.95
_HALVINGS = 60


def exact(seen: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Lower and upper bound of the share, where `seen` of `of` were so. Raises ValueError for what is no count."""
    if not 0 <= seen <= of or not 0 < confidence < 1:
        raise ValueError("seen must not exceed of, and confidence must be between 0 and 1")
    if of == 0:
        return 0.0, 1.0
    left = (1 - confidence) / 2
    # P(X >= seen) grows with the share, P(X <= seen) falls.
    lower = 0.0 if seen == 0 else _halved(lambda share: at_least(seen, of, share) < left)
    upper = 1.0 if seen == of else _halved(lambda share: at_most(seen, of, share) > left)
    return lower, upper


def at_most(seen: int, of: int, share: float) -> float:
    """P(X <= seen) of a binomial X."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return 1.0 if seen >= of else 0.0
    if seen > of * share:
        return 1 - fsum(_one(k, of, share) for k in range(seen + 1, of + 1))
    return fsum(_one(k, of, share) for k in range(seen + 1))


def at_least(seen: int, of: int, share: float) -> float:
    """P(X >= seen)."""
    return at_most(of - seen, of, 1 - share)


def _one(k: int, of: int, share: float) -> float:
    ways = lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1)
    return exp(ways + k * log(share) + (of - k) * log1p(-share))


def _halved(below: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if below(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2
