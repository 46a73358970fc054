"""Pages of a host: the stranger first, then another organisation, then terms, review, and the API of the scheme."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.post import SigningClient
from tests.support.removal_world import EXCHANGE, Removal, forget_limits

LIST, SCHEME = "/desk/removal-items/", "/desk/removal-items/scheme/"


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def test_a_stranger_signs_in_first_and_others_find_nothing(world: Removal) -> None:
    world.accept("pdq")
    world.send(world.request(world.asks()))
    found = world.uploaded(world.requested()[0], "album/1")
    for place in (LIST, SCHEME, f"{LIST}{found}/", f"{LIST}{found}/item/"):
        assert Client().get(place).status_code == 302
        assert world.cast.client(world.support, "analyst").get(place).status_code == 404
    other = world.cast.client(world.hosts[1].provider, "lead")
    assert other.get(f"{LIST}{found}/").status_code == 404
    assert other.post(f"{LIST}{found}/open/").status_code == 404
    assert world.cast.client(world.hosts[0].provider, "reviewer").post(f"{SCHEME}accept/").status_code == 404


def test_terms_are_accepted_and_ended_on_the_page(world: Removal) -> None:
    lead = world.cast.client(world.hosts[0].provider, "lead")
    assert "has not accepted the scheme" in lead.get(SCHEME).content.decode()
    said = {"support": str(world.support.organisation_id), "shape": "stopncii", "types": ["pdq"], "most_days": "90"}
    assert "adults only" in lead.post(f"{SCHEME}accept/", said, follow=True).content.decode()
    page = lead.post(f"{SCHEME}accept/", said | {"shape": "take_it_down"}, follow=True).content.decode()
    assert "The terms are sent." in page
    found = re.search(r'action="(/desk/removal-items/scheme/[0-9a-f-]{36}/leave/)"', page)
    assert found
    assert "You left the scheme." in lead.post(found[1], follow=True).content.decode()
    world.post()


def test_an_item_is_opened_and_decided_on_its_pages(world: Removal) -> None:
    world.accept("pdq")
    world.send(world.request(world.asks()))
    found = world.uploaded(world.requested()[0], "album/1")
    reviewer = world.cast.client(world.hosts[0].provider, "reviewer")
    listed = reviewer.get(LIST).content.decode()
    assert str(found) in listed
    assert "removal-items.csv" in reviewer.get(f"{LIST}?format=csv").headers["Content-Disposition"]
    assert "album/1" not in reviewer.get(f"{LIST}{found}/").content.decode(), "nothing is shown before it is opened"
    assert reviewer.get(f"{LIST}{found}/item/").status_code == 302
    refused = reviewer.post(f"{LIST}{found}/decide/", {"outcome": "removed"}, follow=True).content.decode()
    assert "Open the item before you decide." in refused
    shown = reviewer.post(f"{LIST}{found}/open/", follow=True).content.decode()
    assert "album/1" in shown
    done = reviewer.post(f"{LIST}{found}/decide/", {"outcome": "kept", "because": "other_picture"}, follow=True)
    assert "another picture, which is lawful" in done.content.decode()


@pytest.mark.parametrize("place", ["scheme", "hashes", "answers", "statuses", "search-statuses"])
def test_the_api_takes_messages_of_the_scheme_alone(world: Removal, place: str) -> None:
    """Without a key, with a key of another kind, and of somebody who was sent nothing."""
    to = world.hosts[0].provider if place == "hashes" else world.support
    path = f"/api/v1/organisations/{to.organisation_id}/removal/{place}"
    said = {
        "scheme": {
            "sequence": 1,
            "accepts": True,
            "shape": "stopncii",
            "types": ["pdq"],
            "recipient": "age1" + "q" * 58,
        },
        "hashes": {"message_id": str(uuid4()), "sequence": 1, "sealed": "AAAA"},
        "answers": {"answer_id": str(uuid4()), "message_id": str(uuid4()), "sequence": 1, "outcome": "removed"},
    }.get(place, {})
    body = json.dumps({"schema_version": "1", "most_days": 9, "at": "2026-11-30T00:00:00Z", **said})
    assert SigningClient().post(path, body, "application/json").status_code == 401
    sender = world.support if place == "hashes" else world.hosts[1].provider
    key = world.cast.key(replace(sender, permissions=frozenset({"organisation.manage"})), EXCHANGE)
    answer = SigningClient().post(path, body, "application/json", headers={**key, "Idempotency-Key": f"k-{uuid4()}"})
    assert answer.status_code in (403, 404, 422), answer.content
    assert Client().get(path).status_code == 405
