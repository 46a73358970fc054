"""Hand-overs between agencies over the real API: receipt, acceptance, refusal, and what a school learns."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.support_world import DAY, Support, in_days
from tutela import clock
from tutela.casework.alerts import answers, escalation
from tutela.casework.hand_overs import alerts, attention, receive, rows, send, steps, work_queue
from tutela.casework.hand_overs.errors import NoAgencyKey, NotRefused, OtherSide, ReferenceTaken, StepOutOfOrder
from tutela.casework.hand_overs.send import HandOverInput
from tutela.casework.models import AgencyHandOver, Alert
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.organisations.models import OutboxMessage
from tutela.organisations.people import directory, roles


@pytest.fixture
def world(cast: Cast) -> Support:
    return Support(cast)


def test_a_stranger_and_a_key_without_the_scope_hand_nothing_over(world: Support) -> None:
    path = f"/api/v1/organisations/{world.hotline.organisation_id}/hand-overs"
    assert Client().post(path, "{}", content_type="application/json").status_code == 401
    with pytest.raises(Forbidden):
        send.hand_over(replace(world.analyst, permissions=frozenset()), world.need(world.hotline))


def test_a_hand_over_is_received_accepted_and_closed_and_each_keeps_its_own_record(world: Support) -> None:
    made = send.hand_over(world.analyst, world.need(world.hotline, subject_kind="support_case", subject_id=uuid4()))
    assert world.deliver() == 1
    ours = work_queue.load(world.analyst, made)
    theirs = world.received(world.hotline)
    assert ours.row.state == "received"
    assert ours.row.agency_reference == theirs.row.number
    assert (theirs.row.reference, theirs.row.subject_id, theirs.row.owner) == (ours.row.number, None, "")
    for state in ("accepted", "treatment", "follow_up", "closed"):
        steps.step(world.hotline, theirs.row.pk, state, "Own words.")
        world.deliver()
        assert work_queue.load(world.analyst, made).row.state == state
    assert not any(one.text for one in work_queue.load(world.analyst, made).steps), "words stay with the addressee"
    assert work_queue.load(world.hotline, theirs.row.pk).row.owner_name == world.hotline.name
    with pytest.raises(NotFound):
        work_queue.load(world.hotline, made)


def test_a_message_has_codes_alone(world: Support) -> None:
    case = uuid4()
    made = send.hand_over(world.analyst, world.need(world.hotline, subject_kind="support_case", subject_id=case))
    with acting(world.analyst):
        assert OutboxMessage.objects.filter(kind=send.KIND, subject_id=str(made)).exists()
    ((_id, _kind, _key, body),) = send.outbox.bodies(world.support, world.hotline.organisation_id, [send.KIND])
    assert str(case) not in str(body)
    assert "support_case" not in str(body)


def test_a_refused_need_stays_with_its_sender_until_another_agency_has_it(world: Support) -> None:
    made = send.hand_over(world.analyst, world.need(world.hotline))
    world.deliver()
    theirs = world.received(world.hotline).row.pk
    with pytest.raises(Invalid):
        steps.step(world.hotline, theirs, "refused")
    steps.step(world.hotline, theirs, "refused", because="no_capacity")
    world.deliver()
    refused = work_queue.load(world.analyst, made)
    assert (refused.row.state, refused.refused, refused.needs_somebody) == ("refused", True, True)
    again = send.hand_over(world.analyst, world.need(world.authority), replaces=made)
    world.deliver()
    assert work_queue.load(world.analyst, made).row.state == "settled"
    assert work_queue.load(world.analyst, again).row.state == "received"
    with pytest.raises(NotRefused):
        send.settle(world.analyst, again, "Not refused.")
    with pytest.raises(StepOutOfOrder):
        steps.step(world.hotline, theirs, "accepted")


def test_a_hand_over_that_nobody_accepts_or_owns_raises_alerts_until_it_is_closed(world: Support) -> None:
    made = send.hand_over(world.analyst, world.need(world.hotline))
    now = clock.now()
    assert alerts.raise_new(world.support) == 0
    with clock.simulate(now + 4 * DAY):
        assert alerts.raise_new(world.support) == 1
        assert alerts.raise_new(world.support) == 0
    with clock.simulate(now + 4 * DAY + DAY):
        assert escalation.raise_again(world.support, (rows.SUBJECT,)) >= 1
        answers.answer(world.analyst, rows.SUBJECT, made)
    world.deliver()
    theirs = world.received(world.hotline).row.pk
    steps.step(world.hotline, theirs, "accepted")
    steps.leave(world.hotline, theirs)
    assert alerts.raise_new(world.hotline) == 1, "it has no owner"
    steps.take(world.hotline, theirs)
    with clock.simulate(now + 20 * DAY), acting(world.hotline):
        assert [one.pk for one in attention.open_needs()] == [theirs], "its day is over"
    steps.step(world.hotline, theirs, "closed")
    with clock.simulate(now + 20 * DAY), acting(world.hotline):
        assert not attention.open_needs()
        assert Alert.objects.filter(subject_kind=rows.SUBJECT).exists()


def test_a_school_learns_the_protective_action_alone(world: Support) -> None:
    given = HandOverInput("therapy", "consent", in_days(3), agency_name="A school", agency_kind="school")
    with pytest.raises(Invalid) as wrong:
        send.hand_over(world.analyst, given)
    assert wrong.value.field == "need"
    said = replace(given, need="protective_action", actions=("collection", "absence"))
    full = work_queue.load(world.analyst, send.hand_over(world.analyst, said))
    assert "collect the child" in full.letter
    assert full.row.reference in full.letter
    for word in ("consent", "therapy", "ground", "Victim Support", "protective"):
        assert word not in full.letter
    steps.step(world.analyst, full.row.pk, "received")
    steps.step(world.analyst, full.row.pk, "accepted")
    with pytest.raises(Invalid):
        send.hand_over(world.analyst, replace(said, due_on=in_days(-1)))


def test_the_sender_records_no_step_of_an_organisation_and_takes_back_what_is_not_closed(world: Support) -> None:
    made = send.hand_over(world.analyst, world.need(world.hotline))
    world.deliver()
    with pytest.raises(OtherSide):
        steps.step(world.analyst, made, "accepted")
    theirs = world.received(world.hotline).row.pk
    steps.step(world.hotline, theirs, "accepted")
    send.withdraw(world.analyst, made, "The person withdrew consent.")
    world.deliver()
    assert work_queue.load(world.hotline, theirs).row.state == "withdrawn"
    with pytest.raises(StepOutOfOrder):
        steps.step(world.hotline, theirs, "treatment")
    stranger = world.cast.organisation("Other Hotline", "hotline", "FR")
    with pytest.raises(NoAgencyKey):
        send.hand_over(world.analyst, world.need(stranger))


def test_another_organisation_cannot_speak_about_a_hand_over(world: Support) -> None:
    made = send.hand_over(world.analyst, world.need(world.hotline))
    world.deliver()
    with acting(world.analyst):
        reference = AgencyHandOver.objects.get(pk=made).reference
    with acting(world.authority):
        row = AgencyHandOver(
            organisation_id=world.authority.organisation_id,
            reference=reference,
            agency_id=world.support.organisation_id,
        )
        send.send_status(world.authority, row, send.HandOverStep.CLOSED)
    world.deliver()
    with acting(world.authority):
        assert OutboxMessage.objects.get(kind=send.STATUS_KIND).answer_status == 404
    assert work_queue.load(world.analyst, made).row.state == "received"


def test_a_hand_over_whose_owner_has_left_raises_an_alert(world: Support) -> None:
    made = send.hand_over(world.colleague, world.need(world.hotline))
    world.deliver()
    with acting(world.support):
        assert made not in {one.pk for one in attention.open_needs()}
    administrator = world.cast.actor(world.support, "administrator")
    assert world.colleague.person_id
    roles.set_person_status(administrator, world.colleague.person_id, "deactivated", "Left.")
    with acting(world.support):
        assert made in {one.pk for one in attention.open_needs()}


def test_the_bell_the_list_the_page_and_the_start_page_count_the_same(world: Support) -> None:
    fine = send.hand_over(world.analyst, world.need(world.hotline))
    without_owner, owner_left = (
        send.hand_over(one, world.need(world.hotline)) for one in (world.analyst, world.colleague)
    )
    world.deliver()
    rows_there, _more = work_queue.list_hand_overs(world.hotline, work_queue.HandOverFilter(work_queue.NEW_VIEW))
    there = work_queue.overview(world.hotline)
    assert there
    assert there["todos"][1][1:3] == (3, "/desk/hand-overs/?view=new")
    assert len(rows_there) == 3
    for row in rows_there:
        steps.step(world.hotline, row.pk, "accepted")
    world.deliver()
    steps.leave(world.analyst, without_owner)
    administrator = world.cast.actor(world.support, "administrator")
    assert world.colleague.person_id
    roles.set_person_status(administrator, world.colleague.person_id, "deactivated", "Left.")
    wanted = {without_owner, owner_left}
    alerts.raise_new(world.support)
    with acting(world.support):
        assert alerts.HAND_OVERS.unanswered().unanswered == len(wanted)
    every, _more = work_queue.list_hand_overs(world.analyst, work_queue.HandOverFilter())
    assert {one.pk for one in every if one.alerted} == wanted < {one.pk for one in every}
    late, _more = work_queue.list_hand_overs(world.analyst, work_queue.HandOverFilter(work_queue.LATE_VIEW))
    assert {one.pk for one in late} == wanted
    shown = {one: work_queue.load(world.analyst, one).needs_somebody for one in (*wanted, fine)}
    assert {one for one, needs in shown.items() if needs} == wanted
    overview = work_queue.overview(world.analyst)
    assert overview
    _text, count, address, _urgent = overview["todos"][0]
    assert (count, address) == (len(wanted), "/desk/hand-overs/?view=late")


def test_a_reference_stands_for_one_hand_over_alone(world: Support) -> None:
    send.hand_over(world.analyst, world.need(world.hotline))
    ((_id, _kind, _key, body),) = send.outbox.bodies(world.support, world.hotline.organisation_id, [send.KIND])
    world.deliver()
    hotline = directory.entry(world.hotline.organisation_id)
    assert hotline
    same, other = json.loads(body) | {"message_id": str(uuid4())}, json.loads(body) | {"need": "medical"}
    answer, _body = receive.receive(world.support, hotline, "again", json.dumps(same).encode())
    assert answer == 201
    with pytest.raises(ReferenceTaken):
        receive.receive(world.support, hotline, "other", json.dumps(other).encode())
    assert world.received(world.hotline).row.need == "therapy"


def test_what_was_taken_back_before_it_arrived_is_never_delivered(world: Support) -> None:
    made = send.hand_over(world.analyst, world.need(world.hotline))
    send.withdraw(world.analyst, made, "Consent is withdrawn.")
    assert not send.outbox.bodies(world.support, world.hotline.organisation_id, [send.KIND])
    world.deliver()
    rows_there, _more = work_queue.list_hand_overs(world.hotline, work_queue.HandOverFilter("all", way="received"))
    assert not rows_there
    assert work_queue.load(world.analyst, made).row.state == "withdrawn"
