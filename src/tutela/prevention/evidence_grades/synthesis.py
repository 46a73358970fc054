"""Summaries of several results: only of one outcome and metric, otherwise refused with the reason.

statsmodels weights by inverse variance and estimates the variance between studies as DerSimonian and Laird do
(Controlled Clinical Trials 7, 1986). Ratios are pooled as logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tutela.prevention.evidence_grades.effects import Z95
from tutela.prevention.evidence_grades.facts import RATIOS, Design, ResultFacts

LEAST_RESULTS = 2
# Above this share of variance between studies, a single number would hide that studies differ.
MOST_HETEROGENEITY_PERCENT = 75


class Refusal(StrEnum):
    """Why results are not summarised in one number."""

    TOO_FEW = "too_few"
    OTHER_METRIC = "other_metric"
    OTHER_OUTCOME = "other_outcome"
    OTHER_DIRECTION = "other_direction"
    SAME_DATA = "same_data"
    REVIEW = "review"
    TOO_DIFFERENT = "too_different"


@dataclass(frozen=True)
class Summary:
    """Pooled estimate of a fixed-effect and of a random-effects model, with the share of variance between studies."""

    fixed: tuple[float, float, float]
    random: tuple[float, float, float]
    heterogeneity_percent: float
    results: int


def summarise(results: Sequence[tuple[str, ResultFacts]]) -> Summary | Refusal:
    """Summary of results, each with the name of its outcome measure; or the reason why there is none."""
    refusal = _refusal(results)
    if refusal is not None:
        return refusal
    effects = [facts.effect for _name, facts in results if facts.effect is not None]
    ratio = effects[0].metric in RATIOS
    values = np.array([math.log(one.estimate) if ratio else one.estimate for one in effects])
    widths = [(math.log(one.high) - math.log(one.low) if ratio else one.high - one.low) for one in effects]
    return _pooled(values, (np.array(widths) / (2 * Z95)) ** 2, math.exp if ratio else float)


def _pooled(values: np.ndarray, variances: np.ndarray, back: Callable[[float], float]) -> Summary | Refusal:
    # Loaded here: it takes a second, and few pages pool anything.
    from statsmodels.stats.meta_analysis import combine_effects

    with np.errstate(invalid="ignore", divide="ignore"):
        found = combine_effects(values, variances, method_re="dl", use_t=False)
        fixed_ends, random_ends = found.conf_int()[:2]
    share = max(0.0, 100 * float(found.i2)) if found.q > 0 else 0.0
    if share > MOST_HETEROGENEITY_PERCENT:
        return Refusal.TOO_DIFFERENT
    fixed = _scaled((found.mean_effect_fe, *fixed_ends), back)
    # The library lets the variance between studies be negative. The method takes 0 then: the fixed model.
    random = _scaled((found.mean_effect_re, *random_ends), back) if found.tau2 > 0 else fixed
    return Summary(fixed, random, share, len(values))


def _scaled(interval: Iterable[float], back: Callable[[float], float]) -> tuple[float, float, float]:
    mean, low, high = (back(float(end)) for end in interval)
    return mean, low, high


def _refusal(results: Sequence[tuple[str, ResultFacts]]) -> Refusal | None:
    with_effect = [(name, facts, facts.effect) for name, facts in results if facts.effect is not None]
    if len(with_effect) < LEAST_RESULTS:
        return Refusal.TOO_FEW
    if any(facts.design is Design.REVIEW for _name, facts, _effect in with_effect):
        # A review may have pooled the very trials that stand next to it.
        return Refusal.REVIEW
    checks = (
        (Refusal.OTHER_OUTCOME, {(name, facts.kind) for name, facts, _effect in with_effect}),
        (Refusal.OTHER_METRIC, {effect.metric for _name, _facts, effect in with_effect}),
        (Refusal.OTHER_DIRECTION, {effect.lower_is_better for _name, _facts, effect in with_effect}),
    )
    for reason, found in checks:
        if len(found) > 1:
            return reason
    cohorts = [facts.cohort or facts.id for _name, facts, _effect in with_effect]
    return Refusal.SAME_DATA if len(set(cohorts)) < len(cohorts) else None
