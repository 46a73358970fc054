"""Sending a draft without any IP address asks first; a number finds a draft in every state."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.detection_world import World, body
from tutela import clock
from tutela.detection.drafts import drafts, send
from tutela.detection.models import Draft
from tutela.events.transaction import acting

NETWORK = {"ip": "192.0.2.7", "at": "2026-01-02T03:04:05Z"}


def state(world: World, draft: UUID) -> str:
    with acting(world.lead):
        return Draft.objects.get(pk=draft).state


def test_a_draft_without_an_address_is_sent_only_after_a_warning(cast: Cast) -> None:
    world = World(cast)
    world.join()
    draft, client = world.draft(), cast.client(world.provider, "reviewer", "lead")
    page = client.get(f"/desk/drafts/{draft}/").content.decode()
    assert "This report has no IP address." in page
    refused = client.post(f"/desk/drafts/{draft}/send/", follow=True)
    assert "This report has no IP address. Add one" in refused.content.decode()
    assert state(world, draft) == "drafted"
    client.post(f"/desk/drafts/{draft}/send/", {"without_address": "1"})
    assert state(world, draft) == "waiting"


@pytest.mark.parametrize(
    "changes",
    [{"locations": [NETWORK]}, {"users": [{"identifiers": ["acc-1", "2001:db8::7"]}]}],
    ids=["a location", "an account"],
)
def test_a_draft_with_an_address_is_sent_at_once(cast: Cast, changes: dict[str, object]) -> None:
    world = World(cast)
    world.join()
    draft, client = world.draft(), cast.client(world.provider, "reviewer", "lead")
    drafts.edit(world.lead, draft, 1, changes)
    assert "This report has no IP address." not in client.get(f"/desk/drafts/{draft}/").content.decode()
    client.post(f"/desk/drafts/{draft}/send/")
    assert state(world, draft) == "waiting"


def test_an_address_of_a_sighting_counts(cast: Cast) -> None:
    world = World(cast)
    draft = world.draft()
    with acting(world.lead):
        report = drafts.text_of(drafts.latest(Draft.objects.get(pk=draft)))
    assert not drafts.has_address(report)
    seen = {"at": clock.now().isoformat(), "network": NETWORK}
    changed = report.model_dump(mode="json") | {
        "items": [one.model_dump(mode="json") | {"sightings": [seen]} for one in report.items]
    }
    assert drafts.has_address(type(report).model_validate(changed))


def test_a_machine_sends_without_the_question(cast: Cast) -> None:
    world = World(cast)
    world.join()
    draft = world.draft(body())
    send.send(world.lead, draft)
    assert state(world, draft) == "waiting"


def test_a_stranger_finds_no_draft_to_send(cast: Cast) -> None:
    world = World(cast)
    draft = world.draft()
    stranger = cast.client(cast.other_provider, "reviewer", "lead")
    assert stranger.post(f"/desk/drafts/{draft}/send/", {"without_address": "1"}).status_code == 404
    assert state(world, draft) == "drafted"


def test_a_number_is_looked_for_in_every_state(cast: Cast) -> None:
    world = World(cast)
    draft, client = world.draft(), cast.client(world.provider, "reviewer", "lead")
    with acting(world.lead):
        number = Draft.objects.get(pk=draft).number
    for address in ("drafts", "candidates"):
        found = client.get(f"/desk/{address}/", {"state": "discarded", "text": number.lower()}).content.decode()
        assert found.count("<tr") == 2, address
