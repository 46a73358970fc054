"""Grades follow from studies and judgements alone, and each change is a new entry with its event."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from tests.support.cast import Cast
from tests.support.prevention_world import LOW, Curators, number
from tutela import clock
from tutela.events.errors import Forbidden
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.prevention.errors import BadInterval, OwnStudy
from tutela.prevention.knowledge import grades, judge, studies, survivors
from tutela.prevention.models import GradeEntry, HubEntry

BENEFIT, POWERED_NULL, SMALL_NULL = (0.6, 0.4, 0.9), (1.0, 0.9, 1.11), (0.95, 0.5, 1.8)


def test_somebody_who_is_no_curator_judges_nothing(cast: Cast) -> None:
    curators = Curators(cast)
    study = curators.trial(curators.programme(), BENEFIT)
    with pytest.raises(Forbidden):
        judge.judge(cast.actor(cast.hotline_ie, "analyst"), study, LOW)


def test_a_study_counts_once_two_curators_have_judged_it(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    study = curators.trial(programme, BENEFIT)
    assert curators.grade(programme).grade == "-"
    judge.judge(curators.first, study, LOW)
    judge.judge(curators.first, study, LOW)
    assert curators.grade(programme).grade == "-"
    judge.judge(curators.second, study, LOW)
    assert (curators.grade(programme).grade, curators.grade(programme).rule) == ("B", 3)


def test_a_registered_powered_null_changes_a_grade_and_a_small_one_does_not(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    curators.judged(curators.trial(programme, BENEFIT))
    small = curators.trial(programme, SMALL_NULL, title="A small trial")
    curators.judged(small)
    assert curators.grade(programme).grade == "B"
    curators.judged(curators.trial(programme, POWERED_NULL, title="A large trial"))
    entry = curators.grade(programme)
    assert (entry.grade, entry.rule, entry.fell) == ("C", 5, True)
    with acting(curators.first):
        told = [one.facts for one in timeline("programme", programme) if one.kind == "grade.changed"]
    assert [(one["before"], one["grade"]) for one in told if one][-1] == ("B", "C")


def test_a_small_null_alone_is_uncertain_and_a_powered_one_shows_no_effect(cast: Cast) -> None:
    curators = Curators(cast)
    small, powered = curators.programme(), curators.programme()
    curators.judged(curators.trial(small, SMALL_NULL))
    curators.judged(curators.trial(powered, POWERED_NULL))
    assert (curators.grade(small).grade, curators.grade(powered).grade) == ("U", "N")


def test_harm_comes_first_in_the_hub(cast: Cast) -> None:
    curators = Curators(cast)
    harmful, good = curators.programme("Zebra"), curators.programme("Acorn")
    curators.judged(curators.trial(harmful, (1.25, 1.05, 1.49)))
    curators.judged(curators.trial(good, BENEFIT))
    rows = HubEntry.objects.filter(subject_id__in=[harmful, good]).order_by("rank", "title")
    assert [one.grade for one in rows] == ["X", "B"]


def test_two_who_disagree_count_by_the_worse_and_their_agreement_is_shown(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    study = curators.trial(programme, BENEFIT)
    judge.judge(curators.first, study, LOW)
    judge.judge(curators.second, study, {**LOW, "missing": "high"})
    assert curators.grade(programme).grade == "C"
    found = judge.study_agreement(judge.judgements(curators.first, study))
    assert found is not None
    assert found.equal_share == pytest.approx(0.8)


def test_recommended_waits_for_survivors_and_ends_with_harm(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    curators.judged(curators.trial(programme, BENEFIT))
    entry = curators.grade(programme)
    with acting(curators.first):
        assert not grades.is_recommended(programme, [entry])
    today = clock.now().date()
    survivors.review(curators.first, programme, people=3, text="It respects us.", changed="The leaflet.", held_on=today)
    with acting(curators.first):
        assert grades.is_recommended(programme, [entry])
        entry.grade = "X"
        assert not grades.is_recommended(programme, [entry])


def test_a_grade_becomes_stale_by_itself_once(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    curators.judged(curators.trial(programme, BENEFIT))
    with clock.simulate(clock.now() + timedelta(days=365 * 3 + 5)):
        for _night in range(2):
            with acting(curators.first):
                grades.compute(curators.first, programme)
        assert curators.grade(programme).stale
    with acting(curators.first):
        assert GradeEntry.objects.filter(programme=programme, kind="record", stale=True).count() == 1


def test_a_retraction_takes_the_study_out_at_once(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    given = curators.trial_input(programme, BENEFIT)
    study = studies.enter(curators.first, given)
    curators.judged(study)
    assert curators.grade(programme).grade == "B"
    studies.edit(curators.first, study, _with(given, status="retracted"))
    entry = curators.grade(programme)
    assert entry.grade == "-"
    assert [reason for _one, reason in entry.left_out] == ["retracted"]


def _with(given: studies.StudyInput, **facts: object) -> studies.StudyInput:
    return studies.StudyInput(**{**vars(given), **facts})  # type: ignore[arg-type]


def test_no_grade_is_set_or_changed_by_hand(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    curators.judged(curators.trial(programme, BENEFIT))
    with acting(curators.first), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE prevention_gradeentry SET grade = 'A' WHERE programme_id = %s", [programme])


def test_a_result_that_changes_after_it_was_judged_counts_no_longer(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    given = curators.trial_input(programme, (0.60, 0.40, 0.90))
    study = studies.enter(curators.first, given)
    curators.judged(study)
    assert curators.grade(programme).grade == "B"
    better = replace(given.results[0], estimate=0.30, low=0.20, high=0.45)
    studies.edit(curators.first, study, replace(given, results=(better,)))
    assert curators.grade(programme).grade == "-"
    # A better title is no other study.
    curators.judged(study)
    studies.edit(curators.first, study, replace(given, results=(better,), title="The same trial"))
    assert curators.grade(programme).grade == "B"


def test_a_curator_with_a_conflict_of_interest_does_not_count(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    study = curators.trial(programme, (0.60, 0.40, 0.90))
    curators.judged(study)
    assert curators.grade(programme).grade == "B"
    judge.state_interest(curators.second, study, "I took part in the trial.")
    assert curators.grade(programme).grade == "-"
    with pytest.raises(OwnStudy):
        judge.judge(curators.second, study, LOW)


def test_a_retraction_that_is_imported_ends_what_a_study_counted_for(cast: Cast) -> None:
    curators = Curators(cast)
    programme, doi = curators.programme(), f"10.5555/{number().lower()}"
    study = curators.trial(programme, (0.60, 0.40, 0.90), doi=doi)
    curators.judged(study)
    assert studies.retract(curators.first, doi)
    assert curators.grade(programme).grade == "-"
    assert not studies.retract(curators.first, doi)


def test_an_effect_without_width_or_without_end_is_refused(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    for effect in ((0.5, 0.5, 0.5), (0.5, 0.1, float("inf")), (float("nan"), 0.1, 0.9)):
        with pytest.raises(BadInterval):
            curators.trial(programme, effect)
