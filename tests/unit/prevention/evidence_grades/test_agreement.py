"""Agreement of two judges."""

from __future__ import annotations

import pytest

from tutela.prevention.evidence_grades.agreement import agreement

LEVELS = ("low", "some", "high")


def test_equal_judgements_agree_fully() -> None:
    found = agreement([("low", "low"), ("high", "high")], LEVELS)
    assert found is not None
    assert (found.equal_share, found.kappa) == (1, 1)


def test_chance_alone_gives_no_kappa() -> None:
    found = agreement([("low", "low")] * 3, LEVELS)
    assert found is not None
    assert found.kappa is None


def test_a_near_miss_weighs_half_of_a_far_one() -> None:
    near = agreement([("low", "some"), ("high", "high"), ("low", "low")], LEVELS)
    far = agreement([("low", "high"), ("high", "high"), ("low", "low")], LEVELS)
    assert near is not None
    assert far is not None
    assert near.equal_share == far.equal_share
    assert near.kappa is not None
    assert far.kappa is not None
    assert near.kappa > far.kappa


def test_nothing_judged_has_no_agreement_and_an_unknown_word_is_refused() -> None:
    assert agreement([], LEVELS) is None
    with pytest.raises(ValueError, match="none of the categories"):
        agreement([("low", "fair")], LEVELS)
