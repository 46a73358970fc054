"""Members of the register take part in drills by their own word, may leave, and are left out where people approve."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast
from tests.support.drill_world import policy_of_drills
from tutela.events.errors import Forbidden
from tutela.indicators.drills import members
from tutela.organisations.approvals import rule_switch


def test_only_members_of_the_register_take_part(cast: Cast) -> None:
    for person in (cast.actor(cast.pixelpost, "lead"), cast.actor(cast.centre, "lead")):
        with pytest.raises(Forbidden):
            members.join(person)


def test_who_joined_may_leave_and_both_are_said_once(cast: Cast) -> None:
    person = cast.actor(cast.hotline_ie, "analyst")
    assert members.participation(person) is None
    for _ in range(2):
        members.join(person)
    found = members.participation(person)
    assert found
    assert found.by_name == person.name
    assert members.participation(cast.actor(cast.hotline_de, "analyst")) is None
    for _ in range(2):
        members.leave(person)
    assert members.participation(person) is None


def test_two_of_two_countries_certify_and_nobody_who_asks_for_a_key(cast: Cast) -> None:
    with policy_of_drills():
        while earlier := members.certifiers():
            for one in earlier:
                members.leave(one)
        twin, guarded = cast.organisation("Twin", "hotline", "IE"), cast.organisation("Guarded", "hotline", "FR")
        for one in (cast.hotline_ie, twin, guarded):
            members.join(cast.actor(one, "analyst"))
        rule_switch.switch(cast.actor(guarded, "administrator"), "two", "on", "Policy of the house")
        assert len(members.certifiers()) == 1
        members.join(cast.actor(cast.hotline_de, "analyst"))
        found = {(one.country, one.reference) for one in members.certifiers()}
    assert found == {("IE", "system:drill"), ("DE", "system:drill")}
