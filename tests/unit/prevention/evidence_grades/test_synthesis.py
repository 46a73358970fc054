"""Results are summarised where they are alike, and refused with a reason where they are not."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest

from tutela.prevention.evidence_grades.facts import Design, Effect, Metric, OutcomeKind, ResultFacts
from tutela.prevention.evidence_grades.synthesis import Refusal, Summary, summarise

TRIAL = ResultFacts(
    "a", Design.RANDOMISED, OutcomeKind.RECORD, date(2020, 1, 1), Effect(Metric.RISK_RATIO, 0.5, 0.25, 1.0)
)
OTHER = replace(TRIAL, id="b", effect=Effect(Metric.RISK_RATIO, 0.8, 0.6, 1.0667))


# Deaths and patients with aspirin and with placebo after a heart attack, seven trials: J. L. Fleiss, "The statistical
# basis of meta-analysis", Statistical Methods in Medical Research 2 (1993), table 1.
FLEISS = (
    (49, 615, 67, 624),
    (44, 758, 64, 771),
    (102, 832, 126, 850),
    (32, 317, 38, 309),
    (85, 810, 52, 406),
    (246, 2267, 219, 2257),
    (1570, 8587, 1720, 8600),
)


def test_summaries_of_a_published_meta_analysis_are_its_published_ones() -> None:
    found = summarise([("death", _trial(number, *counts)) for number, counts in enumerate(FLEISS)])
    assert isinstance(found, Summary)
    assert found.fixed == pytest.approx((0.897, 0.841, 0.957), abs=0.0006)
    assert found.random == pytest.approx((0.876, 0.774, 0.992), abs=0.0006)
    assert found.heterogeneity_percent == pytest.approx(39.7, abs=0.5)


def test_results_that_agree_more_than_by_chance_have_one_summary() -> None:
    found = summarise([("reoffending", TRIAL), ("reoffending", replace(TRIAL, id="b"))])
    assert isinstance(found, Summary)
    assert found.random == found.fixed
    assert found.heterogeneity_percent == 0


def _trial(number: int, died: int, treated: int, died_without: int, untreated: int) -> ResultFacts:
    """Odds ratio of a trial with its interval, from its four cells."""
    cells = (died, treated - died, died_without, untreated - died_without)
    ratio = math.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    half = 1.959964 * math.sqrt(sum(1 / cell for cell in cells))
    effect = Effect(Metric.ODDS_RATIO, math.exp(ratio), math.exp(ratio - half), math.exp(ratio + half))
    return replace(TRIAL, id=str(number), effect=effect)


def test_two_alike_results_have_a_summary_between_them() -> None:
    found = summarise([("reoffending", TRIAL), ("reoffending", OTHER)])
    assert isinstance(found, Summary)
    assert 0.5 < found.fixed[0] < 0.8
    assert found.fixed[1] < found.fixed[0] < found.fixed[2]
    assert found.random[2] - found.random[1] >= found.fixed[2] - found.fixed[1]


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (("arrests", OTHER), Refusal.OTHER_OUTCOME),
        (("reoffending", replace(OTHER, effect=Effect(Metric.ODDS_RATIO, 0.8, 0.6, 1.1))), Refusal.OTHER_METRIC),
        (
            ("reoffending", replace(OTHER, effect=Effect(Metric.RISK_RATIO, 0.8, 0.6, 1.1, lower_is_better=False))),
            Refusal.OTHER_DIRECTION,
        ),
        (("reoffending", replace(OTHER, id="a")), Refusal.SAME_DATA),
        (("reoffending", replace(OTHER, effect=Effect(Metric.RISK_RATIO, 3, 2.5, 3.6))), Refusal.TOO_DIFFERENT),
        (("reoffending", replace(OTHER, effect=None)), Refusal.TOO_FEW),
    ],
)
def test_results_that_are_not_alike_are_refused(second: tuple[str, ResultFacts], reason: Refusal) -> None:
    assert summarise([("reoffending", TRIAL), second]) is reason
