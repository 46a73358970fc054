"""From one hotline to the other and back, over the real API: each message once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.partners_world import Partners
from tests.support.takedown_world import LABEL
from tutela import clock
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.exchange.takedown.hotline_message import ActionKind
from tutela.exchange.takedown.look import Answer
from tutela.organisations.messages import outbox
from tutela.organisations.models import OutboxMessage
from tutela.takedown import case_changes
from tutela.takedown.assessment import assess
from tutela.takedown.errors import (
    AlreadyNotified,
    Held,
    NoPartnerKey,
    NotHostedThere,
    NotIllegal,
    NotWithPartner,
    WithPartner,
)
from tutela.takedown.intake.open_case import address_of
from tutela.takedown.models import Availability, Notice, Source, Stage, TransferState
from tutela.takedown.notices import notify
from tutela.takedown.partners import partner_list, send_case
from tutela.takedown.police import police_steps
from tutela.takedown.rechecks import check


@pytest.fixture
def world(cast: Cast) -> Partners:
    return Partners(cast)


def test_from_the_case_to_its_verified_absence_there(world: Partners) -> None:
    case, transfer = world.sent()
    assert (world.transfer(transfer).state, world.sender.row(case).stage) == (TransferState.WAITING, Stage.RECHECK)
    assert world.post() == 1
    row = world.transfer(transfer)
    there = world.host.row(world.case_there(transfer))
    assert (row.state, there.source, there.priority, there.stage) == ("accepted", Source.HOTLINE, 1, Stage.ASSESS)
    world.removed_there(there.pk)
    world.traced(there.pk, by=world.host)
    notice = notify.queue(world.host.analyst, there.pk, notify.Recipient(channel="file"))
    notify.answered(world.host.analyst, notice, "removed", "H-1")
    world.post()
    assert world.steps(transfer) == [
        "sent",
        "accepted",
        "reported_to_police",
        "reported_to_host",
        "host_says_removed",
    ]
    assert world.sender.row(case).availability == Availability.HOST_SAYS
    check.store(world.host.analyst, there.pk, [Answer(404)])
    world.post()
    after = world.sender.row(case)
    assert (after.stage, after.availability, world.transfer(transfer).state) == ("closed", "absent", "ended")
    check.store(world.host.analyst, there.pk, [Answer(200)])
    world.post()
    after = world.sender.row(case)
    assert (after.stage, after.availability, world.transfer(transfer).state) == ("recheck", "reappeared", "accepted")
    assert after.round == 2
    check.seen(world.host.analyst, there.pk, absent=True)
    world.post()
    assert world.sender.row(case).stage == Stage.CLOSED
    assert world.steps(transfer)[-3:] == ["removed", "reappeared", "removed"]


def test_an_address_that_is_known_there_is_linked_and_reports_what_was_done(world: Partners) -> None:
    case = world.assessed()
    with acting(world.sender.analyst):
        address = address_of(world.sender.row(case)).normal
    there = world.host.reported(address).id
    world.removed_there(there)
    transfer = send_case.send(world.sender.analyst, case, world.there)
    world.post()
    assert world.transfer(transfer).state == TransferState.KNOWN
    assert world.case_there(transfer) == there
    assert world.steps(transfer) == ["sent", "known", "reported_to_police"]
    assert world.counted() == (1, 1)
    assert world.host.row(there).reports == 2


def test_no_second_partner_and_no_notice_while_one_works_on_it(world: Partners) -> None:
    case, transfer = world.sent()
    with pytest.raises(WithPartner):
        send_case.send(world.sender.analyst, case, world.there)
    world.sender.police_know(case)
    with pytest.raises(WithPartner):
        notify.queue(world.sender.analyst, case, notify.Recipient(channel="file"))
    with pytest.raises(Invalid):
        send_case.take_back(world.sender.analyst, case, " ")
    send_case.take_back(world.sender.analyst, case, "The partner does not answer.")
    with pytest.raises(NotWithPartner):
        send_case.take_back(world.sender.analyst, case, "again")
    assert world.transfer(transfer).state == TransferState.WITHDRAWN
    assert world.post() == 0, "what nobody has taken is not delivered any more"
    assert world.counted() == (0, 0)
    assert notify.queue(world.sender.analyst, case, notify.Recipient(channel="file"))
    with acting(world.sender.analyst):
        assert Notice.objects.count() == 1


def test_after_it_was_taken_back_statuses_are_history_alone(world: Partners) -> None:
    case, transfer, there = world.arrived()
    send_case.take_back(world.sender.analyst, case, "The partner asked for it.")
    world.removed_there(there)
    check.seen(world.host.analyst, there, absent=True)
    world.post()
    assert world.steps(transfer)[-1] == "removed"
    after = world.sender.row(case)
    assert (after.stage, after.availability, world.transfer(transfer).state) == (Stage.ACT, "", "withdrawn")
    again = send_case.send(world.sender.analyst, case, world.there)
    assert world.transfer(again).reference == f"{after.number}/2"
    world.post()
    assert world.counted() == (2, 1)


def test_not_illegal_there_is_a_persons_decision_here(world: Partners) -> None:
    case, transfer, there = world.arrived()
    assess.assess(world.host.analyst, there, assess.Judgement("legal"))
    world.post()
    assert (world.transfer(transfer).state, world.sender.row(case).stage) == ("ended", Stage.ACT)


def test_a_case_that_moved_to_another_country_comes_back(world: Partners) -> None:
    case, transfer, there = world.arrived()
    world.traced(there, "DE", by=world.host)
    with acting(world.host.analyst):
        row = world.host.row(there)
        row.hosting_country = "NL"
        row.save(update_fields=["hosting_country"])
        case_changes.changed(world.host.analyst, there, ActionKind.MOVED)
    world.post()
    assert world.steps(transfer)[-1] == "moved"
    assert (world.transfer(transfer).state, world.sender.row(case).stage) == ("ended", Stage.ACT)


def test_what_cannot_be_sent_says_why(world: Partners, cast: Cast) -> None:
    analyst = world.sender.analyst
    with pytest.raises(NotIllegal):
        send_case.send(analyst, world.assessed("unreachable"), world.there)
    with pytest.raises(NotHostedThere):
        send_case.send(analyst, world.assessed(country="FR"), world.there)
    with pytest.raises(NotHostedThere):
        send_case.send(analyst, world.sender.assessed(), world.there)
    notified = world.assessed()
    world.sender.police_know(notified)
    notify.queue(analyst, notified, notify.Recipient(channel="file"))
    with pytest.raises(AlreadyNotified):
        send_case.send(analyst, notified, world.there)
    held = world.assessed()
    until = clock.now() + timedelta(days=1)
    police_steps.hold(analyst, held, cast.authority.organisation_id, until, "Observation")
    with pytest.raises(Held):
        send_case.send(analyst, held, world.there)
    with pytest.raises(Forbidden):
        send_case.send(world.administrators()[0], held, world.there)
    ours, _theirs = world.administrators()
    other = cast.organisation("Hotline France", "hotline", "FR")
    bare = partner_list.add(ours, partner_list.Entered(other.organisation_id))
    with pytest.raises(NoPartnerKey):
        send_case.send(analyst, world.assessed(country="FR"), bare)
    with acting(world.sender.machine):
        assert OutboxMessage.objects.filter(kind="hotline-case").count() == 0


def test_nothing_of_a_person_leaves(world: Partners) -> None:
    case = world.sender.reported(urgent=True).id
    given = assess.Judgement("illegal", label=LABEL, reality="synthetic", reason="Written by Aoife about a child")
    assess.assess(world.sender.analyst, case, given)
    world.traced(case)
    world.sender.police_know(case)
    send_case.send(world.sender.analyst, case, world.there)
    (_id, _kind, _key, body), *rest = outbox.bodies(
        world.sender.machine, world.host.machine.organisation_id, ["hotline-case"]
    )
    assert not rest
    assert '"virtual":true' in body
    assert "reported_to_police" in body
    for word in ("Aoife", world.sender.analyst.name, "AZ 1", "abuse@host.example"):
        assert word not in body
