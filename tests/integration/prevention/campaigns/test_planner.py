"""A campaign without a comparison is refused the word "effective"."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.prevention_world import Curators
from tutela import clock
from tutela.events.errors import Invalid
from tutela.prevention.campaigns import planner
from tutela.prevention.campaigns.planner import PlanInput
from tutela.prevention.errors import WordRefused


def _plan(**facts: object) -> PlanInput:
    start = clock.now().date() + timedelta(days=30)
    given = PlanInput(
        "Light the harbour",
        "more people call the helpline",
        "parents",
        "You can ask.",
        "posters",
        "people who know a number call it",
        "before_after",
        start,
        start + timedelta(days=60),
        measure="share who know the number",
        sample=500,
    )
    return replace(given, **facts)  # type: ignore[arg-type]


def test_effective_is_refused_without_a_comparison_and_allowed_with_one(cast: Cast) -> None:
    actor = Curators(cast).first
    plain, compared = planner.plan(actor, _plan()), planner.plan(actor, _plan(design="comparison"))
    said, shown = "The campaign was effective.", (0.1, 0.05, 0.15)
    with pytest.raises(WordRefused, match="effective"):
        planner.add_result(actor, plain, said, shown, 500)
    with pytest.raises(Invalid, match="not begun"):
        planner.add_result(actor, plain, "The share rose from 20 % to 30 %.", None, 500)
    with clock.simulate(clock.now() + timedelta(days=100)):
        assert planner.add_result(actor, plain, "The share rose from 20 % to 30 %.", None, 500) == "changed"
        assert planner.add_result(actor, compared, said, shown, 500) == "effect"


def test_too_few_answers_or_an_interval_with_no_effect_in_it_refuse_the_word(cast: Cast) -> None:
    actor = Curators(cast).first
    compared = planner.plan(actor, _plan(design="comparison"))
    with clock.simulate(clock.now() + timedelta(days=100)):
        for interval, answered in (((0.1, 0.05, 0.15), 12), ((0.1, -0.05, 0.25), 500), ((0.1, 0.05, 0.15), None)):
            with pytest.raises(WordRefused, match="effective"):
                planner.add_result(actor, compared, "It was effective.", interval, answered)


def test_a_plan_after_the_start_or_with_too_small_a_sample_is_refused(cast: Cast) -> None:
    actor = Curators(cast).first
    with pytest.raises(Invalid, match="before the campaign"):
        planner.plan(actor, _plan(starts_on=clock.now().date()))
    with pytest.raises(Invalid, match="people in each group"):
        planner.plan(actor, _plan(sample=100, base_rate=0.2, smallest_difference=0.05))
