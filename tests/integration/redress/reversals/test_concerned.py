"""A sender names what it is concerned with, and nothing else: an entry counts only with a report that rests on it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.support.cast import Cast
from tests.support.redress_world import Redress
from tests.support.reports_world import state_of_entry
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.redress.reversal import Reversal as Wire
from tutela.organisations.people import directory
from tutela.redress.errors import NotConcerned
from tutela.redress.models import Reversal
from tutela.redress.reversals import accept, messages


@pytest.fixture
def world(cast: Cast) -> Redress:
    return Redress(cast)


def say(sender: Actor, recipient: Actor, **named: Any) -> tuple[int, str]:
    said = {"reversal": uuid4(), "reference": "E-1", "error": "chance", "at": clock.now(), **named}
    to = directory.entry(recipient.organisation_id)
    return messages.receive(sender, to, str(uuid4()), Wire.model_validate(said).to_bytes())


def test_an_entry_is_named_with_a_report_that_rests_on_it_alone(world: Redress) -> None:
    report, entry = world.flagged(referred=False)
    other, another_entry = world.flagged(referred=False)
    centre = world.centre.machine
    for reports, named, kept in (
        ((report,), another_entry, None),
        ((other,), entry, None),
        ((report,), uuid4(), None),
        ((report,), entry, entry),
        ((report, other), entry, entry),
    ):
        root = uuid4()
        say(world.provider, centre, reversal=root, report_ids=reports, indicator=named)
        assert world.at(centre, root).indicator_id == kept


def test_the_centre_stops_no_entry_that_the_report_does_not_rest_on(world: Redress) -> None:
    report, entry = world.flagged()
    _other, anothers = world.flagged(referred=False)
    root = uuid4()
    say(world.provider, world.centre.machine, reversal=root, report_ids=(report,), indicator=anothers)
    accept.accept(world.centre.lead, world.at(world.centre.machine, root).pk)
    assert {state_of_entry(world.cast, one) for one in (entry, anothers)} == {"active"}
    assert "register" not in world.hops(world.centre.machine, root)


def test_nobody_names_what_is_of_another_recipient(world: Redress) -> None:
    report, entry = world.flagged()
    centre, police, hotline = world.centre.machine, world.authority.machine, world.hotlines[0]
    for sender, recipient, named in (
        (centre, police, {"report_ids": (report,), "indicator": entry}),
        (centre, police, {"indicator": entry}),
        (centre, hotline, {"indicator": entry, "report_ids": (report,)}),
        (centre, world.provider, {"indicator": entry}),
        (world.provider, centre, {"report_ids": (report,), "notice": "H-1"}),
    ):
        with pytest.raises(NotConcerned):
            say(sender, recipient, **named)
    with acting(police):
        assert not Reversal.objects.exists()
