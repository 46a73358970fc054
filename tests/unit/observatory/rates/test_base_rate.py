"""The calculator of base rates, with the examples that everybody can compute by hand."""

from __future__ import annotations

import pytest

from tutela.observatory.rates.base_rate import BaseRate


@pytest.mark.parametrize(("false_positives", "expected"), [(1e-3, 0.0009), (1e-6, 0.474)])
def test_one_in_a_million(false_positives: float, expected: float) -> None:
    found = BaseRate(1e-6, 0.9, false_positives)
    assert found.predictive_value == pytest.approx(expected, abs=1e-4 if expected < 0.1 else 1e-3)


def test_what_is_found_missed_and_wrong() -> None:
    found = BaseRate(0.01, 0.8, 0.05, items=10_000)
    assert (found.right, round(found.missed), round(found.wrong)) == (80, 20, 495)


def test_nothing_raises_an_alert() -> None:
    assert BaseRate(0.0, 1.0, 0.0).predictive_value is None


@pytest.mark.parametrize("given", [(-0.1, 1, 0), (0, 1.1, 0), (0, 1, 2)])
def test_what_is_no_share_is_refused(given: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="share"):
        BaseRate(*given)
