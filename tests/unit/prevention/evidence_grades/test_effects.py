"""Effect arithmetic has the values that the literature prints."""

from __future__ import annotations

import pytest

from tutela.prevention.evidence_grades import effects


@pytest.mark.parametrize(
    ("treated", "base", "difference", "ratio", "odds", "needed"),
    [
        (0.100, 0.080, 0.020, 1.250, 1.278, -50.0),
        (0.095, 0.141, -0.046, 0.674, 0.640, 21.7),
        (0.101, 0.137, -0.036, 0.737, 0.708, 27.8),
    ],
)
def test_two_rates_give_absolute_and_relative_effects(
    treated: float, base: float, difference: float, ratio: float, odds: float, needed: float
) -> None:
    found = effects.two_rates(treated, base)
    assert found.difference == pytest.approx(difference, abs=5e-4)
    assert found.risk_ratio == pytest.approx(ratio, abs=5e-4)
    assert found.odds_ratio == pytest.approx(odds, abs=5e-4)
    assert found.needed == pytest.approx(needed, abs=0.05)


def test_equal_rates_need_nobody_and_a_share_above_one_is_refused() -> None:
    assert effects.two_rates(0.1, 0.1).needed is None
    with pytest.raises(ValueError, match="share"):
        effects.two_rates(1.1, 0.1)


def test_a_share_has_its_interval() -> None:
    low, high = effects.wilson(3281, 4161)
    assert (round(low * 100, 2), round(high * 100, 2)) == (77.58, 80.07)


def test_small_samples_and_clusters_count_less() -> None:
    assert effects.hedges_g(0.5, 10) == pytest.approx(0.5 * (1 - 3 / 39))
    assert effects.effective_size(200, 21, 0.05) == pytest.approx(100)


def test_a_sample_is_large_enough_for_the_difference_that_matters() -> None:
    # Fleiss, Statistical Methods for Rates and Proportions, without continuity correction: 0.5 against 0.4.
    assert effects.sample_per_group(0.5, -0.1) == 388
    with pytest.raises(ValueError, match="differ"):
        effects.sample_per_group(0.5, 0)
