"""Requested hashes at a host against a victim support that sends more than was agreed, and against races."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connections

from tests.support.cast import Cast
from tests.support.removal_world import Removal, forget_limits
from tutela import clock
from tutela.events.errors import TutelaError
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.removal.requested_hashes import (
    HashType,
    RequestedHash,
    RequestedHashes,
    Shape,
    sealed_message,
)
from tutela.organisations.people import directory
from tutela.victims.case_work import withdraw
from tutela.victims.errors import CannotOpenHashes, NotInScheme
from tutela.victims.host_desk import membership, requested_items, review
from tutela.victims.host_desk.review import FoundJudgement


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def sends(world: Removal, *types: str, days: int = 30, message: UUID | None = None, sequence: int = 1) -> UUID:
    """Hashes of these types, sealed to the first host, as its API receives them."""
    host = world.hosts[0].provider
    with acting(host):
        recipient = membership.of_support(world.support.organisation_id).recipient
    expires, message_id = clock.now() + timedelta(days=days), message or uuid4()
    digits = {"md5": 16}
    hashes = tuple(
        RequestedHash(type=HashType(one), hash=secrets.token_hex(digits.get(one, 32)), expires=expires, withdrawn=False)
        for one in types
    )
    made = sealed_message(message_id, sequence, RequestedHashes(hashes=hashes), Shape.TAKE_IT_DOWN, recipient)
    entry = directory.entry(host.organisation_id)
    requested_items.receive(world.support, entry, str(uuid4()), made.to_bytes())
    return message_id


def test_types_beyond_the_terms_are_not_kept(world: Removal) -> None:
    world.accept("pdq")
    sends(world, "pdq", "sha256", "md5")
    (item,) = world.requested()
    with acting(world.hosts[0].provider):
        assert [kind for kind, _digits in requested_items.hashes_of(item)] == ["pdq"]
    sends(world, "sha256")
    assert [one.state for one in world.requested()] == ["active", "expired"]
    assert bytes(world.requested()[1].sealed) == b""


def test_an_expiry_beyond_the_terms_is_that_of_the_terms(world: Removal) -> None:
    world.accept("pdq", days=30)
    sends(world, "pdq", days=3000)
    (item,) = world.requested()
    assert item.expires_at <= clock.now() + timedelta(days=30)


def test_a_replayed_message_does_not_bring_withdrawn_hashes_back(world: Removal) -> None:
    world.accept("pdq")
    request = world.request(world.asks())
    world.send(request)
    (item,) = world.requested()
    withdraw.by_staff(world.analyst, request, "The person called.")
    world.post()
    sends(world, "pdq", message=item.message_id, sequence=1)
    assert [one.state for one in world.requested()] == ["withdrawn"]


@pytest.mark.parametrize("sealed", ["AAAA", "////", "A" * 900_000])
def test_broken_sealed_bodies_are_refused(world: Removal, sealed: str) -> None:
    world.accept("pdq")
    entry = directory.entry(world.hosts[0].provider.organisation_id)
    body = f'{{"schema_version":"1","message_id":"{uuid4()}","sequence":1,"sealed":"{sealed}"}}'.encode()
    with pytest.raises(CannotOpenHashes):
        requested_items.receive(world.support, entry, str(uuid4()), body)
    for cut in (body[:-9], body.decode().encode("utf-16"), b"", b"\xff" * 40):
        with pytest.raises(ExchangeError):
            requested_items.receive(world.support, entry, str(uuid4()), cut)
    with pytest.raises(NotInScheme):
        requested_items.receive(world.hosts[1].provider, entry, str(uuid4()), body)
    assert world.requested() == []


def test_a_decision_and_a_withdrawal_at_once_do_not_wait_for_each_other(world: Removal) -> None:
    """Both lock the requested hashes first: a reviewer decides before or after, without an error of the database."""
    world.accept("pdq")
    world.send(world.request(world.asks()))
    (item,) = world.requested()
    host, failed = world.hosts[0], list[DatabaseError]()
    for number in range(12):
        found = world.uploaded(item, f"album/{number}")
        assert found
        review.open_item(host.reviewer, found)
    found_ids = [one.pk for one in world.found()]

    def work(step: object) -> None:
        try:
            step()  # type: ignore[operator]
        except TutelaError:
            pass
        except DatabaseError as error:
            failed.append(error)
        finally:
            connections.close_all()

    def end() -> None:
        with acting(host.provider):
            row = requested_items.RequestedItem.objects.select_for_update().get(pk=item.pk)
            requested_items.end(host.provider, row, requested_items.RequestedState.WITHDRAWN, answered=False)

    decisions = [lambda f=one: review.decide(host.reviewer, f, FoundJudgement("removed")) for one in found_ids]
    threads = [threading.Thread(target=work, args=(one,)) for one in (*decisions[:6], end, *decisions[6:])]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert {one.stage for one in world.found()} <= {"removed", "gone"}
