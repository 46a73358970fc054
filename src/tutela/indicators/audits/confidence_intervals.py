"""Exact confidence intervals for a share in a sample (Clopper and Pearson, Biometrika 26, 1934).

Each bound is the share at which the observed count, or more, or fewer, has exactly the excluded probability. A normal
approximation is not used, because it fails in the important case of zero errors in a large sample.
"""

from __future__ import annotations

from functools import lru_cache

CONFIDENCE = 0.95


@lru_cache(maxsize=20_000)
def exact(seen: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Lower and upper bound of the share, where `seen` of `of` were so. Raises ValueError for what is no count."""
    if not 0 <= seen <= of or not 0 < confidence < 1:
        raise ValueError("seen must not exceed of, and confidence must be between 0 and 1")
    if of == 0:
        return 0.0, 1.0
    # Loaded here: it takes a second, and few pages have an interval.
    from statsmodels.stats.proportion import proportion_confint

    lower, upper = proportion_confint(seen, of, alpha=1 - confidence, method="beta")
    return float(lower), float(upper)
