"""Exact intervals, against values that R's binom.test and the tables print."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from tutela.indicators.audits.confidence_intervals import exact

# seen, of, lower, upper: binom.test(seen, of)$conf.int of R 4.
KNOWN = [
    (0, 10, 0.0, 0.3084971),
    (5, 10, 0.1870860, 0.8129140),
    (10, 10, 0.6915029, 1.0),
    (0, 100, 0.0, 0.03621669),
    (1, 100, 0.0002531460, 0.05445940),
    (10, 100, 0.04900469, 0.1762226),
    (682, 925, 0.7076683, 0.7654066),
    (0, 300, 0.0, 0.01222098),
]


@pytest.mark.parametrize(("seen", "of", "lower", "upper"), KNOWN)
def test_the_interval_is_the_one_of_the_tables(seen: int, of: int, lower: float, upper: float) -> None:
    assert exact(seen, of) == pytest.approx((lower, upper), rel=2e-6, abs=1e-9)


def test_none_of_many_has_the_closed_form() -> None:
    for of in (1, 7, 1000, 100_000):
        assert exact(0, of)[1] == pytest.approx(1 - 0.025 ** (1 / of), rel=1e-9)


def test_nothing_seen_says_nothing() -> None:
    assert exact(0, 0) == (0.0, 1.0)
    for seen, of in ((-1, 3), (4, 3)):
        with pytest.raises(ValueError, match="must not exceed"):
            exact(seen, of)


@given(st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_what_was_seen_lies_within_and_each_side_leaves_two_and_a_half_per_cent(counts: tuple[int, int]) -> None:
    seen, of = counts
    lower, upper = exact(seen, of)
    assert lower <= seen / of <= upper
    if seen:
        assert binom.sf(seen - 1, of, lower) == pytest.approx(0.025, rel=1e-6)
    if seen < of:
        assert binom.cdf(seen, of, upper) == pytest.approx(0.025, rel=1e-6)
    assert exact(of - seen, of) == pytest.approx((1 - upper, 1 - lower), abs=1e-9)


def test_the_time_does_not_depend_on_the_size_of_the_sample() -> None:
    exact(1, 2)
    start = time.process_time()
    assert exact(3_000_000_000, 10_000_000_000)[0] == pytest.approx(0.3, abs=1e-4)
    assert time.process_time() - start < 1
