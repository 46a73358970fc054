"""A host that lies: about messages that it was never sent, about times to come, and about what was replaced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tests.support.cast import Cast
from tests.support.removal_world import Removal, digests, forget_limits
from tutela import clock
from tutela.casework.anonymous import inbox, retention
from tutela.events.transaction import acting
from tutela.exchange.removal.scheme import KeptBecause, RemovalAnswer, RemovalOutcome
from tutela.organisations.people import directory
from tutela.victims.case_work import closing_letter, withdraw, work_queue
from tutela.victims.errors import NothingToSend, UnknownSending
from tutela.victims.hosts import answers, send
from tutela.victims.models import SchemeHost, SendingState, SendingStep


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def sent(world: Removal) -> UUID:
    """A request that the first host has."""
    world.accept("pdq")
    request = world.request(world.asks())
    world.send(request)
    return request


def says(world: Removal, request: UUID, outcome: str, *, host: int = 0, key: str = "", **changed: object) -> None:
    """An answer of a host about a request, as it comes to victim support."""
    sending = world.sending(request)
    said: dict[str, object] = {
        "answer_id": uuid4(),
        "message_id": sending.message_id,
        "sequence": sending.sequence,
        "outcome": RemovalOutcome(outcome),
        "because": KeptBecause.LAWFUL if outcome == "kept" else None,
        "at": clock.now(),
    }
    body = RemovalAnswer(**said | changed).to_bytes()  # type: ignore[arg-type]
    entry = directory.entry(world.support.organisation_id)
    answers.receive(world.hosts[host].provider, entry, key or str(uuid4()), body)


def state(world: Removal, request: UUID) -> str:
    """The state of the first picture at the first host."""
    return world.states(request)[0][2]


def test_only_the_host_that_was_sent_a_message_answers_about_it(world: Removal) -> None:
    request = sent(world)
    for wrong in ({"host": 1}, {"message_id": uuid4()}, {"sequence": 2}):
        with pytest.raises(UnknownSending):
            says(world, request, "removed", **wrong)  # type: ignore[arg-type]
    assert state(world, request) == "received"


def test_the_same_answer_under_another_key_is_one_answer(world: Removal) -> None:
    request, answer_id = sent(world), uuid4()
    for _ in range(3):
        says(world, request, "removed", answer_id=answer_id)
    assert state(world, request) == "removed", "and did not come back"


def test_an_answer_about_a_replaced_message_says_nothing_of_the_newer_one(world: Removal) -> None:
    request = sent(world)
    with acting(world.support):
        row = world.row(request)
        send.take_back(world.support, row, SendingState.PAUSED)
        send.send_again(world.support, row)
    world.post()
    before = state(world, request)
    for outcome in ("removed", "kept", "deleted"):
        says(world, request, outcome, sequence=1)
    assert state(world, request) == before
    assert not world.row(request).flagged


@pytest.mark.parametrize("at", [timedelta(days=900), timedelta(days=-900)])
def test_a_time_before_the_request_or_to_come_is_not_shown(world: Removal, at: timedelta) -> None:
    begun, request = clock.now(), sent(world)
    says(world, request, "removed", at=clock.now() + at)
    with acting(world.support):
        times: list[datetime] = list(
            SendingStep.objects.filter(sending=world.sending(request)).values_list("at", flat=True)
        )
    assert all(begun <= one <= clock.now() for one in times)


def test_what_was_withdrawn_stays_so_whatever_a_host_says(world: Removal) -> None:
    request = sent(world)
    withdraw.by_staff(world.analyst, request, "The person called.")
    for outcome in ("removed", "kept"):
        says(world, request, outcome)
    assert state(world, request) == "withdrawn"
    row = world.row(request)
    assert (row.stage, row.flagged) == ("withdrawn", False)


def test_a_host_that_is_not_verified_any_more_gets_nothing(world: Removal) -> None:
    world.accept("pdq")
    request, host = world.request(world.asks()), world.hosts[0].provider
    with acting(world.support):
        row = SchemeHost.objects.get(host_id=host.organisation_id)
    administrator = world.cast.actor(world.cast.centre, "administrator")
    directory.set_status(administrator, host.organisation_id, "suspended", "A test")
    try:
        assert row.pk not in {one.pk for one in work_queue.load(world.analyst, request).accepting}
        with pytest.raises(NothingToSend):
            send.send(world.analyst, request, [row.pk])
    finally:
        directory.set_status(administrator, host.organisation_id, "verified", "A test")


def test_a_closed_request_is_withdrawn_at_the_hosts_too(world: Removal) -> None:
    """Hosts look for the pictures for a year after the letter."""
    person = world.asks(digests())
    request = world.request(person)
    world.accept("pdq")
    world.send(request)
    closing_letter.close(world.analyst, request)
    assert person.submit("withdraw").status_code == 200
    world.post()
    assert [one.state for one in world.requested()] == ["withdrawn"]
    row = world.row(request)
    assert (row.stage, row.erased_at is not None) == ("withdrawn", True)


def test_staff_withdraw_a_closed_request_on_its_page(world: Removal) -> None:
    request = sent(world)
    closing_letter.close(world.analyst, request)
    analyst = world.cast.client(world.support, "analyst")
    page = analyst.get(f"/desk/removals/{request}/").content.decode()
    assert "Withdraw for the person" in page
    assert "Send letter and close" not in page
    done = analyst.post(f"/desk/removals/{request}/withdraw/", {"text": "The person called."}, follow=True)
    assert "The request is withdrawn." in done.content.decode()
    world.post()
    assert [one.state for one in world.requested()] == ["withdrawn"]
    assert "Withdraw for the person" not in done.content.decode()


def test_the_person_reads_the_case_as_long_as_a_host_looks(world: Removal) -> None:
    """An idle conversation is erased after 90 days; who cannot enter cannot withdraw."""
    person = world.asks()
    request = world.request(person)
    other = world.asks()
    withdraw.by_staff(world.analyst, world.request(other), "The person called.")
    world.accept("pdq")
    world.send(request)
    closing_letter.close(world.analyst, request)
    with clock.simulate(clock.now() + timedelta(days=120)), acting(world.support):
        list(retention.erase_idle(world.support, clock.now() - timedelta(days=90)))
        assert inbox.ids_of([person.number])
        assert not inbox.ids_of([other.number])
