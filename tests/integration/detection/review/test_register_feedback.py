"""What a provider's desk decides reaches the register as a word on the entry, and two desks stop an entry."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from tests.integration.indicators.register.test_register import _active, _scheme, _state
from tests.support.cast import API_URL, Cast
from tests.support.detection_world import CONFIRM, CONFIRM_VIEWED, REJECT, World, body
from tests.support.post import deliver, introduce
from tutela import clock
from tutela.detection.models import Candidate
from tutela.detection.review.review import Opinion
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators.access import grants
from tutela.indicators.register import detail, match_feedback
from tutela.indicators.release_files import version_files
from tutela.organisations.models import Organisation, OutboxMessage

__all__ = ["_scheme"]


def desk(cast: Cast, provider: Actor, *, granted: bool = True) -> World:
    """A provider's desk that has joined the Centre of this node."""
    cast.__dict__["pixelpost"] = provider
    world = World(cast)
    Organisation.objects.filter(pk=cast.centre.organisation_id).update(api_url=API_URL)
    introduce(cast, provider, cast.centre, "reports:submit")
    if granted:
        grants.give(
            cast.centre,
            provider.organisation_id,
            list_id=version_files.LIST_ID,
            purpose="reporting",
            legal_basis="DSA",
            valid_to=clock.now() + timedelta(days=1),
        )
    return world


def provider(cast: Cast, name: str = "Albums") -> Actor:
    return cast.organisation(name, "provider", "IE")


def decided(world: World, entry: UUID, opinion: Opinion) -> None:
    world.opened(world.reviewer, world.candidate(body(entry=entry)), opinion)
    deliver(world.provider)


def words(cast: Cast, entry: UUID) -> tuple[match_feedback.RecipientOpinion, ...]:
    return detail.load_detail(cast.centre, entry).tally.recipients


def test_a_confirmation_is_in_the_dossier_by_provider(cast: Cast) -> None:
    entry, mine = _active(cast), provider(cast)
    world = desk(cast, mine)
    decided(world, entry, CONFIRM_VIEWED)
    (said,) = words(cast, entry)
    assert (said.name, said.right, said.wrong) == (mine.organisation_name, 1, 0)
    page = cast.client(cast.hotline_de, "analyst").get(f"/desk/indicators/{entry}/").content.decode()
    assert mine.organisation_name in page


def test_rejections_at_two_desks_stop_an_entry_everywhere(cast: Cast) -> None:
    entry = _active(cast)
    first, second = desk(cast, provider(cast, "One")), desk(cast, provider(cast, "Two"))
    decided(first, entry, REJECT)
    assert _state(cast, entry) == "active", "nobody empties the list alone"
    decided(second, entry, Opinion("reject", "listed_in_error", "viewed"))
    assert _state(cast, entry) == "suspended"
    assert [(one.right, one.wrong) for one in words(cast, entry)] == [(0, 1), (0, 1)]


def test_one_chance_among_many_right_matches_is_no_report(cast: Cast) -> None:
    entry = _active(cast)
    for name in ("One", "Two"):
        world = desk(cast, provider(cast, name))
        for opinion in (CONFIRM_VIEWED, CONFIRM_VIEWED, REJECT):
            decided(world, entry, opinion)
    assert _state(cast, entry) == "active"


def test_nothing_is_said_of_ones_own_lists_of_another_item_or_alone(cast: Cast) -> None:
    world = desk(cast, provider(cast))
    world.opened(world.reviewer, world.candidate(body(register=False)), REJECT)
    world.opened(world.reviewer, world.candidate(), Opinion("confirm", "new_item", "viewed"))
    odd = body()
    odd["matches"][0]["list_id"] = "../../evil"
    world.opened(world.reviewer, world.candidate(odd), REJECT)
    alone = World(Cast())
    alone.opened(alone.reviewer, alone.candidate(), CONFIRM)
    for one in (world, alone):
        with acting(one.provider):
            assert not OutboxMessage.objects.filter(kind="match").exists()


def test_a_word_names_the_entry_and_nothing_of_the_item(cast: Cast) -> None:
    entry, world = _active(cast), desk(cast, provider(cast))
    candidate = world.candidate(body(entry=entry))
    world.opened(world.reviewer, candidate, REJECT)
    with acting(world.provider):
        (message,) = OutboxMessage.objects.filter(kind="match")
        assert not Candidate.objects.filter(pk=candidate).exists()
    assert (message.subject_id, message.path) == (str(entry), f"/api/v1/matches/eu-register/{entry}")


def test_the_operation(cast: Cast, client: Client) -> None:
    entry, mine = _active(cast), provider(cast)
    path = f"/api/v1/matches/{version_files.LIST_ID}/{entry}"
    key = cast.key(mine, "reports:submit")

    def say(headers: dict[str, str], verdict: str = "false", at: str = path) -> int:
        return client.post(at, {"verdict": verdict}, "application/json", headers=headers).status_code

    fresh = {"Idempotency-Key": secrets.token_hex(8)}
    assert say({}) == 401
    assert say({**cast.key(mine, "releases:read"), **fresh}) == 403
    assert say({**key, **fresh}) == 404, "it never had a grant"
    desk(cast, mine)
    assert say(key) == 422, "an idempotency key is needed"
    assert say({**key, **fresh}, "maybe") == 422
    assert say({**key, **fresh}, at=path.replace(str(entry), str(uuid4()))) == 404
    assert say({**key, **fresh}) == 200
    assert say({**key, **fresh}) == 200
    (said,) = words(cast, entry)
    assert said.wrong == 1, "the same key is one word"
    assert say({**key, **fresh}, "confirmed") == 409


@pytest.mark.parametrize("granted", [True, False])
def test_a_word_counts_after_the_grant_has_ended_and_never_without_one(cast: Cast, granted: bool) -> None:
    entry, world = _active(cast), desk(cast, provider(cast), granted=granted)
    if granted:
        with acting(cast.centre):
            mine = [row for row, one in grants.list_grants() if one.id == world.provider.organisation_id]
        for row in mine:
            grants.end(cast.centre, row.id)
    decided(world, entry, CONFIRM_VIEWED)
    assert len(words(cast, entry)) == granted
