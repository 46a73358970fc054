"""Rates have exact intervals and say their stage, technology and denominator."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from tutela.observatory.definitions.units import Stage
from tutela.observatory.rates.error_rates import ErrorRate


@pytest.mark.parametrize(("errors", "of"), [(0, 1000), (4, 400), (1, 3), (7, 7), (25, 10_000)])
def test_the_interval_is_that_of_an_independent_program(errors: int, of: int) -> None:
    rate = ErrorRate("PDQ", Stage.BEFORE_REVIEW, errors, of, "candidates decided")
    theirs = binomtest(errors, of).proportion_ci(0.95, method="exact")
    assert rate.interval == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_a_rate_without_a_denominator_has_no_share_and_the_widest_interval() -> None:
    rate = ErrorRate("PDQ", Stage.AFTER_REVIEW, 0, 0, "reports")
    assert (rate.share, rate.interval) == (None, (0.0, 1.0))


@pytest.mark.parametrize(
    "given",
    [
        ("", Stage.BEFORE_REVIEW, 1, 2, "candidates"),
        ("PDQ", Stage.NOT_STATED, 1, 2, "candidates"),
        ("PDQ", Stage.RECEIVED, 1, 2, "candidates"),
        ("PDQ", Stage.BEFORE_REVIEW, 3, 2, "candidates"),
        ("PDQ", Stage.BEFORE_REVIEW, -1, 2, "candidates"),
        ("PDQ", Stage.BEFORE_REVIEW, 1, 2, " "),
    ],
)
def test_a_rate_that_says_too_little_is_refused(given: tuple[str, Stage, int, int, str]) -> None:
    with pytest.raises(ValueError, match="a rate"):
        ErrorRate(*given)
