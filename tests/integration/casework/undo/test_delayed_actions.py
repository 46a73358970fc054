"""Undo: what sends something waits, is undone by anybody with the right, and leaves once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings

from tests.support.cast import Cast
from tests.support.detection_world import World
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.casework import jobs
from tutela.casework.assignment import notifications
from tutela.casework.models import Cause, PendingAction
from tutela.casework.undo import actions, delayed_actions
from tutela.casework.undo.errors import AlreadySentOut, AnotherWaits, ChangedSince
from tutela.detection.cases import DRAFT, SEND
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.organisations.models import OutboxMessage, RoleGrant
from tutela.reports.cases import ASSESS, REFER
from tutela.reports.errors import AlreadyDecided
from tutela.reports.triage import assess

FORWARD = {"decision": "forward", "reason": "", "seen": 0, "code": ""}


@pytest.fixture(autouse=True)
def ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)


def _waiting(centre: Centre, report_id: UUID) -> UUID:
    with acting(centre.machine):
        return PendingAction.objects.get(subject_id=report_id).pk


def _messages(centre: Centre, report_id: UUID) -> int:
    with acting(centre.machine):
        return OutboxMessage.objects.filter(subject_id=str(report_id)).count()


def test_a_decision_leaves_after_ten_seconds(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    assert delayed_actions.perform(centre.analyst, ASSESS, made, FORWARD)
    assert centre.row(made).state == "open"
    assert _messages(centre, made) == 0
    pk = _waiting(centre, made)
    assert not delayed_actions.run_due(centre.machine, pk)  # too early
    with clock.simulate(clock.now() + timedelta(seconds=10)):
        assert pk in delayed_actions.due(centre.machine)
        assert delayed_actions.run_due(centre.machine, pk)
        assert not delayed_actions.run_due(centre.machine, pk)
    assert centre.row(made).state == "forward"
    assert _messages(centre, made) > 0
    with acting(centre.machine):
        by = {one.kind: one.actor for one in timeline("report", made)}
    assert by["report.forward"] == centre.analyst.reference
    with pytest.raises(AlreadySentOut):
        delayed_actions.undo(centre.analyst, pk)


def test_a_colleague_with_the_same_right_undoes_it(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    delayed_actions.perform(centre.analyst, ASSESS, made, FORWARD)
    pk = _waiting(centre, made)
    with pytest.raises(NotFound):
        delayed_actions.undo(cast.actor(cast.centre, "administrator"), pk)
    with pytest.raises(AlreadySentOut):  # another organisation sees no row
        delayed_actions.undo(cast.actor(cast.pixelpost, "lead"), pk)
    assert delayed_actions.undo(centre.lead, pk) == ("report", made)
    with clock.simulate(clock.now() + timedelta(minutes=5)):
        assert not delayed_actions.run_due(centre.machine, pk)
    assert centre.row(made).state == "open"
    assert _messages(centre, made) == 0


def test_a_second_decision_waits_for_the_first(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    delayed_actions.perform(centre.analyst, ASSESS, made, FORWARD)
    for again in (centre.analyst, centre.lead):
        with pytest.raises(AnotherWaits) as refused:
            delayed_actions.perform(again, ASSESS, made, FORWARD)
        assert centre.analyst.name in str(refused.value)


def test_what_changed_since_is_not_sent(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    delayed_actions.perform(centre.analyst, ASSESS, made, FORWARD)
    pk = _waiting(centre, made)
    found = replace(actions.action(ASSESS), rests_on=lambda _id: "another revision")
    monkeypatch.setitem(actions._ACTIONS, ASSESS, found)
    with pytest.raises(ChangedSince):
        delayed_actions.apply_now(centre.analyst, pk)
    with clock.simulate(clock.now() + timedelta(seconds=10)):
        assert not delayed_actions.run_due(centre.machine, pk)
    assert centre.row(made).state == "open"
    assert _messages(centre, made) == 0
    assert notifications.own(centre.analyst)[0].cause == Cause.FAILED


def test_errors_are_shown_at_once_and_nothing_waits(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    with pytest.raises(Invalid):
        delayed_actions.perform(centre.analyst, ASSESS, made, {**FORWARD, "decision": "unfounded"})
    with pytest.raises(Forbidden):
        delayed_actions.perform(cast.actor(cast.centre, "administrator"), ASSESS, made, FORWARD)
    assess.assess(centre.lead, made, "forward", "", seen=0)
    with pytest.raises(AlreadyDecided):
        delayed_actions.perform(centre.analyst, ASSESS, made, FORWARD)
    with acting(centre.machine):
        assert not PendingAction.objects.filter(subject_id=made).exists()


def test_a_referral_is_undone_as_if_it_had_never_been_made(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "RO")
    made = centre.file(authority.report())
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    before = centre.clocks(made), _messages(centre, made)
    delayed_actions.perform(centre.analyst, REFER, made, {"open_list": False, "chosen": None})
    delayed_actions.undo(centre.analyst, _waiting(centre, made))
    assert (centre.clocks(made), _messages(centre, made)) == before
    assert centre.row(made).state == "forward"
    delayed_actions.perform(centre.analyst, REFER, made, {"open_list": False, "chosen": None})
    delayed_actions.apply_now(centre.analyst, _waiting(centre, made))
    assert centre.row(made).state == "referred"


def test_what_is_refused_by_then_tells_its_person(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    delayed_actions.perform(centre.analyst, ASSESS, made, FORWARD)
    pk = _waiting(centre, made)
    assess.assess(centre.lead, made, "ask", "When?", seen=0)
    with clock.simulate(clock.now() + timedelta(seconds=11)):
        assert not delayed_actions.run_due(centre.machine, pk)
    assert centre.row(made).state == "asked"
    assert [one.cause for one in notifications.own(centre.analyst)] == [Cause.FAILED]
    with acting(centre.machine):
        assert not PendingAction.objects.filter(pk=pk).exists()


def test_rights_that_are_gone_by_then_send_nothing(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    delayed_actions.perform(centre.analyst, ASSESS, made, FORWARD)
    RoleGrant.objects.filter(person_id=centre.analyst.person_id).update(ended_at=clock.now())
    with clock.simulate(clock.now() + timedelta(seconds=11)):
        assert not delayed_actions.run_due(centre.machine, _waiting(centre, made))
    assert centre.row(made).state == "open"


def test_a_clock_that_was_ahead_holds_nothing_back(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    with clock.simulate(clock.now() + timedelta(days=3)):
        delayed_actions.perform(centre.analyst, ASSESS, made, FORWARD)
    assert delayed_actions.run_due(centre.machine, _waiting(centre, made))


def test_a_machine_does_not_wait(cast: Cast) -> None:
    from dataclasses import replace

    centre = Centre(cast)
    made = centre.file(report())
    assert not delayed_actions.perform(replace(centre.analyst, reference="key:x"), ASSESS, made, FORWARD)
    assert centre.row(made).state == "forward"


def test_a_providers_report_waits_and_is_undone(cast: Cast) -> None:
    world = World(cast)
    world.join()
    draft = world.draft()
    with pytest.raises(Forbidden):
        delayed_actions.perform(world.reviewer, SEND, draft, {})
    assert delayed_actions.perform(world.lead, SEND, draft, {})
    with acting(world.lead):
        assert not OutboxMessage.objects.filter(subject_id=str(draft)).exists()
    delayed_actions.undo_of_case(cast.actor(world.provider, "lead"), DRAFT, draft)
    delayed_actions.perform(world.lead, SEND, draft, {})
    with acting(world.lead):
        pk = PendingAction.objects.get(subject_id=draft).pk
    with clock.simulate(clock.now() + timedelta(seconds=11)):
        jobs.minutely(0)
    with acting(world.lead):
        assert OutboxMessage.objects.filter(subject_id=str(draft)).count() == 1
    with pytest.raises(AlreadySentOut):
        delayed_actions.undo(world.lead, pk)
    jobs.run_action(str(world.provider.organisation_id), str(pk))
    with acting(world.lead):
        assert OutboxMessage.objects.filter(subject_id=str(draft)).count() == 1
