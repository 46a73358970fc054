"""The API of partner hotlines against replays, strangers and broken messages: nothing partial, nothing twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.partners_world import Partners, message, post, send_headers
from tests.support.post import SigningClient
from tutela import clock
from tutela.events.transaction import acting
from tutela.exchange.message.signed_message import HEADER
from tutela.organisations.models import ApiKey
from tutela.takedown.intake.open_case import Reported, address_of, open_case
from tutela.takedown.models import IncomingCase, Source, Stage, TransferStep
from tutela.takedown.partners import end_partner, partner_list
from tutela.takedown.rechecks import check

CASES, BATCH, STATUSES = "hotline-cases", "hotline-cases/batch", "hotline-statuses"


@pytest.fixture
def world(cast: Cast) -> Partners:
    return Partners(cast)


def _body(said: Any) -> bytes:
    return json.dumps(said).encode()


def test_the_same_case_has_the_same_receipt_under_every_key(world: Partners) -> None:
    said = message()
    first = post(world, CASES, _body(said))
    assert (first.status_code, first.json()["acceptance"]) == (201, "accepted")
    for key in ("k", "other", "third"):
        again = post(world, CASES, _body(said), key)
        assert (again.status_code, again.content) == (201, first.content)
    assert world.counted() == (1, 1)
    changed = said | {"locations": [said["locations"][0] | {"kind": "media"}]}
    assert post(world, CASES, _body(changed)).status_code == 409, "the same key"
    assert post(world, CASES, _body(changed), "new").status_code == 409, "the same reference"
    assert world.counted() == (1, 1)
    with acting(world.host.analyst):
        row = IncomingCase.objects.get()
        assert (row.sender_id, row.places.get().case.sources.count()) == (world.sender.machine.organisation_id, 1)


def test_a_case_of_many_addresses_is_stored_as_a_whole(world: Partners) -> None:
    places = [message()["locations"][0] | {"reference": f"A-{n}"} for n in range(5)]
    answer = post(world, CASES, _body(message(locations=places)))
    assert answer.status_code == 201
    assert world.counted() == (1, 5)
    bad = [*places, places[0] | {"reference": "A-9", "url": "http://localhost/"}]
    assert post(world, CASES, _body(message(locations=bad)), "b").status_code == 422
    assert world.counted() == (1, 5)
    again = post(world, CASES, _body(message(locations=places)), "c").json()
    assert (again["acceptance"], world.counted()) == ("duplicate", (2, 5))


def test_a_case_of_another_country_is_answered_and_opens_nothing(world: Partners) -> None:
    place = message()["locations"][0]
    place["hosting"]["country"] = "FR"
    answer = post(world, CASES, _body(message(locations=[place]))).json()
    assert (answer["acceptance"], answer["country"]) == ("not_our_country", "FR")
    assert world.counted() == (1, 0)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b"null", 422),
        (_body(message())[:-20], 422),
        (_body(message()).decode().encode("utf-16"), 422),
        (b'{"message_id": "\xff\xfe"}', 422),
        (b"[" * 20_000, 422),
        (_body(message(sender="x" * 100_000)), 422),
        (_body(message(reporter="Somebody")), 422),
        (_body(message(message_id="1")), 422),
        (_body(message(locations=[])), 422),
        (_body(message(sent_at="2020-01-01T00:00:00Z")), 422),
        (_body(message(case_reference="../../x y")), 422),
    ],
)
def test_a_broken_message_is_refused_by_name_and_leaves_nothing(world: Partners, body: bytes, status: int) -> None:
    for end in (CASES, STATUSES):
        answer = post(world, end, body)
        assert answer.status_code in (status, 400, 413), answer.content
        assert answer["Content-Type"] == "application/problem+json"
        assert b"Somebody" not in answer.content
    assert world.counted() == (0, 0)


def test_more_than_a_node_reads_is_refused(world: Partners) -> None:
    place = message()["locations"][0]
    many = [place | {"reference": f"A-{n}", "url": f"https://h.example.org/{n}"} for n in range(201)]
    assert post(world, CASES, _body(message(locations=many))).status_code == 422
    large = b" " * 60_000_000
    assert post(world, CASES, large).status_code in (400, 413, 422)
    assert world.counted() == (0, 0)


def test_keys_of_others_and_other_scopes_open_nothing(world: Partners, cast: Cast) -> None:
    said = _body(message())
    path = f"/api/v1/organisations/{world.host.machine.organisation_id}/takedown/{CASES}"
    assert Client().post(path, said, content_type="application/json").status_code == 401
    for text in ("tut_0000000000_x", "x", ""):
        assert post(world, CASES, said, Authorization=f"Bearer {text}").status_code == 401
    with acting(world.sender.machine):
        right = send_headers(world)
    plain = Client(raise_request_exception=False)
    unsigned = plain.post(path, said, content_type="application/json", headers={**right, "Idempotency-Key": "k"})
    assert unsigned.status_code == 403
    forged = post(world, CASES, said, **{HEADER: "e30="})
    assert forged.status_code == 403
    for holder, scope in (
        (world.sender.machine, "releases:read"),
        (world.sender.machine, "notices:submit"),
        (cast.pixelpost, "hotline-cases:exchange"),
        (cast.organisation("Hotline France", "hotline", "FR"), "hotline-cases:exchange"),
    ):
        assert post(world, CASES, said, **cast.key(holder, scope)).status_code == 403
        assert post(world, BATCH, said, **cast.key(holder, scope)).status_code == 403
    end_partner.end(world.administrators()[1], world.back)
    assert post(world, CASES, said).status_code == 401, "the key ended with the partner"
    assert world.counted() == (0, 0)


def test_a_rotated_key_ends_the_one_before(world: Partners) -> None:
    assert post(world, CASES, _body(message())).status_code == 201
    partner_list.issue_key(world.administrators()[1], world.back)
    assert post(world, CASES, _body(message()), "b").status_code == 401


def _status(world: Partners, transfer: Any, sequence: int, kind: str, **changed: Any) -> dict[str, Any]:
    row = world.transfer(transfer)
    action = {"kind": kind, "at": clock.now().isoformat()}
    if kind in ("unavailable", "not_illegal"):
        action["reason"] = "It is a drawing."
    said = {
        "message_id": f"0190f5fe-0000-7000-8000-0000000000{sequence:02}",
        "case_reference": row.reference,
        "own_reference": row.partner_reference or "DE-1",
        "location": row.reference.partition("/")[0],
        "sequence": sequence,
        "action": action,
    }
    return said | changed


def _told(world: Partners, said: dict[str, Any], key: str = "", sender: Any = None) -> Any:
    """Post a status to the sender of the case, as the partner's outbox would."""
    holder, whom = sender or world.host.machine, world.sender.machine.organisation_id
    made = world.cast.key(holder, "hotline-cases:exchange")
    ApiKey.objects.filter(prefix=made["Authorization"].partition("tut_")[2][:10]).update(recipient_id=whom)
    headers = {**made, "Idempotency-Key": key or f"s{said['sequence']}"}
    client = SigningClient(raise_request_exception=False)
    path = f"/api/v1/organisations/{whom}/takedown/{STATUSES}"
    return client.post(path, _body(said), content_type="application/json", headers=headers)


