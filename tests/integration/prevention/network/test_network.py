"""The network: members from any country, outputs with interests and dissent, views that can be withdrawn."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.prevention_world import Curators
from tutela.events.errors import Conflict, Forbidden, Invalid
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.prevention.network import groups, members, relief, research_map, voices
from tutela.prevention.network.groups import ItemInput
from tutela.prevention.network.members import MemberInput
from tutela.prevention.network.relief import ReliefInput

DAY = date(2026, 1, 12)


def _member(curators: Curators, name: str, country: str = "SE", *practices: str) -> UUID:
    return members.enter(curators.first, MemberInput(name, "Harbour", country, practices or ("research",), DAY))


def test_somebody_who_is_no_curator_enters_nothing_and_reads_nothing(cast: Cast) -> None:
    stranger = cast.actor(cast.hotline_ie, "analyst")
    with pytest.raises(Forbidden):
        members.enter(stranger, MemberInput("Robin", "Harbour", "SE", ("research",), DAY))
    for read in (members.list_members, groups.list_groups, voices.list_views, research_map.show, relief.lines):
        with pytest.raises(Forbidden):
            read(stranger)


def test_members_are_found_by_practice_and_from_outside_of_the_union(cast: Cast) -> None:
    curators = Curators(cast)
    inside, outside = _member(curators, "Inside", "SE", "police"), _member(curators, "Outside", "GB", "research")
    third = [one.member.pk for one in members.list_members(curators.first, third=True)]
    assert outside in third
    assert inside not in third
    assert inside in [one.member.pk for one in members.list_members(curators.first, practice="police")]
    members.leave(curators.first, inside, "moved")
    assert inside not in [one.member.pk for one in members.list_members(curators.first)]
    with pytest.raises(Conflict):
        members.leave(curators.first, inside, "moved")


def test_an_output_names_who_took_part_with_their_interests_and_dissent(cast: Cast) -> None:
    curators = Curators(cast)
    actor, group = curators.first, groups.found(curators.first, "Measures", "Agree on outcomes.")
    person = _member(curators, "Robin")
    groups.step(actor, group, person, joined=True)
    with pytest.raises(Conflict):
        groups.step(actor, group, person, joined=True)
    due = groups.announce(actor, ItemInput("deliverable", "List of outcomes", DAY, DAY, group=group))
    with pytest.raises(Invalid, match="Robin"):
        groups.deliver(actor, due, link="https://network.example/outcomes", present=[person])
    members.state_interests(actor, person, "none")
    groups.deliver(actor, due, link="https://network.example/outcomes", present=[person], dissent="One is missing.")
    shown = next(one for one in groups.items(actor) if one.pk == due)
    assert shown.delivery.present == [{"name": "Robin", "interests": "none"}]
    assert shown.delivery.dissent
    with pytest.raises(Conflict):
        groups.deliver(actor, due, link="https://network.example/outcomes", present=[person])


def test_a_withdrawn_view_has_no_text_left_and_no_event_ever_had_it(cast: Cast) -> None:
    actor = Curators(cast).first
    view = voices.offer(actor, "The first letter sounded like an order.", "public")
    with pytest.raises(Conflict):
        voices.step(actor, view, "changed", "Another letter.")
    voices.step(actor, view, "heard")
    with pytest.raises(Invalid):
        voices.step(actor, view, "not_changed")
    voices.step(actor, view, "changed", "Another letter.")
    voices.step(actor, view, "withdrawn", "The first letter")
    assert view not in [one.pk for one in voices.list_views(actor)]
    with acting(actor):
        assert view not in [one.pk for one in voices.public_views()]
        assert "letter" not in str([one.facts for one in timeline("survivor_view", view)])


def test_the_map_replaces_a_factor_and_shows_what_no_study_answers(cast: Cast) -> None:
    curators = Curators(cast)
    study, name = curators.trial(curators.programme(), (0.6, 0.4, 0.9)), f"loneliness {DAY}"
    research_map.enter(curators.first, "risk", name, "Not studied.")
    research_map.enter(curators.first, "risk", name, "Found in one trial.", [study])
    places = [one for _kind, rows in research_map.show(curators.first) for one in rows if one.factor.name == name]
    assert [(one.factor.summary, len(one.studies)) for one in places] == [("Found in one trial.", 1)]


def test_relief_says_nothing_of_few_cases_and_subtracts_the_comparison(cast: Cast) -> None:
    curators = Curators(cast)
    programme = curators.programme()
    relief.add(curators.first, ReliefInput("SE", programme, "hours", 12, 20, 10, "a report"))
    relief.add(curators.first, ReliefInput("SE", programme, "reports", 12, 200, 150, "a report", 100, 90))
    found = {one.row.measure: one for one in relief.lines(curators.first) if one.row.programme == programme}
    assert found["hours"].change_percent is None
    assert (found["reports"].change_percent, found["reports"].beyond_comparison) == (-25, -15)
