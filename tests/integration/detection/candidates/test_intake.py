"""Candidates come in: from whom, under which law, and how often."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from tests.support.cast import Cast
from tests.support.detection_world import World, body, read
from tutela import clock
from tutela.detection.candidates import intake, viewing_budget
from tutela.detection.models import Candidate, ShadowSighting
from tutela.detection.review import review, work_queue
from tutela.detection.settings import services
from tutela.detection.settings.services import ServiceInput
from tutela.events.errors import NotFound
from tutela.events.transaction import acting
from tutela.law.errors import NoLegalBasis

URL = "/api/v1/candidates"


def post(client: Client, headers: dict[str, str], message: Any, key: str = "k-1") -> Any:
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return client.post(URL, data, "application/json", headers={**headers, "Idempotency-Key": key})


def count(world: World) -> int:
    with acting(world.lead):
        return Candidate.objects.count()


def test_an_anonymous_caller_leaves_no_candidate(cast: Cast, client: Client) -> None:
    world = World(cast)
    assert post(client, {}, body()).status_code == 401
    assert post(client, {"Authorization": "Bearer tut_x_y"}, body()).status_code == 401
    assert count(world) == 0


def test_a_key_for_something_else_leaves_no_candidate(cast: Cast, client: Client) -> None:
    World(cast)
    assert post(client, cast.key(cast.pixelpost, "releases:read"), body()).status_code == 403


def test_another_provider_sees_nothing_of_a_candidate(cast: Cast, client: Client) -> None:
    world = World(cast)
    made = world.candidate()
    stranger = cast.actor(cast.other_provider, "lead")
    with pytest.raises(NotFound):
        work_queue.load_candidate(stranger, made)
    with pytest.raises(NotFound):
        viewing_budget.open_item(stranger, made)
    assert work_queue.list_candidates(stranger, work_queue.CandidateFilter()) == ([], False)
    browser = cast.client(cast.other_provider, "reviewer")
    assert browser.get(f"/desk/candidates/{made}/").status_code == 404


def test_a_candidate_waits_for_a_person(cast: Cast, client: Client) -> None:
    world = World(cast)
    answer = post(client, world.headers, body())
    assert answer.status_code == 202, answer.content
    assert answer.json()["state"] == "waiting"
    (line,), _more = work_queue.list_candidates(world.reviewer, work_queue.CandidateFilter())
    assert (str(line.id), line.state, line.match.rule) == (answer.json()["id"], "open", "exact-sha256")


def test_the_same_key_is_answered_the_same_way(cast: Cast, client: Client) -> None:
    world, message = World(cast), body()
    first = post(client, world.headers, message)
    assert post(client, world.headers, message).json() == first.json()
    assert post(client, world.headers, body()).status_code == 409
    assert count(world) == 1


def test_the_same_item_under_another_key_is_the_same_candidate(cast: Cast, client: Client) -> None:
    world, message = World(cast), body()
    first = post(client, world.headers, message)
    assert post(client, world.headers, message, "k-2").json()["id"] == first.json()["id"]


@pytest.mark.parametrize("keys", [["k-1"] * 4, ["k-1", "k-2", "k-3", "k-4"]])
def test_twins_become_one_candidate(cast: Cast, keys: list[str]) -> None:
    world, message = World(cast), body()

    def submit(key: str) -> Any:
        try:
            return post(Client(), world.headers, message, key)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(submit, keys))
    assert {a.status_code for a in answers} == {202}
    assert len({a.json()["id"] for a in answers}) == 1
    assert count(world) == 1


def test_without_a_key_nothing_is_taken(cast: Cast, client: Client) -> None:
    world = World(cast)
    assert post(client, world.headers, body(), key="").status_code == 422
    assert count(world) == 0


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        (b"", 422, "body"),
        (json.dumps(body()).encode()[:-40], 422, "body"),
        (json.dumps(body()).encode("utf-16"), 422, "body"),
        (b'{"item": "\xff"}', 422, "body"),
        (b"[" * 50_000, 422, "body"),
        (json.dumps({**body(), "picture": "AAAA"}).encode(), 422, "picture"),
        (json.dumps({**body(), "sha256": "zz"}).encode(), 422, "sha256"),
        (json.dumps({**body(), "matches": []}).encode(), 422, "matches"),
        (json.dumps({**body(), "account": "a" * 2_000_000}).encode(), 413, "body"),
    ],
    ids=["empty", "truncated", "utf-16", "not utf-8", "deep", "a picture", "bad digest", "no match", "huge"],
)
def test_a_body_that_cannot_be_used_names_the_field(
    cast: Cast, client: Client, sent: bytes, status: int, field: str
) -> None:
    world = World(cast)
    answer = post(client, world.headers, sent)
    assert answer.status_code == status, answer.content
    assert answer.json()["errors"][0]["field"] == field
    assert count(world) == 0


def test_an_unknown_service_is_named(cast: Cast, client: Client) -> None:
    world = World(cast)
    answer = post(client, world.headers, body(service="Nowhere"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "service")


def test_a_service_without_a_basis_is_refused_with_the_article(cast: Cast, client: Client) -> None:
    world = World(cast, kind="interpersonal", channel="private")
    answer = post(client, world.headers, body())
    assert answer.status_code == 422
    assert "2002/58" in answer.json()["detail"]
    assert count(world) == 0


def test_in_the_gap_of_2026_nothing_is_taken(cast: Cast) -> None:
    world = World(cast, kind="interpersonal", channel="private")
    with clock.simulate(datetime(2026, 6, 1, tzinfo=UTC)), pytest.raises(NoLegalBasis, match="2026-04-04"):
        intake.receive(world.machine, read(body()))


def test_an_encrypted_channel_is_refused_also_on_a_lawful_service(cast: Cast, client: Client) -> None:
    world = World(cast)
    assert post(client, world.headers, body(channel="e2ee")).status_code == 422


@pytest.mark.parametrize("terms", [{"mode": "shadow"}, {"mode": "shadow", "kind": "interpersonal"}, {}])
def test_shadow_only_counts(cast: Cast, client: Client, terms: dict[str, Any]) -> None:
    world = World(cast, **terms)
    message = body(shadow=not terms)
    answer = post(client, world.headers, message)
    assert answer.json() == {"id": None, "state": "counted"}
    assert count(world) == 0
    assert work_queue.counts(world.reviewer)["shadow"] == 1
    with acting(world.lead):
        row = ShadowSighting.objects.get()
        kept = " ".join(str(value) for value in row.__dict__.values())
    assert message["item"] not in kept
    assert message["sha256"] not in kept
    with pytest.raises(NotFound):
        review.decide(world.reviewer, row.id, review.Opinion("confirm", "known_item", "unopened"))


def test_terms_hold_from_their_change_on(cast: Cast, client: Client) -> None:
    world = World(cast, mode="shadow")
    services.change(world.lead, world.service, ServiceInput("hosting", mode="on"))
    assert post(client, world.headers, body()).json()["state"] == "waiting"
    _listed, history = services.load_service(world.lead, world.service)
    assert [t.mode for t in history] == ["on", "shadow"]


def test_what_names_the_item_lies_encrypted(cast: Cast) -> None:
    world, message = World(cast), body(pdq=[{"hash": "3c" * 32, "quality": 90, "hasher": "tutela-pdq/1"}])
    world.candidate(message)
    with acting(world.lead), connection.cursor() as cursor:
        cursor.execute("SELECT c::text FROM detection_candidate c")
        text = " ".join(row[0] for row in cursor.fetchall())
    assert message["item"] not in text
    assert "3c" * 32 not in text
    assert message["item"].encode().hex() not in text


def test_a_filtered_queue_shows_what_was_asked_for(cast: Cast) -> None:
    world = World(cast)
    near, exact = world.candidate(body("near-pdq", register=False)), world.candidate()
    review.mark_urgent(world.reviewer, exact, "token")

    def ids(**wanted: str) -> list[UUID]:
        return [line.id for line in work_queue.list_candidates(world.reviewer, work_queue.CandidateFilter(**wanted))[0]]

    assert ids() == [exact, near]
    assert ids(rule="near-pdq") == [near]
    assert ids(list_id="eu-register") == [exact]
    assert ids(state="second") == []
    assert ids(service="Elsewhere") == []
