"""An unacknowledged hop raises an alert, once, which a person answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.redress_world import Redress
from tutela import clock
from tutela.casework.alerts import answers
from tutela.casework.models import Alert
from tutela.events.transaction import acting
from tutela.redress import alerts
from tutela.redress.reversals import accept, hops


@pytest.fixture
def world(cast: Cast) -> Redress:
    return Redress(cast)


def test_a_recipient_that_is_silent_raises_one_alert(world: Redress) -> None:
    report, _entry = world.flagged()
    complaint = world.complained()
    world.measured(complaint, report)
    row = world.reversed(complaint)
    world.post()
    assert alerts.raise_new(world.judge) == 0
    with clock.simulate(clock.now() + timedelta(hours=25)):
        assert alerts.raise_new(world.judge) == 1
        assert alerts.raise_new(world.judge) == 0
        # The Centre is late too: nobody there has answered.
        there = world.at(world.centre.machine, row.root_id)
        alerts.raise_new(world.centre.lead)
        with acting(world.centre.lead):
            assert Alert.objects.filter(subject_id=there.pk).count() == 1
        answers.answer(world.judge, hops.SUBJECT, row.pk)
        accept.keep(world.centre.lead, there.pk, "separate_reason")
        world.answered(world.judge, row.root_id)
        world.post()
        with acting(world.judge):
            assert row not in alerts.overdue()
    assert world.hops(world.provider, row.root_id)["centre"] == "kept"
    assert world.at(world.provider, row.root_id).ended_at
