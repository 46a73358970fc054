"""Candidates and drafts as cases: the next candidate unopened, never one's own decision again, notes that go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.detection_world import CONFIRM, World
from tutela import clock
from tutela.casework.assignment import claim, next_case, notes
from tutela.casework.models import KeptOpening
from tutela.detection import retention
from tutela.detection.review import review
from tutela.events.errors import Forbidden, NotFound
from tutela.events.transaction import acting


def test_the_next_candidate_is_offered_without_an_opening(cast: Cast) -> None:
    world = World(cast, review_rule="two")
    first, second = world.candidate(), world.candidate()
    offered = next_case.offer(world.reviewer, "candidate").case
    assert offered is not None
    assert offered.subject_id == first
    with acting(world.reviewer):
        assert not KeptOpening.objects.filter(subject_id=first).exists()
    review.decide(world.reviewer, first, CONFIRM)
    again = next_case.offer(world.reviewer, "candidate").case
    assert again is not None
    assert again.subject_id == second  # not the own decision again
    other = next_case.offer(world.second, "candidate").case
    assert other is not None
    assert other.subject_id == first
    claim.claim(world.second, "candidate", second)
    assert next_case.offer(world.reviewer, "candidate").case is None


def test_a_draft_is_noted_by_who_sends_it(cast: Cast) -> None:
    world = World(cast)
    draft = world.draft()
    with pytest.raises(Forbidden):
        notes.add(world.reviewer, "draft", draft, "fact", "x")
    with pytest.raises(NotFound):
        notes.add(cast.actor(cast.other_provider, "lead"), "draft", draft, "fact", "x")
    notes.add(world.lead, "draft", draft, "fact", "The account wrote again.")
    late = clock.now() + timedelta(days=4000)
    with clock.simulate(late), acting(world.lead):
        assert list(retention.erase_preserved(world.lead, late))
        assert notes.of_case("draft", draft) == []


def test_a_candidate_that_nobody_decided_takes_its_notes_with_it(cast: Cast) -> None:
    world = World(cast)
    candidate = world.candidate()
    notes.add(world.reviewer, "candidate", candidate, "fact", "x")
    late = clock.now() + timedelta(days=400)
    with clock.simulate(late), acting(world.lead):
        assert list(retention.erase_expired(world.lead, late))
        assert notes.of_case("candidate", candidate) == []
