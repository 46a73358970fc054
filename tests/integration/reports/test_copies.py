"""Copies for several states together with returns: what stands, who is told, where each copy goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cast import Cast
from tests.integration.reports.copies import States
from tutela.reports import children, funnel, triage

type Made = Callable[..., States]


@pytest.fixture
def states(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Made:
    return lambda *countries: States(cast, monkeypatch, *countries)


def test_what_came_back_counts_in_no_figure(states: Made) -> None:
    world = states("SK")
    wanted = funnel.Wanted(country="SK")

    def referred() -> int:
        return next(one.reports for one in funnel.funnel(world.centre.analyst, wanted).steps if one.name == "referred")

    before = referred()
    made = world.referred("SK")
    assert referred() == before + 1
    world.give_back(made, "SK")
    assert world.standing(made) == []
    assert referred() == before
    assert children.count(world.centre.analyst, wanted).reports == 0


def test_who_gave_a_package_back_is_told_that_it_was_an_error(states: Made) -> None:
    world = states("SK", "SI")
    made = world.referred("SK", "SI")
    world.give_back(made, "SK")
    triage.declare_erroneous(world.centre.lead, made, "It shows a quay.", revoke=False)
    for country in ("SK", "SI"):
        assert len(world.centre.messages(world.actors[country], "withdrawal")) == 1
