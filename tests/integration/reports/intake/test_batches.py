"""Batches: one answer a report, one bad line stops no other, and a batch sent again changes nothing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Cast
from tests.support.reporting import account, item, report
from tutela import clock
from tutela.events.identifiers import case_number
from tutela.events.models import Event
from tutela.events.sql import run_statements
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope, trusted_keys
from tutela.exchange.report.batch import BatchAnswer
from tutela.exchange.report.receipt import check_receipt
from tutela.exchange.report.report import Report
from tutela.organisations.keys import signing
from tutela.reports.bundles import planner
from tutela.reports.intake import store
from tutela.reports.models import Report as Row

ADDRESS = "/api/v1/reports/batch"


@pytest.fixture
def headers(cast: Cast) -> dict[str, str]:
    cast.centre  # noqa: B018 - there must be one
    return cast.key(cast.pixelpost, "reports:submit")


def lines(reports: list[Report]) -> bytes:
    return b"\n".join(one.to_bytes() for one in reports)


def array(reports: list[Report]) -> bytes:
    return b"[" + b",".join(one.to_bytes() for one in reports) + b"]"


def send(client: Client, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
    answer = client.post(ADDRESS, body, "application/json", headers=headers)
    return answer.status_code, json.loads(answer.content)


def stored(cast: Cast, sent: list[Report]) -> dict[UUID, Row]:
    with acting(cast.centre):
        rows = Row.objects.select_related("bundle", "duplicate_of").filter(report_id__in=[s.report_id for s in sent])
        return {row.report_id: row for row in rows}


def test_an_anonymous_caller_is_refused(cast: Cast, client: Client) -> None:
    assert send(client, {}, lines([report()]))[0] == 401


def test_an_organisation_that_is_no_provider_is_refused(cast: Cast, client: Client) -> None:
    cast.centre  # noqa: B018 - there must be one
    assert send(client, cast.key(cast.hotline_ie, "reports:submit"), lines([report()]))[0] == 403


@pytest.mark.parametrize("module", [store, planner])
@pytest.mark.parametrize("form", ["batch", "single"])
def test_a_number_that_another_has_is_drawn_again(
    cast: Cast, client: Client, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch, module: Any, form: str
) -> None:
    before, sent = report(), [report() for _ in range(3 if form == "batch" else 1)]
    send(client, headers, lines([before]))
    there = stored(cast, [before])[before.report_id]
    taken = [there.number if module is store else there.bundle.number]
    monkeypatch.setattr(module, "case_number", lambda prefix: taken.pop() if taken else case_number(prefix))
    if form == "batch":
        assert send(client, headers, lines(sent))[1]["received"] == 3
    else:
        given = {**headers, "Idempotency-Key": str(uuid4())}
        answer = client.post("/api/v1/reports", sent[0].to_bytes(), "application/json", headers=given)
        assert answer.status_code == 201, answer.content
    assert not taken
    assert len({one.number for one in stored(cast, [before, *sent]).values()}) == len(sent) + 1


@pytest.mark.parametrize("form", [lines, array])
def test_every_report_of_a_batch_is_receipted(cast: Cast, client: Client, headers: dict[str, str], form: Any) -> None:
    sent = [report() for _ in range(7)]
    status, answer = send(client, headers, form(sent))
    assert (status, answer["received"], answer["refused"]) == (200, 7, 0)
    BatchAnswer.model_validate_json(json.dumps(answer))
    keys = trusted_keys([k.public.hex() for k in signing.public_keys(cast.centre.organisation_id, "receipt")])
    for one, result in zip(sent, answer["results"], strict=True):
        assert result["report_id"] == str(one.report_id)
        check_receipt(Envelope.from_bytes(json.dumps(result["receipt"]).encode()), one, keys)
    assert set(stored(cast, sent)) == {one.report_id for one in sent}
    with acting(cast.centre):
        ids = [str(one.report_id) for one in sent]
        assert Event.objects.filter(kind="report.received", subject_id__in=ids).count() == 7


def test_a_bad_line_is_named_and_stops_no_other(cast: Cast, client: Client, headers: dict[str, str]) -> None:
    sent = [report() for _ in range(3)]
    bad = json.loads(sent[1].to_bytes())
    bad["locations"][0]["ip"] = "not an address"
    body = b"\n".join([sent[0].to_bytes(), b"", json.dumps(bad).encode(), b"{", sent[2].to_bytes()])
    status, answer = send(client, headers, body)
    assert (status, answer["received"], answer["refused"]) == (200, 2, 2)
    assert [one["status"] for one in answer["results"]] == [201, 422, 422, 201]
    assert [one["line"] for one in answer["results"]] == [1, 3, 4, 5]
    assert answer["results"][1]["errors"][0]["field"] == "locations.0.ip"
    assert "not an address" not in json.dumps(answer)
    assert set(stored(cast, sent)) == {sent[0].report_id, sent[2].report_id}


def test_a_batch_sent_again_gets_the_same_receipts(cast: Cast, client: Client, headers: dict[str, str]) -> None:
    sent = [report() for _ in range(4)]
    first = send(client, headers, lines(sent))
    assert send(client, headers, array(sent)) == first
    assert len(stored(cast, sent)) == 4


def test_other_contents_under_a_known_id_are_a_conflict(cast: Cast, client: Client, headers: dict[str, str]) -> None:
    sent = report()
    other = sent.model_copy(update={"language": "de"})
    _, answer = send(client, headers, lines([sent, other, sent]))
    assert [one["status"] for one in answer["results"]] == [201, 409, 201]
    assert answer["results"][1]["errors"][0]["field"] == "report_id"


@pytest.mark.parametrize("body", [b"", b"\n\n", b"[]", b"[1", b'[{"a":1,"a":2}]', b"[0.5]"])
def test_a_body_that_is_no_batch_is_a_clear_refusal(client: Client, headers: dict[str, str], body: bytes) -> None:
    status, answer = send(client, headers, body)
    assert status == 422
    assert answer["detail"]


def test_more_than_a_hundred_are_refused_as_a_whole(cast: Cast, client: Client, headers: dict[str, str]) -> None:
    sent = [report()] * 101
    assert send(client, headers, lines(sent))[0] == 422
    assert not stored(cast, sent)


def test_reports_of_one_batch_are_bundled_and_repeat_each_other(
    cast: Cast, client: Client, headers: dict[str, str]
) -> None:
    shared, users, at = item(), [account()], clock.now().isoformat()
    place = [{"ip": "192.0.2.7", "at": at}]
    sent = [
        report(items=[item()]),
        report(items=[shared], users=users, locations=place),
        report(items=[shared], users=users, locations=place, urgency={"urgent": True, "reason": "token"}),
        report(items=[shared]),
        report(items=[item(), item()]),
    ]
    assert send(client, headers, lines(sent))[1]["received"] == 5
    rows = [stored(cast, sent)[one.report_id] for one in sent]
    assert rows[2].duplicate_of == rows[1]
    assert rows[1].urgent, "the repetition brought its urgency"
    assert [row.duplicate_of for row in (rows[0], rows[1], rows[3], rows[4])] == [None] * 4
    assert len({rows[n].bundle_id for n in (1, 2, 3)}) == 1
    assert len({row.bundle_id for row in rows}) == 3


def test_a_batch_joins_bundles_that_stood_apart(cast: Cast, client: Client, headers: dict[str, str]) -> None:
    first, second, new = item(), item(), item()
    apart = [report(items=[first]), report(items=[second])]
    for one in apart:
        send(client, headers, lines([one]))
    assert len({row.bundle_id for row in stored(cast, apart).values()}) == 2
    joining = [report(items=[first, new]), report(items=[new, second])]
    send(client, headers, lines(joining))
    assert len({row.bundle_id for row in stored(cast, [*apart, *joining]).values()}) == 1


def test_two_batches_of_the_same_reports_at_once_are_one(cast: Cast, headers: dict[str, str]) -> None:
    sent = [report(items=[item()]) for _ in range(20)]
    cast.pixelpost  # noqa: B018 - founded before the threads begin

    def one(reports: list[Report]) -> dict[str, Any]:
        try:
            answer = send(Client(), headers, lines(reports))[1]
            return {result["report_id"]: result["receipt"] for result in answer["results"]}
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, [sent, sent[::-1], sent[10:] + sent[:10], sent]))
    assert all(answer == answers[0] for answer in answers)
    assert len(stored(cast, sent)) == 20


def test_a_hundred_reports_ask_no_more_than_one(
    cast: Cast, client: Client, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(questions: Any) -> Any:
        asked.append(len(questions))
        return run_statements(questions)

    for module in ("bulk_insert", "transaction"):
        monkeypatch.setattr(f"tutela.events.{module}.run_statements", counted)
    for module in ("people.api_keys", "people.directory", "keys.signing"):
        monkeypatch.setattr(f"tutela.organisations.{module}.run_statements", counted)
    monkeypatch.setattr("tutela.reports.bundles.prefetch.run_statements", counted)

    def trips(body: bytes) -> tuple[int, int]:
        asked.clear()
        with CaptureQueriesContext(connection) as seen:
            assert send(client, headers, body)[0] == 200
        mapped = [one["sql"] for one in seen if one["sql"] not in ("BEGIN", "COMMIT")]
        return len(asked), len(mapped)

    trips(lines([report()]))
    one, many = trips(lines([report()])), trips(lines([report() for _ in range(100)]))
    assert one == many
    assert one <= (4, 0), "key and Centre; tenant, signing key and first look; perhaps a second one; one insert"
    asked.clear()
    keyed = {**headers, "Idempotency-Key": str(uuid4())}
    answer = client.post("/api/v1/reports", report().to_bytes(), "application/json", headers=keyed)
    assert (answer.status_code, len(asked)) == (201, 3), "one new report; its answer goes with the commit"
