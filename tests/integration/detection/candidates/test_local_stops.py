"""A stop at one provider lasts until the Centre leaves the entry unchanged, or for 90 days, and closes nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.support.cast import Cast
from tests.support.detection_world import CONFIRM, body
from tests.support.redress_world import Redress
from tutela import clock
from tutela.detection.candidates import local_stops, viewing_budget
from tutela.detection.errors import SetAside
from tutela.detection.models import Candidate, Outcome
from tutela.detection.review import review
from tutela.events.transaction import acting
from tutela.redress.complaints.decide import Judgement
from tutela.redress.reversals import accept, work_queue

CHANCE = Judgement("reverse", "chance", "The hashes match by coincidence.")


@pytest.fixture
def world(cast: Cast) -> Redress:
    return Redress(cast)


def state(world: Redress, candidate: UUID) -> str:
    with acting(world.provider):
        return Candidate.objects.get(pk=candidate).state


def stopped(world: Redress, entry: UUID) -> bool:
    with acting(world.provider):
        return bool(local_stops.stopped([entry]))


def test_an_entry_that_the_centre_spares_matches_here_again_at_once(world: Redress) -> None:
    report, entry = world.flagged()
    pending = world.desk.candidate(body(entry=entry))
    complaint = world.complained()
    world.measured(complaint, report)
    root = world.reversed(complaint, CHANCE).root_id
    assert (state(world, pending), stopped(world, entry)) == ("stopped", True)
    world.post()
    accept.accept(world.centre.lead, world.at(world.centre.machine, root).pk, spare=True)
    world.post()
    # The reversal itself still waits for the provider's own measure.
    assert world.at(world.provider, root).ended_at is None
    assert (state(world, pending), stopped(world, entry)) == ("open", False)
    with acting(world.provider):
        assert not Outcome.objects.filter(subject_id=pending).exists()
    assert review.decide(world.desk.reviewer, pending, CONFIRM).report_id


def test_an_entry_that_the_centre_stops_rests_here_and_the_page_says_until_when(world: Redress) -> None:
    report, entry = world.flagged()
    complaint = world.complained()
    world.measured(complaint, report)
    row = world.reversed(complaint, CHANCE)
    world.post()
    accept.accept(world.centre.lead, world.at(world.centre.machine, row.root_id).pk)
    world.post()
    assert stopped(world, entry)
    full = work_queue.load(world.judge, row.pk)
    assert full.centre_decides
    page = world.cast.client(world.provider, "lead").get(f"/desk/reversals/{row.pk}/").content.decode()
    assert "Stopped here until the Centre leaves the entry unchanged" in page
    with clock.simulate(clock.now() + local_stops.LASTS - timedelta(minutes=1)):
        assert local_stops.lift_expired(world.provider) == 0
    with clock.simulate(clock.now() + local_stops.LASTS):
        assert local_stops.lift_expired(world.provider) == 1
        assert local_stops.lift_expired(world.provider) == 0
    assert not stopped(world, entry)


def test_a_candidate_that_was_set_aside_is_decided_by_nobody(world: Redress) -> None:
    _report, entry = world.flagged()
    seen, half = world.desk.candidate(body(entry=entry)), world.desk.candidate(body(entry=entry))
    cause = uuid4()
    with acting(world.provider):
        # One person has decided already: a second must, once the stop has ended.
        Candidate.objects.filter(pk=half).update(state="second")
        assert local_stops.stop(world.provider, entry, cause) == 2
        assert local_stops.stop(world.provider, entry, cause) == 0
    with pytest.raises(SetAside):
        review.decide(world.desk.reviewer, seen, CONFIRM)
    with pytest.raises(SetAside):
        viewing_budget.open_item(world.desk.reviewer, seen)
    with acting(world.provider):
        local_stops.lift(world.provider, entry, cause)
    assert state(world, seen) == "open"


def test_an_entry_with_two_stops_rests_until_both_have_ended(world: Redress) -> None:
    _report, entry = world.flagged()
    waiting, causes = world.desk.candidate(body(entry=entry)), (uuid4(), uuid4())
    with acting(world.provider):
        for one in causes:
            local_stops.stop(world.provider, entry, one)
        local_stops.lift(world.provider, entry, causes[0])
    assert state(world, waiting) == "stopped"
    with acting(world.provider):
        local_stops.lift(world.provider, entry, causes[1])
    assert state(world, waiting) == "open"
