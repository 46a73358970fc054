"""Referrals as cases: the next one, a break after 25 minutes, answers with undo, and no other authority's."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from tests.support.cast import Cast
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.casework import jobs
from tutela.casework.assignment import claim, next_case, notes, notifications
from tutela.casework.models import Cause, Opening, PendingAction
from tutela.casework.undo import delayed_actions
from tutela.casework.undo.errors import AlreadySentOut
from tutela.events.errors import Forbidden, NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.investigations import cases, retention
from tutela.investigations.referral_work import answers, work_queue
from tutela.organisations.models import OutboxMessage

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


def _waiting(authority: Authority, referral: UUID) -> UUID:
    with acting(authority.machine):
        return PendingAction.objects.get(subject_id=referral).pk


def _answers(authority: Authority, referral: UUID) -> list[str]:
    """Kinds of the messages about a referral that wait for the Centre, or were sent."""
    with acting(authority.machine):
        rows = OutboxMessage.objects.filter(subject_id=str(referral)).order_by("created_at")
        return list(rows.values_list("kind", flat=True))


def test_an_acknowledgement_is_undone_until_it_leaves(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    authority = Authority(Centre(cast), "SI")
    me, referral = authority.investigator, authority.referred(authority.centre.file(authority.report()))
    client, page = cast.client(authority.machine, "investigator"), f"/desk/inbox/{referral}/"
    for _ in range(2):  # a double click
        client.post(f"{page}acknowledge/", {"file_reference": "A-1"})
    pk = _waiting(authority, referral)
    shown = client.get(page).content.decode()
    assert str(pk) in shown
    assert "Leaves in" in shown
    assert _answers(authority, referral) == []
    assert work_queue.open_referral(me, referral).acknowledgement is None
    reader = cast.actor(authority.machine, "administrator")
    with pytest.raises(NotFound):
        delayed_actions.undo(reader, pk)
    with pytest.raises(AlreadySentOut):  # another organisation sees no row
        delayed_actions.undo(cast.actor(cast.centre, "analyst"), pk)
    delayed_actions.undo(cast.actor(authority.machine, "investigator"), pk)  # a colleague with the same right
    with clock.simulate(clock.now() + timedelta(minutes=5)):
        assert not delayed_actions.run_due(authority.machine, pk)
    assert _answers(authority, referral) == []
    client.post(f"{page}acknowledge/", {"file_reference": "A-2"})
    pk = _waiting(authority, referral)
    with clock.simulate(clock.now() + timedelta(seconds=11)):
        assert delayed_actions.run_due(authority.machine, pk)
        assert not delayed_actions.run_due(authority.machine, pk)
    assert _answers(authority, referral) == ["acknowledgement"]
    kept = work_queue.open_referral(me, referral).acknowledgement
    assert kept is not None
    assert kept.file_reference == "A-2"


def test_an_outcome_is_undone_until_it_leaves(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(Centre(cast), "SK")
    me, referral = authority.investigator, authority.referred(authority.centre.file(authority.report()))
    answers.acknowledge(me, referral)
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    client, page = cast.client(authority.machine, "investigator"), f"/desk/inbox/{referral}/"
    fields = {"kind": "taken_up", "reason": "", "release": "provider", "token": str(uuid4())}
    for _ in range(2):
        client.post(f"{page}outcome/", fields)
    delayed_actions.undo(me, _waiting(authority, referral))
    assert _answers(authority, referral) == ["acknowledgement"]
    client.post(f"{page}outcome/", fields)
    with clock.simulate(clock.now() + timedelta(seconds=11)):
        assert delayed_actions.run_due(authority.machine, _waiting(authority, referral))
    assert _answers(authority, referral) == ["acknowledgement", "outcome"]


def test_an_outcome_that_the_case_system_overtook_does_not_leave(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(Centre(cast), "HR")
    me, referral = authority.investigator, authority.referred(authority.centre.file(authority.report()))
    answers.acknowledge(me, referral)
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    said = {"kind": "closed", "reason": "", "release": "provider", "token": str(uuid4()), "children": ""}
    assert delayed_actions.perform(me, cases.OUTCOME, referral, said)
    answers.report_outcome(authority.machine, referral, kind="taken_up", reason="", release="provider")
    with clock.simulate(clock.now() + timedelta(seconds=11)):
        assert not delayed_actions.run_due(authority.machine, _waiting(authority, referral))
    assert [one.cause for one in notifications.own(me)] == [Cause.FAILED]
    assert _answers(authority, referral) == ["acknowledgement", "outcome"]


def test_who_may_not_answer_delays_no_answer(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    authority = Authority(Centre(cast), "BG")
    referral = authority.referred(authority.centre.file(authority.report()))
    said: dict[str, object] = {"file_reference": "", "has_files": False}
    with pytest.raises(Forbidden):
        delayed_actions.perform(cast.actor(authority.machine, "administrator"), cases.ACKNOWLEDGE, referral, said)
    stranger = cast.actor(cast.organisation("Police", "authority", "BE"), "investigator")
    with pytest.raises(NotFound):
        delayed_actions.perform(stranger, cases.ACKNOWLEDGE, referral, said)
    with acting(authority.machine):
        assert not PendingAction.objects.filter(subject_id=referral).exists()


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
