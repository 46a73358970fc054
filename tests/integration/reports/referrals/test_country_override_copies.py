"""Copies for several states together with returns: what stands, who is told, where each copy goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_copies import States
from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.exchange.referral.hold import HoldAsked
from tutela.exchange.referral.outcome import Outcome, OutcomeKind, ReleaseLevel
from tutela.reports.errors import AlreadyReferred
from tutela.reports.figures import funnel, safeguarded_children
from tutela.reports.referrals import country_override, outcomes, refer
from tutela.reports.report_detail import report_detail
from tutela.reports.state import hold_queue
from tutela.reports.triage import assess

type Made = Callable[..., States]


@pytest.fixture
def states(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Made:
    return lambda *countries: States(cast, monkeypatch, *countries)


def test_what_came_back_counts_in_no_figure(states: Made) -> None:
    world = states("SK")
    wanted = funnel.FunnelFilter(country="SK")

    def referred() -> int:
        return next(one.reports for one in funnel.funnel(world.centre.analyst, wanted).steps if one.name == "referred")

    before, counted = referred(), safeguarded_children.count(world.centre.analyst, wanted).reports
    made = world.referred("SK")
    assert referred() == before + 1
    world.give_back(made, "SK")
    assert world.standing(made) == []
    assert referred() == before
    assert safeguarded_children.count(world.centre.analyst, wanted).reports == counted


def test_europol_hears_where_a_suspect_abroad_hides_which_member_state_is_concerned(states: Made) -> None:
    world = states("US", "")
    contested = [{"country": one, "derived_from": "ip"} for one in ("FR", "DE")]
    users = [{"usernames": ["token"], "residence": "US"}]
    made = world.centre.file(report(users=users, geography=contested, locations=[]))
    assert world.row(made).country == "", "sealed files are Europol's"
    assess.assess(world.centre.analyst, made, "forward", "", seen=0)
    refer.refer(world.centre.analyst, made)
    found = country_override.override_of(world.centre.lead, made)
    assert found.where == "Europol, US"
    assert [one.name for one in found.recipients] == [world.names[""], world.names["US"]]
    assert world.sent(made) == [("", False), ("US", False)]
    assert {c: one.jurisdiction.country for c, one in world.packages(made).items()} == {"": None, "US": "US"}
    with pytest.raises(AlreadyReferred):
        refer.refer(world.centre.analyst, made)


def test_who_gave_a_package_back_is_told_that_it_was_an_error(states: Made) -> None:
    world = states("SK", "SI")
    made = world.referred("SK", "SI")
    world.give_back(made, "SK")
    assess.declare_erroneous(world.centre.lead, made, "It shows a quay.", revoke=False)
    for country in ("SK", "SI"):
        assert len(world.centre.messages(world.actors[country], "withdrawal")) == 1


def test_a_copy_that_comes_back_goes_on_while_the_other_stands_and_nobody_learns_of_it(states: Made) -> None:
    world = states("SK", "SI", "IT")
    made = world.referred("SK", "SI")
    world.give_back(made, "SK", "IT")
    assert world.sent(made) == [("SI", False), ("SK", True), ("IT", False)]
    assert world.row(made).state == "referred"
    found = country_override.override_of(world.centre.lead, made)
    assert (found.addressed, found.where) == (["SI", "IT"], "SI, IT")
    package = world.packages(made)["IT"]
    assert package.handling is not None
    assert "H3" in package.handling.codes, "there is another copy, and this one is kept apart"
    assert package.jurisdiction.country == "IT"
    assert world.names["SI"] not in package.to_bytes().decode()
    with pytest.raises(AlreadyReferred):
        refer.refer(world.centre.analyst, made)


def test_a_copy_that_comes_back_goes_on_after_the_other_was_answered(states: Made) -> None:
    world = states("SK", "SI", "IT")
    made = world.referred("SK", "SI")
    outcome = Outcome(
        outcome_id=uuid7(),
        referral_id=world.newest(made, "SI").referral_id,
        kind=OutcomeKind.TAKEN_UP,
        at=clock.now(),
        authority="Kriminalamt",
        release=ReleaseLevel.CENTRE_ONLY,
    )
    outcomes.take_outcome(world.centre.machine, world.actors["SI"], outcome)
    world.give_back(made, "SK", "IT")
    assert sorted(world.standing(made)) == ["IT", "SI"]
    assert world.row(made).state == "answered"


def test_a_copy_that_is_named_for_who_has_one_goes_nowhere_else(states: Made) -> None:
    world = states("SK", "SI", "")
    made = world.referred("SK", "SI")
    world.give_back(made, "SK", "SI")
    assert world.standing(made) == ["SI"]
    found = country_override.override_of(world.centre.lead, made)
    assert (found.addressed, found.may_choose) == (["SI"], False)


def test_without_a_country_europol_gets_the_copy_beside_the_one_that_stands(states: Made) -> None:
    world = states("SK", "SI", "")
    made = world.referred("SK", "SI")
    world.give_back(made, "SK")
    assert sorted(world.standing(made)) == ["", "SI"]
    assert world.packages(made)[""].jurisdiction.country is None
    assert country_override.override_of(world.centre.lead, made).where == "SI, Europol"
    world.give_back(made, "", "SK")
    assert world.standing(made) == ["SI"], "both have returned it"
    assert str(report_detail.open_report(world.centre.analyst, made).jurisdiction) == "SI, SK"


def test_a_copy_that_nobody_can_get_is_chosen_for_and_referred_while_the_other_stands(states: Made) -> None:
    world = states("SK", "SI", "IT")
    made = world.referred("SK", "SI")
    assert not country_override.override_of(world.centre.lead, made).may_choose
    world.give_back(made, "SK", "PT")  # which has no authority here, and there is no Europol
    assert world.standing(made) == ["SI"]
    assert not report_detail.open_report(world.centre.analyst, made).may_refer
    found = country_override.override_of(world.centre.lead, made)
    assert (found.addressed, found.may_choose, found.may_undo) == (["SI", "PT"], True, False)
    with pytest.raises(AlreadyReferred):
        country_override.undo(world.centre.lead, made)
    country_override.choose_country(world.centre.lead, made, "IT", "A letter says so")
    assert country_override.override_of(world.centre.lead, made).addressed == ["SI", "IT"]
    full = report_detail.open_report(world.centre.analyst, made)
    assert (full.may_refer, [one.name for one in full.recipients]) == (True, [world.names["IT"]])
    refer.refer(world.centre.analyst, made)
    assert sorted(world.standing(made)) == ["IT", "SI"]
    package = world.packages(made)["IT"]
    assert package.handling is not None
    assert "H3" in package.handling.codes
    with pytest.raises(AlreadyReferred):
        country_override.choose_country(world.centre.lead, made, "SK", "late")


def test_two_copies_that_come_back_each_go_on(states: Made) -> None:
    world = states("SK", "SI", "IT", "PT")
    made = world.referred("SK", "SI")
    world.give_back(made, "SK", "IT")
    world.give_back(made, "SI", "PT")
    assert sorted(world.standing(made)) == ["IT", "PT"]
    assert country_override.override_of(world.centre.lead, made).addressed == ["IT", "PT"]


def test_the_copy_of_europol_names_the_country_for_which_it_stands_in(states: Made) -> None:
    world = states("DE", "")
    made = world.referred("DE", "FR")
    packages = world.packages(made)
    assert {country: one.jurisdiction.country for country, one in packages.items()} == {"DE": "DE", "": "FR"}


def close(world: States, report_id: UUID, country: str, release: ReleaseLevel = ReleaseLevel.PROVIDER) -> None:
    said = Outcome(
        outcome_id=uuid7(),
        referral_id=world.newest(report_id, country).referral_id,
        kind=OutcomeKind.CLOSED,
        at=clock.now(),
        authority="Kriminalamt",
        release=release,
    )
    outcomes.take_outcome(world.centre.machine, world.actors[country], said)


def test_the_provider_hears_once_that_all_copies_are_closed_and_learns_of_no_second_one(states: Made) -> None:
    world = states("SK", "SI")
    made = world.referred("SK", "SI")
    close(world, made, "SK")
    early = world.repeat(made)
    assert [world.centre.told(one)[-1] for one in (made, early)] == ["relevant", "relevant"], "another one is at it"
    close(world, made, "SI")
    late = world.repeat(made)
    assert [world.centre.told(one).count("closed") for one in (made, early, late)] == [1, 1, 1]


def test_a_copy_that_goes_on_and_is_closed_after_all_others_were_is_no_news(states: Made) -> None:
    world = states("SK", "SI", "IT")
    made = world.referred("SK", "SI")
    world.give_back(made, "SK", "HR")
    close(world, made, "SI")
    assert world.centre.told(made).count("closed") == 1
    country_override.choose_country(world.centre.lead, made, "IT", "He is there now")
    refer.refer(world.centre.analyst, made)
    close(world, made, "IT")
    assert world.standing(made) == ["SI", "IT"]
    assert world.centre.told(made).count("closed") == 1


def test_a_copy_that_comes_back_after_the_other_was_closed_leaves_none_open(states: Made) -> None:
    world = states("SK", "SI")
    made = world.referred("SK", "SI")
    close(world, made, "SK")
    world.give_back(made, "SI")
    assert world.standing(made) == ["SK"]
    assert world.centre.told(made) == ["received", "relevant", "closed"]


@pytest.mark.parametrize("first", ["SK", "SI"])
def test_what_an_authority_keeps_to_the_centre_closes_its_copy_and_is_not_told_itself(states: Made, first: str) -> None:
    world = states("SK", "SI")
    made, secret = world.referred("SK", "SI"), world.referred("SK")
    close(world, secret, "SK", ReleaseLevel.CENTRE_ONLY)
    assert "closed" not in world.centre.told(secret)
    levels = {"SK": ReleaseLevel.CENTRE_ONLY, "SI": ReleaseLevel.PROVIDER}
    for country in (first, *(levels.keys() - {first})):
        assert "closed" not in world.centre.told(made)
        close(world, made, country, levels[country])
    assert world.centre.told(made).count("closed") == 1


def test_nothing_is_told_of_the_last_closing_while_another_authority_has_a_hold(states: Made) -> None:
    world = states("SK", "SI")
    made = world.referred("SK", "SI")
    asked = HoldAsked(
        referral_id=world.newest(made, "SI").referral_id, until=clock.now() + timedelta(days=30), reason="x"
    )
    outcomes.place_hold(world.centre.machine, world.actors["SI"], asked)
    for country in ("SK", "SI"):
        close(world, made, country)
    assert "closed" not in world.centre.told(made)
    with clock.simulate(clock.now() + timedelta(days=31)):
        hold_queue.release_ended(world.centre.machine)
    assert world.centre.told(made).count("closed") == 1
