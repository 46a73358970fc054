"""The published rule of evidence grades gives the published grade for every published case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest

from tutela.prevention.evidence_grades import cases, rule
from tutela.prevention.evidence_grades.cases import RuleCase
from tutela.prevention.evidence_grades.facts import OutcomeKind, ResultFacts
from tutela.prevention.evidence_grades.rule import Grade, Graded, Left

PUBLISHED = cases.read()


@pytest.mark.parametrize("case", PUBLISHED.cases, ids=lambda case: case.name)
def test_a_case_has_its_published_grade_and_rule(case: RuleCase) -> None:
    found = rule.grade(case.results, case.claimed, PUBLISHED.today)
    assert (found.grade, found.rule) == (case.grade, case.rule)


def test_there_are_cases_for_every_grade_and_every_rule() -> None:
    assert len(PUBLISHED.cases) >= 60
    assert {one.grade for one in PUBLISHED.cases} == set(Grade)
    assert {one.rule for one in PUBLISHED.cases} == set(range(1, 10))


@pytest.mark.parametrize("case", PUBLISHED.cases, ids=lambda case: case.name)
def test_the_order_of_results_changes_no_grade(case: RuleCase) -> None:
    found = {rule.grade(one, case.claimed, PUBLISHED.today).grade for one in permutations(case.results)}
    assert found == {case.grade}


def test_what_was_left_out_is_named_with_its_reason() -> None:
    case = next(one for one in PUBLISHED.cases if one.name == "a trial that nobody has judged")
    found = rule.grade(case.results, case.claimed, PUBLISHED.today)
    assert found.left == (("0", Left.NOT_JUDGED),)
    assert found.counted == ()


def test_a_powered_null_changes_a_grade_and_an_underpowered_one_does_not() -> None:
    named = {one.name: one.results[0] for one in PUBLISHED.cases if one.results}
    trial = named["one trial"]
    powered = replace(named["a registered, powered null"], id="powered")
    small = replace(named["a small null"], id="small")

    def reached(*results: ResultFacts) -> Grade:
        return rule.grade(results, OutcomeKind.RECORD, PUBLISHED.today).grade

    assert reached(trial) is Grade.MODERATE
    assert reached(trial, small) is Grade.MODERATE
    assert reached(trial, powered) is Grade.LIMITED


def test_recommended_needs_a_good_grade_harms_looked_for_and_survivors() -> None:
    good = Graded(Grade.MODERATE, 3, harms_looked_for=True)
    unlooked, harm = Graded(Grade.STRONG, 2), Graded(Grade.HARM, 1)
    assert rule.may_recommend([good], reviewed_by_survivors=True)
    assert not rule.may_recommend([good], reviewed_by_survivors=False)
    assert not rule.may_recommend([unlooked], reviewed_by_survivors=True)
    assert not rule.may_recommend([good, harm], reviewed_by_survivors=True)
    assert not rule.may_recommend([], reviewed_by_survivors=True)


def test_a_grade_is_stale_three_years_after_the_newest_judgement_or_study() -> None:
    judged = date(2024, 2, 29)
    assert rule.stale_on(judged, []) == date(2027, 2, 28)
    assert rule.stale_on(judged, [judged + timedelta(days=366)]) == date(2028, 3, 1)
