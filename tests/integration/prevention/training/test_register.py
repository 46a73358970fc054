"""Coverage of training: unknown is not 0, and what lapsed covers nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.prevention_world import Curators
from tutela import clock
from tutela.events.errors import Invalid
from tutela.prevention.training import register
from tutela.prevention.training.register import ReturnInput


def test_coverage_is_unknown_without_a_headcount_and_nothing_after_a_lapse(cast: Cast) -> None:
    actor = Curators(cast).first
    today = clock.now().date()
    given = ReturnInput("MT", "police", "Listening to children", 30, today, "a return", region="North")
    register.add(actor, given)
    register.add(actor, replace(given, region="South", headcount=60))
    register.add(actor, replace(given, region="West", headcount=60, trained_on=today - timedelta(days=365 * 4)))
    shares = {one.region: one.share for one in register.lines(actor) if one.country == "MT"}
    assert shares == {"North": None, "South": 0.5, "West": 0.0}
    with pytest.raises(Invalid):
        register.add(actor, replace(given, headcount=20))


def test_a_required_profession_without_a_valid_return_is_named(cast: Cast) -> None:
    actor, today = Curators(cast).first, clock.now().date()
    register.add(actor, ReturnInput("SE", "police", "Listening", 5, today, "a report"))
    register.add(actor, ReturnInput("FI", "police", "Listening", 5, today - timedelta(days=1500), "a report"))
    ((profession, countries),) = register.missing(register.lines(actor))
    assert profession == "police"
    assert "SE" not in countries
    assert {"FI", "LV"} <= set(countries)
