"""Fingerprints at hosts: only hosts that accepted, the fewest types, sealed, removed, back again, and expired."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.removal_world import Removal, digests, forget_limits
from tutela import clock
from tutela.events.transaction import acting
from tutela.exchange.removal.requested_hashes import HashMessage, opened_hashes
from tutela.organisations.keys.envelope_encryption import unwrap
from tutela.organisations.models import OutboxMessage
from tutela.victims.errors import NothingToSend
from tutela.victims.host_desk import membership, requested_items
from tutela.victims.hosts import send


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def test_only_hosts_that_accepted_get_the_types_that_they_named(world: Removal) -> None:
    request = world.request(world.asks(digests(), digests()))
    with pytest.raises(NothingToSend):
        send.send(world.analyst, request, [])
    world.accept("pdq", host=0)
    assert world.send(request) == 2
    assert {host for _n, host, _s in world.states(request)} == {world.hosts[0].provider.organisation_name}
    assert {state for *_rest, state in world.states(request)} == {"received"}
    assert world.requested(host=1) == []
    for one in world.requested():
        with acting(world.hosts[0].provider):
            assert [kind for kind, _digits in requested_items.hashes_of(one)] == ["pdq"]


def test_a_message_has_hash_type_expiry_and_withdrawal_and_is_sealed(world: Removal) -> None:
    made = digests()
    request = world.request(world.asks(made))
    world.accept("sha256", "md5")
    world.send(request)
    sending = world.sending(request)
    with acting(world.support):
        row = OutboxMessage.objects.get(subject_id=str(sending.pk))
        assert row.sealed_body == b"", "emptied once it arrived"
    with acting(world.hosts[0].provider):
        (item,) = world.requested()
        assert dict(requested_items.hashes_of(item)) == {"sha256": made["sha256"], "md5": made["md5"]}
        assert made["sha256"].encode() not in bytes(item.sealed)
    assert item.message_id == sending.message_id
    assert item.message_id.version == 4, "its ID tells no time"


def test_what_leaves_names_no_case_and_opens_with_the_hosts_key_alone(world: Removal) -> None:
    made = digests()
    request = world.request(world.asks(made))
    world.accept("pdq")
    with acting(world.support):
        before = set(OutboxMessage.objects.values_list("pk", flat=True))
    world.post = lambda: 0  # type: ignore[method-assign]
    world.send(request)
    with acting(world.support):
        (row,) = OutboxMessage.objects.exclude(pk__in=before)
        text = unwrap(bytes(row.sealed_body), f"outbox:{row.key}").decode()
    assert made["pdq"] not in text
    assert world.row(request).number not in text
    assert set(json.loads(text)) == {"schema_version", "message_id", "sequence", "sealed"}
    message = HashMessage.from_bytes(text.encode())
    with acting(world.hosts[0].provider):
        terms = membership.of_support(world.support.organisation_id)
        identity = membership.identity_of(terms)
    (inside,) = json.loads(opened_hashes(message, identity).to_bytes())["hashes"]
    assert set(inside) == {"type", "hash", "expires", "withdrawn"}


def test_a_host_removes_an_item_and_a_second_removal_means_that_it_came_back(world: Removal) -> None:
    request = world.request(world.asks())
    world.accept("pdq")
    world.send(request)
    (item,) = world.requested()
    first = world.uploaded(item, "album/1")
    assert first
    assert world.uploaded(item, "album/1") == first, "the same item is one row while it is open"
    world.decided(first, "removed")
    assert [state for *_rest, state in world.states(request)] == ["removed"]
    again = world.uploaded(item, "album/1")
    assert again
    assert again != first
    world.decided(again, "removed")
    assert [state for *_rest, state in world.states(request)] == ["reappeared"]


def test_requested_hashes_expire_at_the_host_and_are_deleted(world: Removal) -> None:
    request = world.request(world.asks())
    world.accept("pdq", days=30)
    world.send(request)
    (item,) = world.requested()
    assert item.expires_at <= clock.now() + timedelta(days=30)
    with clock.simulate(clock.now() + timedelta(days=31)):
        assert world.uploaded(item, "album/1") is None, "an Edge with an old list finds nothing"
        assert requested_items.expire(world.hosts[0].provider) >= 1
        assert send.expire(world.support) >= 1
    (item,) = world.requested()
    assert item.state == "expired"
    with acting(world.hosts[0].provider):
        assert requested_items.hashes_of(item) == []
