"""A drill: certified by two, at every connected Edge, reversed at every recipient; and it ends whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.drill_world import DrillWorld, policy_in_force, policy_of_drills
from tutela import clock
from tutela.events.errors import Forbidden, NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.indicators.drills import arrivals, members
from tutela.indicators.errors import NoTestEntries
from tutela.indicators.models import Certification, IndicatorNow, Release
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import downloads
from tutela.matching.files.drill_entries import CATEGORY, is_test
from tutela.organisations.models import OutboxMessage
from tutela.redress import jobs
from tutela.redress.drills import results, run
from tutela.redress.errors import TooFewCertifiers, UnknownDrill
from tutela.redress.models import FINAL, Drill, Hop, Reversal


@pytest.fixture
def world(cast: Cast) -> Iterator[DrillWorld]:
    with policy_of_drills():
        yield DrillWorld(cast)


def state(world: DrillWorld, drill: object) -> str:
    with acting(world.machine):
        return IndicatorNow.objects.get(indicator_id=world.entry(drill)).state  # type: ignore[arg-type]


def test_nobody_but_the_centre_runs_one_and_a_stranger_sees_none(world: DrillWorld, cast: Cast) -> None:
    for person in (cast.actor(world.redress.hotlines[0], "analyst"), world.redress.judge):
        with pytest.raises(NotFound):
            run.start(person)
    with pytest.raises(Forbidden):
        run.start(world.redress.centre.analyst)
    drill = run.start(world.lead)
    with pytest.raises(UnknownDrill):
        results.load(world.redress.judge, drill)
    assert results.list_drills(world.redress.judge) == ([], False)
    assert run.start(world.lead) == drill, "one drill at a time"


def test_a_drill_reaches_every_edge_and_every_recipient(world: DrillWorld) -> None:
    drill = world.started()
    entry = world.entry(drill)
    assert is_test(entry)
    assert state(world, drill) == "active"
    with acting(world.machine):
        certified = list(Certification.objects.filter(indicator=entry).values_list("organisation_id", "country", "by"))
    assert {one[0] for one in certified} == {one.organisation_id for one in world.redress.hotlines}
    assert {one[2] for one in certified} == {"system:drill"}
    # An Edge that has not reported the version does not have it.
    assert not run.advance(world.lead, drill)
    assert world.view(drill).slowest_has is None
    world.polls()
    run.advance(world.lead, drill)
    assert state(world, drill) == "suspended"
    world.post()
    assert not run.advance(world.lead, drill)
    full = world.view(drill)
    assert full.slowest_has is not None
    assert (full.slowest_without, full.slowest_answer is None) == (None, False)
    world.release()
    world.polls()
    assert run.advance(world.lead, drill)
    full = world.view(drill)
    assert (full.late, full.row.ended_at is not None, state(world, drill)) == ([], True, "revoked")
    names = {one.name for one in full.lines if one.kind == "recipient" and one.connected}
    everybody = (world.redress.provider, *world.redress.hotlines, world.redress.authority.machine)
    assert names == {one.organisation_name for one in everybody}
    assert sorted(full.certifiers) == sorted(one.organisation_name for one in world.redress.hotlines)


def test_every_recipient_gets_the_same_bytes_with_the_entry(world: DrillWorld) -> None:
    other = world.cast.other_provider
    for one in (world.redress.provider, other):
        world.redress.grant(one)
    drill = world.started()
    with acting(world.machine):
        version = arrivals.first_version_with(world.entry(drill))
        assert version
        row = Release.objects.get(list_id=version_files.LIST_ID, version=version)
        part = "changes" if row.changes_sha256 else "snapshot"
    found = {
        downloads.for_recipient(world.machine, one, version_files.LIST_ID, version, part)
        for one in (world.redress.provider, other)
    }
    assert len(found) == 1
    assert world.entry(drill).bytes in found.pop()


def test_every_event_of_a_drill_says_that_it_is_a_test(world: DrillWorld) -> None:
    drill = world.finished()
    entry, proposed = world.entry(drill), 0
    for one in world.redress.hotlines:
        with acting(one):
            found = [each for each in timeline("indicator", entry) if each.kind == "indicator.proposed"]
            proposed += sum(each.facts["classification"] == CATEGORY for each in found)
            told = timeline("reversal", Reversal.objects.get(root_id=drill).pk)
            assert [one.facts["test"] for one in told if one.kind == "reversal.begun"] == [True]
    assert proposed == 1
    with acting(world.machine):
        kinds = {one.kind for one in timeline("drill", drill)}
    assert {"drill.begun", "drill.ended"} <= kinds


def test_an_edge_and_a_recipient_that_do_not_answer_are_late_and_the_drill_ends(world: DrillWorld) -> None:
    slow = world.cast.other_provider
    world.release()
    world.polls(slow)
    drill = world.started()
    world.polls()
    assert not run.advance(world.lead, drill)
    assert state(world, drill) == "active"
    later = clock.now() + run.EDGES_WAIT + timedelta(seconds=1)
    with clock.simulate(later):
        run.advance(world.lead, drill)
        assert state(world, drill) == "suspended"
        world.redress.centre.deliver(world.redress.provider)
    with clock.simulate(later + run.RECIPIENTS_WAIT + timedelta(seconds=2)):
        assert run.advance(world.lead, drill)
    full = world.view(drill)
    late = {(one.name, one.kind) for one in full.late}
    assert (slow.organisation_name, "edge") in late
    assert (world.redress.hotlines[0].organisation_name, "recipient") in late
    with acting(world.machine):
        waiting = OutboxMessage.objects.filter(kind="reversal", answered_at=None, subject_id__in=_hops(drill))
        assert not waiting.exists(), "what was not delivered is forgotten"
        assert Hop.objects.filter(pk__in=_hops(drill)).exclude(state__in=FINAL).exists()


def _hops(drill: object) -> list[str]:
    return [str(one) for one in Hop.objects.filter(reversal__root_id=drill).values_list("pk", flat=True)]


def test_who_is_away_is_named_and_not_waited_for(world: DrillWorld, cast: Cast) -> None:
    away, keyless = cast.other_provider, cast.organisation("Keyless", "hotline", "FR")
    world.release()
    with clock.simulate(clock.now() - arrivals.CONNECTED_FOR - timedelta(seconds=1)):
        world.polls(away)
    drill = world.finished()
    full = world.view(drill)
    found = {(one.name, one.kind): one.connected for one in full.lines}
    assert found[away.organisation_name, "edge"] is False
    assert found[keyless.organisation_name, "recipient"] is False
    assert full.late == []


def test_a_drill_that_was_killed_goes_on_by_the_job(world: DrillWorld) -> None:
    world.release()
    world.polls()
    drill = run.start(world.lead)
    jobs.go_on_with_drills(0)
    world.release()
    world.polls()
    jobs.go_on_with_drills(0)
    world.release()
    world.polls()
    world.post()
    jobs.go_on_with_drills(0)
    jobs.go_on_with_drills(0)
    with acting(world.machine):
        assert Drill.objects.get(pk=drill).ended_at
        assert Reversal.objects.filter(root_id=drill).count() == 1
    assert world.view(drill).late == []


def test_a_certifier_that_leaves_ends_the_drill_and_the_next_one_refuses(world: DrillWorld, cast: Cast) -> None:
    drill = run.start(world.lead)
    for one in world.redress.hotlines:
        members.leave(cast.actor(one, "analyst"))
    assert run.advance(world.lead, drill)
    assert world.view(drill).slowest_has is None
    with acting(world.machine):
        assert not Reversal.objects.filter(root_id=drill).exists()


def test_without_a_policy_that_names_test_entries_there_is_no_drill(cast: Cast) -> None:
    lead = cast.actor(cast.centre, "lead")
    with pytest.raises(NoTestEntries, match="tutela-test:7e57da7a-7e57-8e57"):
        run.start(lead)
    with policy_in_force(), pytest.raises(NoTestEntries):
        run.start(lead)
    with policy_of_drills():
        for one in members.certifiers():
            members.leave(cast.actor(one, "analyst"))
        with pytest.raises(TooFewCertifiers):
            run.start(lead)
