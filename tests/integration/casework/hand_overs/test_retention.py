"""Words of hand-overs are erased once they ended long enough, and a hold keeps them."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.support_world import DAY, Support
from tutela import clock
from tutela.casework.hand_overs import retention, send, steps, work_queue
from tutela.casework.hand_overs.rows import SUBJECT
from tutela.events.transaction import acting
from tutela.law import holds
from tutela.law import retention as rules
from tutela.law.models import Tombstone

OWN_WORDS = "Words of the desk that wrote them."


@pytest.fixture
def world(cast: Cast) -> Support:
    return Support(cast)


def received(world: Support, *states: str) -> UUID:
    """A hand-over that the hotline received, and moved to these states."""
    send.hand_over(world.analyst, world.need(world.hotline))
    world.deliver()
    row = world.received(world.hotline).row.pk
    for state in states:
        steps.step(world.hotline, row, state, OWN_WORDS, "no_capacity" if state == "refused" else "")
    return row


def has_words(world: Support, hand_over: UUID) -> bool:
    return any(one.text == OWN_WORDS for one in work_queue.load(world.hotline, hand_over).steps)


def erase(world: Support, days: int) -> set[str]:
    with acting(world.hotline):
        return {one for _kind, one in retention.erase_ended(world.hotline, clock.now() + (days - 365) * DAY)}


def test_the_receiver_keeps_the_words_of_what_ended_for_twelve_months_alone(world: Support) -> None:
    closed, refused = received(world, "accepted", "closed"), received(world, "refused")
    goes_on = received(world, "accepted", "treatment")
    assert erase(world, 364) == set()
    assert erase(world, 366) == {str(closed), str(refused)}
    assert [has_words(world, one) for one in (closed, refused, goes_on)] == [False, False, True]
    assert work_queue.load(world.hotline, closed).row.state == "closed"
    assert erase(world, 366) == set()


def test_a_hold_keeps_the_words_of_a_hand_over(world: Support) -> None:
    closed = received(world, "accepted", "closed")
    with acting(world.hotline):
        until, asked_by = clock.now() + 30 * DAY, world.authority.organisation_id
        hold = holds.place(world.hotline, SUBJECT, closed, asked_by=asked_by, reason="Letter 5.", until=until)
    assert erase(world, 366) == set()
    assert has_words(world, closed)
    with acting(world.hotline):
        holds.lift(world.hotline, hold)
    assert erase(world, 366) == {str(closed)}


def test_the_rule_runs_with_all_others_and_leaves_a_tombstone(world: Support) -> None:
    closed = received(world, "accepted", "closed")
    with clock.simulate(clock.now() + 366 * DAY):
        rules.run(world.hotline)
    assert not has_words(world, closed)
    with acting(world.hotline):
        assert Tombstone.objects.filter(rule="hand_over.ended", subject_id=str(closed)).exists()
