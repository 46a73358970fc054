"""Intake: who may file, what is stored, what is answered twice, and what never is."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client

from tests.support.cast import Cast
from tests.support.reporting import account, item, report
from tutela import clock
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope, trusted_keys
from tutela.exchange.report.hints import hints
from tutela.exchange.report.receipt import check_receipt
from tutela.exchange.report.report import Report
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.organisations.keys import signing
from tutela.reports.models import Report as Row

ADDRESS = "/api/v1/reports"


def _send(client: Client, headers: dict[str, str], body: Report | bytes, key: str = "") -> tuple[int, bytes]:
    data = body if isinstance(body, bytes) else body.to_bytes()
    key = key or (str(body.report_id) if isinstance(body, Report) else "key")
    answer = client.post(ADDRESS, data, "application/json", headers={**headers, "Idempotency-Key": key})
    return answer.status_code, answer.content


@pytest.fixture
def headers(cast: Cast) -> dict[str, str]:
    cast.centre  # noqa: B018 - there must be one
    return cast.key(cast.pixelpost, "reports:submit")


def test_an_anonymous_caller_is_refused(cast: Cast, client: Client) -> None:
    assert _send(client, {}, report())[0] == 401


@pytest.mark.parametrize("hours", [-24 * 400, -0.5, 3, 24 * 400])
@pytest.mark.parametrize("urgent", [False, True])
def test_every_date_starts_from_the_receipt_and_not_from_the_clock_of_the_sender(
    cast: Cast, client: Client, headers: dict[str, str], hours: float, urgent: bool
) -> None:
    now, away = clock.now(), timedelta(hours=hours)
    said, urgency = (now + away).isoformat(), {"urgent": urgent, **({"reason": "token"} if urgent else {})}
    sent = report(
        urgency=urgency,
        items=[item(at=now + away)],
        locations=[{"ip": "192.0.2.7", "port": 4711, "at": said}],
        issuance={"issued_at": said, "time_zone": "UTC", "signatory": "desk"},
        removal={"removed_or_disabled": True, "at": said},
        confirmation={"confirmed_by": "reviewer 7", "at": said, "how": "viewed"},
    )
    codes = {one.code for one in hints(sent, now)}
    assert ("future_moment" in codes) is (away > timedelta(hours=1))
    with clock.simulate(now):
        status, answer = _send(client, headers, sent)
    assert status == 201, "advice, never a refusal"
    keys = trusted_keys([k.public.hex() for k in signing.public_keys(cast.centre.organisation_id, "receipt")])
    assert check_receipt(Envelope.from_bytes(answer), sent, keys).received_at == now
    with acting(cast.centre):
        row = Row.objects.get(report_id=sent.report_id)
        found = {spec.kind: state.deadline for spec, state in clocks.of_subject("report", sent.report_id)}
    wanted = {"relevance", "urgent_referral"} if urgent else {"relevance"}
    assert found == {kind: KINDS[kind].length.after(now) for kind in wanted}
    assert (row.created_at, row.look_by) == (now, min(found.values()))  # type: ignore[type-var]
    assert row.urgency == (70 if urgent else 10) + (10 if away == timedelta(minutes=-30) else 0)


def test_an_organisation_that_is_no_provider_is_refused(cast: Cast, client: Client) -> None:
    cast.centre  # noqa: B018 - there must be one
    assert _send(client, cast.key(cast.hotline_ie, "reports:submit"), report())[0] == 403


def test_a_key_without_the_scope_is_refused(cast: Cast, client: Client) -> None:
    assert _send(client, cast.key(cast.pixelpost, "releases:read"), report())[0] == 403


def test_a_report_is_receipted_with_a_signature_over_its_bytes(
    cast: Cast, client: Client, headers: dict[str, str]
) -> None:
    sent = report()
    status, answer = _send(client, headers, sent)
    assert status == 201
    keys = trusted_keys([k.public.hex() for k in signing.public_keys(cast.centre.organisation_id, "receipt")])
    receipt = check_receipt(Envelope.from_bytes(answer), sent, keys)
    assert receipt.centre == cast.centre.organisation_name
    with acting(cast.centre):
        assert Row.objects.filter(report_id=sent.report_id).count() == 1


def test_the_same_key_is_answered_the_same_way(client: Client, headers: dict[str, str]) -> None:
    sent = report()
    assert _send(client, headers, sent) == _send(client, headers, sent)


def test_the_same_report_under_another_key_is_one_report(client: Client, headers: dict[str, str]) -> None:
    sent = report()
    assert _send(client, headers, sent, "first") == _send(client, headers, sent, "second")


def test_the_same_id_with_other_contents_is_refused(client: Client, headers: dict[str, str]) -> None:
    sent = report()
    _send(client, headers, sent)
    other = sent.model_copy(update={"language": "de"})
    assert _send(client, headers, other, "other")[0] == 409
    assert _send(client, headers, other)[0] == 409


def test_another_provider_cannot_learn_that_an_id_is_taken_by_reading(
    cast: Cast, client: Client, headers: dict[str, str]
) -> None:
    sent = report()
    _send(client, headers, sent)
    foreign = cast.key(cast.other_provider, "reports:submit")
    assert client.get(f"{ADDRESS}/{sent.report_id}", headers=foreign).status_code == 404
    assert client.get(f"{ADDRESS}/{report().report_id}", headers=foreign).status_code == 404
    assert client.get(f"{ADDRESS}/{sent.report_id}", headers=headers).json()["told"][0]["kind"] == "received"


def test_concurrent_twins_make_one_report(cast: Cast, headers: dict[str, str]) -> None:
    sent = report()

    def one(_: int) -> tuple[int, bytes]:
        try:
            return _send(Client(), headers, sent)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(one, range(16)))
    assert len(answers) == 1
    with acting(cast.centre):
        assert Row.objects.filter(report_id=sent.report_id).count() == 1


def test_reports_that_come_together_have_each_an_answer(cast: Cast, headers: dict[str, str]) -> None:
    known, sent = report(), [report() for _ in range(12)]
    assert _send(Client(), headers, known, "a key of before")[0] == 201

    def one(given: tuple[Report, str]) -> tuple[int, bytes]:
        try:
            return _send(Client(), headers, *given)
        finally:
            connections.close_all()

    other = known.model_copy(update={"language": "de"})
    refused = [(other, "another key"), (sent[0], "a key of before")]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, [*((each, str(each.report_id)) for each in sent), *refused]))
    assert [status for status, _ in answers] == [201] * len(sent) + [409, 409]
    keys = trusted_keys([k.public.hex() for k in signing.public_keys(cast.centre.organisation_id, "receipt")])
    for each, (_, answer) in zip(sent, answers, strict=False):
        check_receipt(Envelope.from_bytes(answer), each, keys)
    # What was refused left no key behind: a mended message may come under it.
    assert _send(Client(), headers, report(), "another key")[0] == 201
    with acting(cast.centre):
        assert Row.objects.filter(report_id__in=[one.report_id for one in sent]).count() == len(sent)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"report_id": 1}', b"null", b'{"a":1,"a":2}', b"[" * 5000],
)
def test_what_cannot_be_read_is_a_clear_refusal(client: Client, headers: dict[str, str], body: bytes) -> None:
    status, answer = _send(client, headers, body)
    assert status == 422, answer
    assert json.loads(answer)["title"]


def test_every_bad_field_is_named_and_nothing_is_stored(cast: Cast, client: Client, headers: dict[str, str]) -> None:
    sent = report()
    data = json.loads(sent.to_bytes())
    data["locations"][0]["ip"] = "not an address"
    data["language"] = "english please"
    data["surprise"] = 1
    status, answer = _send(client, headers, json.dumps(data).encode())
    fields = {e["field"] for e in json.loads(answer)["errors"]}
    assert status == 422
    assert {"locations.0.ip", "language", "surprise"} <= fields
    with acting(cast.centre):
        assert not Row.objects.filter(report_id=sent.report_id).exists()


def test_new_material_without_human_confirmation_is_refused(client: Client, headers: dict[str, str]) -> None:
    data = json.loads(report().to_bytes())
    data["kinds"] = ["new"]
    del data["confirmation"]
    assert _send(client, headers, json.dumps(data).encode())[0] == 422


def test_a_body_beyond_the_limit_is_refused(client: Client, headers: dict[str, str]) -> None:
    status, answer = _send(client, headers, b" " * (6 * 1024 * 1024))
    assert status == 413, answer


def test_one_item_reported_often_is_one_bundle_and_every_account_keeps_its_report(
    cast: Cast, client: Client, headers: dict[str, str]
) -> None:
    sha256 = item()["sha256"]
    sent = [report(items=[item(sha256)], users=[account(str(n))]) for n in range(5)]
    for one in sent:
        assert _send(client, headers, one)[0] == 201
    with acting(cast.centre):
        rows = list(Row.objects.filter(report_id__in=[s.report_id for s in sent]))
        assert len({r.bundle_id for r in rows}) == 1
        assert [r.duplicate_of for r in rows] == [None] * 5


def test_the_same_account_event_and_item_is_a_duplicate(cast: Cast, client: Client, headers: dict[str, str]) -> None:
    first = report()
    second = first.model_copy(update={"report_id": report().report_id})
    for one in (first, second):
        assert _send(client, headers, one)[0] == 201
    with acting(cast.centre):
        row = Row.objects.select_related("duplicate_of").get(report_id=second.report_id)
        assert row.duplicate_of
        assert row.duplicate_of.report_id == first.report_id


def test_bodies_lie_sealed(cast: Cast, client: Client, headers: dict[str, str]) -> None:
    sent = report(users=[account("findme")])
    _send(client, headers, sent)
    with acting(cast.centre):
        assert b"findme" not in bytes(Row.objects.get(report_id=sent.report_id).sealed_body)
