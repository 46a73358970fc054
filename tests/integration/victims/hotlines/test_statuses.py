"""A hotline outside its mandate: other cases, a search that is over or taken back, and more than anybody reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tests.support.cast import Cast
from tests.support.removal_world import Removal, digests, forget_limits
from tutela import clock
from tutela.events.transaction import acting
from tutela.exchange.takedown.hotline_message import Action, ActionKind, HotlineStatus
from tutela.organisations.people import directory
from tutela.victims.case_work import withdraw
from tutela.victims.errors import StatusOutOfOrder, UnknownSending
from tutela.victims.hotlines import hand_over, searches, statuses
from tutela.victims.models import RequestedAddress
from tutela.victims.removal import addresses, intake


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def searched(world: Removal, days: int = 30) -> tuple[UUID, str]:
    """A request for whose pictures a hotline searches: the request, and the search's ID."""
    request = world.request(world.asks())
    last_day: date = clock.now().date() + timedelta(days=days)
    searches.ask(world.analyst, request, world.hotline.machine.organisation_id, last_day)
    return request, f"{world.row(request).number}/1"


def tells(world: Removal, reference: str, location: str, *, at: datetime | None = None, sequence: int = 1) -> None:
    """A status of the hotline, as it comes to victim support."""
    status = HotlineStatus(
        message_id=uuid4(),
        case_reference=reference,
        own_reference="T-1",
        location=location,
        sequence=sequence,
        action=Action(kind=ActionKind.REPORTED_TO_HOST, at=at or clock.now()),
    )
    entry = directory.entry(world.support.organisation_id)
    statuses.receive(world.hotline.machine, entry, str(uuid4()), status.to_bytes())


def count(world: Removal, request: UUID) -> int:
    """How many addresses a request has."""
    with acting(world.support):
        return RequestedAddress.objects.filter(request=request).count()


def test_what_is_found_after_the_last_day_or_before_the_first_is_refused(world: Removal) -> None:
    request, reference = searched(world)
    for at in (clock.now() - timedelta(days=3), clock.now() + timedelta(days=60)):
        with pytest.raises(UnknownSending):
            tells(world, reference, "L-1", at=at)
    with clock.simulate(clock.now() + timedelta(days=60)), pytest.raises(UnknownSending):
        tells(world, reference, "L-1")
    assert count(world, request) == 0
    tells(world, reference, "L-1")
    assert count(world, request) == 1
    with clock.simulate(clock.now() + timedelta(days=60)):
        tells(world, reference, "L-1", sequence=2)
    assert count(world, request) == 1, "an address that was found in time is watched on"


def test_nothing_is_found_for_a_request_that_was_withdrawn(world: Removal) -> None:
    request, reference = searched(world)
    withdraw.by_staff(world.analyst, request, "The person called.")
    with pytest.raises(UnknownSending):
        tells(world, reference, "L-1")
    assert count(world, request) == 0


def test_a_search_has_at_most_as_many_addresses_as_a_request(world: Removal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "MOST_ADDRESSES", 2)
    request, reference = searched(world)
    for place in (1, 2):
        tells(world, reference, f"L-{place}")
    with pytest.raises(UnknownSending):
        tells(world, reference, "L-3")
    assert count(world, request) == 2


def test_a_case_of_addresses_gets_no_further_address_and_no_second_word(world: Removal) -> None:
    request = world.request(world.asks())
    intake.add_text(world.analyst, request, f"https://host-{digests()['md5'][:8]}.example.org/p/1")
    hand_over.hand_over(world.analyst, request, world.hotline.machine.organisation_id)
    reference = f"{world.row(request).number}/1"
    with pytest.raises(UnknownSending):
        tells(world, reference, "L-9")
    with pytest.raises(UnknownSending):
        tells(world, "W-2222-2222-2/1", f"{reference}/1")
    tells(world, reference, f"{reference}/1")
    with pytest.raises(StatusOutOfOrder):
        tells(world, reference, f"{reference}/1", at=clock.now() - timedelta(hours=3))
