"""Addresses at a hotline: one case, its statuses back, verified absence, reappearance, withdrawal, and searches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.removal_world import Removal, digests, forget_limits
from tutela import clock
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.exchange.takedown.look import Answer
from tutela.takedown.intake import enter_addresses, search_mandates
from tutela.takedown.intake.open_case import Reported, Source
from tutela.takedown.models import IncomingCase, SearchMandate, TakedownCase
from tutela.takedown.notices import notify, send
from tutela.takedown.rechecks import check
from tutela.victims.case_work import progress, withdraw, work_queue
from tutela.victims.errors import NoHotlineKey, NothingToHandOver
from tutela.victims.hotlines import hand_over, searches
from tutela.victims.removal import intake

ADDRESS = "https://host-{}.example.org/p/1"


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def handed(world: Removal) -> tuple[UUID, UUID, str]:
    """A request whose address is with the hotline: request, the hotline's case, and the address."""
    request = world.request(world.asks())
    text = ADDRESS.format(digests()["md5"][:8])
    intake.add_text(world.analyst, request, text)
    hand_over.hand_over(world.analyst, request, world.hotline.machine.organisation_id)
    world.post()
    number = world.row(request).number
    with acting(world.hotline.machine):
        incoming = IncomingCase.objects.get(reference=f"{number}/1")
        return request, incoming.places.get().case_id, text


def state(world: Removal, request: UUID) -> str:
    """The state of the first address."""
    row = world.row(request)
    with acting(world.support):
        return progress.addresses_of(row)[0].state


def test_a_hotline_gets_the_address_and_its_steps_come_back(world: Removal) -> None:
    request, case, text = handed(world)
    assert state(world, request) == "received"
    row = world.hotline.row(case)
    assert (row.source, row.stage, row.priority) == ("victims", "assess", 3)
    world.hotline.assessed(case=case)
    world.hotline.traced(case)
    world.hotline.police_know(case)
    notice = notify.queue(world.hotline.analyst, case, notify.Recipient(channel="file"))
    send.send(world.hotline.analyst, notice, lambda _a, c: world.hotline.traced(c))
    world.post()
    assert state(world, request) in ("reported_to_police", "reported_to_host")
    check.seen(world.hotline.analyst, case, absent=True)
    world.post()
    assert state(world, request) == "removed"
    found = work_queue.load(world.analyst, request).addresses[0]
    assert (found.text, str(found.label)) == (text, "verified absent")
    assert found.verified_at
    with clock.simulate(clock.now() + timedelta(days=1)):
        check.store(world.hotline.machine, case, [Answer(200, "")])
        world.post()
    assert state(world, request) == "reappeared"
    assert work_queue.load(world.analyst, request).addresses[0].verified_at, "it was verified absent before"


def test_nothing_but_addresses_and_a_reference_reaches_the_hotline(world: Removal) -> None:
    request, case, _text = handed(world)
    with acting(world.hotline.machine):
        place = TakedownCase.objects.get(pk=case).from_partners.get()
    assert place.reference == f"{world.row(request).number}/1/1"
    with pytest.raises(NothingToHandOver):
        hand_over.hand_over(world.analyst, request, world.hotline.machine.organisation_id)
    with pytest.raises(NoHotlineKey):
        hand_over.hand_over(world.analyst, request, world.cast.hotline_de.organisation_id)


def test_a_withdrawal_closes_what_only_the_person_reported(world: Removal) -> None:
    request, case, _text = handed(world)
    other, kept, address = handed(world)
    enter_addresses.enter(world.hotline.analyst, address, Reported(Source.ENTERED))
    for one in (request, other):
        withdraw.by_staff(world.analyst, one, "The person called.")
    world.post()
    assert world.hotline.row(case).stage == "closed"
    assert world.hotline.row(kept).stage == "assess", "others reported it too"
    assert state(world, request) == "withdrawn"
    check_before = state(world, other)
    world.hotline.assessed(case=kept)
    check.seen(world.hotline.analyst, kept, absent=True)
    world.post()
    assert state(world, other) == check_before, "nothing is reported any more"


def test_a_search_of_public_hosts_has_an_id_an_end_and_a_second_person(world: Removal) -> None:
    request = world.request(world.asks())
    hotline, last_day = world.hotline.machine.organisation_id, clock.now().date() + timedelta(days=30)
    for wrong in (clock.now().date() - timedelta(days=1), clock.now().date() + timedelta(days=400)):
        with pytest.raises(Invalid):
            searches.ask(world.analyst, request, hotline, wrong)
    searches.ask(world.analyst, request, hotline, last_day)
    world.post()
    reference = f"{world.row(request).number}/1"
    with acting(world.hotline.machine):
        mandate = SearchMandate.objects.get(document=reference)
    assert (mandate.requested_by, mandate.purpose, mandate.last_day) == (
        world.support.organisation_name,
        "removal_request",
        last_day,
    )
    search_mandates.confirm(world.hotline.analyst, mandate.pk)
    world.post()
    with acting(world.support):
        (found,) = progress.searches_of(world.row(request))
    assert (found.reference, found.state) == (reference, "confirmed")
    text = ADDRESS.format(digests()["md5"][:8])
    (line,) = enter_addresses.enter(world.hotline.analyst, text, Reported(Source.PROACTIVE), mandate.pk)
    assert line.case
    world.hotline.assessed(case=line.case.id)
    check.seen(world.hotline.analyst, line.case.id, absent=True)
    world.post()
    with acting(world.support):
        (address,) = progress.addresses_of(world.row(request))
    assert (address.text, address.state) == ("", "removed"), "only the hotline knows the address"
    withdraw.by_staff(world.analyst, request, "The person called.")
    world.post()
    assert [one.ended for one in search_mandates.list_mandates(world.hotline.analyst) if one.row.pk == mandate.pk] == [
        True
    ]


def test_a_pause_takes_the_case_back_and_resuming_sends_it_again(world: Removal) -> None:
    person = world.asks()
    request = world.request(person)
    intake.add_text(world.analyst, request, ADDRESS.format(digests()["md5"][:8]))
    hand_over.hand_over(world.analyst, request, world.hotline.machine.organisation_id)
    world.post()
    person.submit("pause")
    world.post()
    assert state(world, request) == "withdrawn"
    person.submit("resume")
    world.post()
    assert state(world, request) == "received"
    number = world.row(request).number
    with acting(world.hotline.machine):
        incoming = list(IncomingCase.objects.filter(reference__startswith=number).order_by("created_at"))
    assert [one.withdrawn_at is None for one in incoming] == [False, True]
