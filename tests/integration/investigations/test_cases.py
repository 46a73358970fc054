"""Referrals as cases: the next one without opening it, a break after 25 minutes, and no other authority's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.casework import jobs
from tutela.casework.assignment import claim, next_case, notes
from tutela.casework.models import Opening
from tutela.events.errors import NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.investigations import cases, retention
from tutela.investigations.referral_work import answers

KIND = "referral"


def test_the_next_referral_is_offered_until_it_is_answered(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "MT")
    me = authority.investigator
    first, second = (authority.referred(centre.file(authority.report())) for _ in range(2))
    offered = next_case.offer(me, KIND).case
    assert offered is not None
    assert offered.subject_id == first
    with acting(me):
        assert "referral.viewed" not in [one.kind for one in timeline("referral", first)]
    claim.claim(me, KIND, first)
    answers.acknowledge(me, first)
    with acting(me):
        assert claim.current(KIND, first) is None
    claim.pass_on(me, KIND, second)
    again = next_case.offer(me, KIND).case
    assert again is not None
    assert again.subject_id == first  # acknowledged, without an outcome
    claim.claim(me, KIND, first)
    answers.report_outcome(me, first, kind="taken_up", reason="", release="provider")
    with acting(me):
        assert claim.current(KIND, first) is None
    assert next_case.offer(me, KIND).case is None


def test_a_break_is_advised_and_old_openings_are_deleted(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "CY")
    me, begun = authority.investigator, clock.now()
    referral, other = (authority.referred(centre.file(authority.report())) for _ in range(2))
    with acting(me):
        cases.note_opening(me, referral)
    assert not next_case.offer(me, KIND).break_due
    with clock.simulate(begun + timedelta(minutes=14)), acting(me):
        cases.note_opening(me, other)
    with clock.simulate(begun + timedelta(minutes=28)):
        assert next_case.offer(me, KIND).break_due  # 28 minutes without a break
    with clock.simulate(begun + timedelta(minutes=61)), acting(me):
        cases.note_opening(me, referral)
    with clock.simulate(begun + timedelta(minutes=87)):
        assert not next_case.offer(me, KIND).break_due  # 26 minutes without an opening are a break
    with clock.simulate(begun + timedelta(days=3)):
        jobs.hourly(0)
    with acting(me):
        assert not Opening.objects.filter(by=me.reference).exists()


def test_another_authority_finds_and_notes_nothing(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LU")
    referral = authority.referred(centre.file(authority.report()))
    stranger = cast.actor(cast.organisation("Police", "authority", "BE"), "investigator")
    for act in (
        lambda: claim.claim(stranger, KIND, referral),
        lambda: notes.add(stranger, KIND, referral, "fact", "x"),
        lambda: claim.pass_on(stranger, KIND, referral),
    ):
        with pytest.raises(NotFound):
            act()
    assert next_case.offer(stranger, KIND).case is None


def test_retention_erases_the_notes_of_a_referral(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "GR")
    me = authority.investigator
    referral = authority.referred(centre.file(authority.report()))
    notes.add(me, KIND, referral, "assessment", "Ours.")
    late = clock.now() + timedelta(days=4000)
    with clock.simulate(late), acting(authority.machine):
        assert list(retention.erase_kept(authority.machine, late))
        assert notes.of_case(KIND, referral) == []