def test_statuses_out_of_order_end_in_the_same_history(world: Partners) -> None:
    case, transfer, _there = world.arrived()
    said = [_status(world, transfer, n, kind) for n, kind in ((1, "reported_to_police"), (2, "reported_to_host"))]
    last = _status(world, transfer, 3, "removed")
    for one in (last, said[1], said[0], last, said[0]):
        assert _told(world, one).status_code == 201
    assert _told(world, said[0], "another key").status_code == 201
    with acting(world.sender.analyst):
        rows = TransferStep.objects.filter(transfer=transfer, sequence__isnull=False).order_by("sequence")
        assert list(rows.values_list("kind", flat=True)) == ["reported_to_police", "reported_to_host", "removed"]
    assert world.sender.row(case).stage == Stage.CLOSED


def test_a_status_that_cannot_be_changes_nothing(world: Partners, cast: Cast) -> None:
    case, transfer, _there = world.arrived()
    assert _told(world, _status(world, transfer, 2, "not_illegal")).status_code == 201
    before = world.steps(transfer)
    for said, status in (
        (_status(world, transfer, 3, "removed"), 409),
        (_status(world, transfer, 1, "removed"), 409),
        (_status(world, transfer, 3, "reappeared"), 409),
        (_status(world, transfer, 2, "removed"), 409),
        (_status(world, transfer, 3, "moved"), 422),
        (_status(world, transfer, 0, "removed"), 422),
        (_status(world, transfer, 4, "moved", location="T-0000-0000-0"), 422),
        (_status(world, transfer, 3, "removed", location="T-0000-0000-0"), 404),
        (_status(world, transfer, 3, "removed", case_reference="T-0000-0000-0"), 404),
    ):
        assert _told(world, said, f"x{said['sequence']}{said['action']['kind']}{status}").status_code == status, said
    assert world.steps(transfer) == before
    assert world.sender.row(case).stage == Stage.ACT


def test_the_status_of_a_stranger_is_of_no_case(world: Partners, cast: Cast) -> None:
    case, transfer, _there = world.arrived()
    said = _status(world, transfer, 1, "removed")
    other = cast.organisation("Hotline France", "hotline", "FR")
    partner_list.add(world.administrators()[0], partner_list.Entered(other.organisation_id))
    assert _told(world, said, sender=other).status_code == 404
    assert _told(world, said, sender=cast.pixelpost).status_code in (403, 404)
    assert world.sender.row(case).stage == Stage.RECHECK
    end_partner.end(world.administrators()[0], world.there)
    assert _told(world, said).status_code == 404
    assert world.steps(transfer) == ["sent", "accepted", "withdrawn"]
    assert world.sender.row(case).stage == Stage.ACT, "a person decides what follows"


def test_a_status_may_come_before_the_receipt(world: Partners) -> None:
    case, transfer = world.sent()
    assert _told(world, _status(world, transfer, 1, "reported_to_host")).status_code == 201
    assert (world.transfer(transfer).state, world.transfer(transfer).partner_reference) == ("accepted", "DE-1")
    world.post()
    assert world.steps(transfer) == ["sent", "reported_to_host", "accepted"]
    assert world.sender.row(case).stage == Stage.RECHECK


@pytest.mark.parametrize("lines", [False, True])
def test_a_batch_answers_each_case_by_itself(world: Partners, lines: bool) -> None:
    good = [message(), message()]
    known, broken = message(good[0]["case_reference"]), message(sender="")
    every = [*good, broken, known, good[0]]
    body = b"\n".join(map(_body, every)) if lines else _body(every)
    for _again in range(2):
        answer = post(world, BATCH, body)
        assert answer.status_code == 200
        said = answer.json()
        assert [one["status"] for one in said["results"]] == [201, 201, 422, 409, 201]
        assert (said["received"], said["refused"]) == (3, 2)
        assert said["results"][2]["errors"][0]["field"] == "sender"
        assert said["results"][0]["receipt"] == said["results"][4]["receipt"]
    assert world.counted() == (2, 2)


def test_a_batch_that_is_too_much_stores_nothing(world: Partners) -> None:
    place = message()["locations"][0]
    many = [place | {"reference": f"A-{n}", "url": f"https://h.example.org/{n}"} for n in range(200)]
    for body in (
        _body([message() for _ in range(101)]),
        _body([message(locations=many) for _ in range(6)]),
        b"",
        b"[",
        b"[]",
    ):
        assert post(world, BATCH, body).status_code in (400, 422)
    assert post(world, BATCH, b"{}\n{}").status_code == 422
    assert world.counted() == (0, 0)


def test_a_verified_absence_that_was_reported_twice_is_one(world: Partners) -> None:
    case, transfer, there = world.arrived()
    world.removed_there(there)
    for _again in range(2):
        check.seen(world.host.analyst, there, absent=True)
    world.post()
    assert world.steps(transfer).count("removed") == 1
    assert world.sender.row(case).stage == Stage.CLOSED


def test_a_partner_learns_that_somebody_reported_the_address_again(world: Partners) -> None:
    case, transfer, there = world.arrived()
    world.removed_there(there)
    check.seen(world.host.analyst, there, absent=True)
    world.post()
    assert world.sender.row(case).stage == Stage.CLOSED
    with acting(world.host.analyst):
        address = address_of(world.host.row(there)).normal
    open_case(world.host.analyst, address, Reported(Source.ENTERED))
    assert world.host.row(there).stage == Stage.ASSESS, "a person looks first"
    world.post()
    assert world.steps(transfer)[-1] == "removed"
    world.host.assessed(case=there)
    world.post()
    assert world.steps(transfer)[-1] == "reappeared"
    assert world.sender.row(case).stage != Stage.CLOSED
