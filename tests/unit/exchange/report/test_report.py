from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ValidationError

from tests.support.exchange_reports import AT, MOMENT, network, report, report_id
from tutela.exchange.errors import ContextMismatchError, NotJsonError
from tutela.exchange.message.identifiers import uuid7
from tutela.exchange.message.problem import from_validation
from tutela.exchange.message.signed_envelope import sign, trusted_keys
from tutela.exchange.referral.outcome import Outcome
from tutela.exchange.report.completeness import missing_fields
from tutela.exchange.report.feedback import Feedback
from tutela.exchange.report.receipt import ReceiptForAnotherReportError, check_receipt, issue_receipt
from tutela.exchange.report.report import ANNEX_III, REPORT_CONTEXT, Report

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def read(value: dict[str, Any]) -> Report:
    return Report.from_bytes(json.dumps(value).encode())


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    inner = getattr(annotation, "__value__", None)
    parts = [inner] if inner is not None else get_args(annotation)
    return [model for part in parts for model in models_in(part)]


@pytest.mark.parametrize("field", ANNEX_III)
def test_every_field_of_the_template_has_a_place(field: str) -> None:
    for path in ANNEX_III[field]:
        model: type[BaseModel] = Report
        for i, name in enumerate(path.split(".")):
            assert name in model.model_fields, path
            if i + 1 < len(path.split(".")):
                (model,) = models_in(model.model_fields[name].annotation)


def test_a_full_report_survives_the_wire_byte_for_byte() -> None:
    first = read(report())
    again = Report.from_bytes(first.to_bytes())
    assert again == first
    assert again.to_bytes() == first.to_bytes()
    assert json.loads(first.to_bytes())["locations"][0]["at"] == AT, "the zone of a time is kept"
    assert missing_fields(first) == [m for m in missing_fields(first) if m.path == "locations.1.port"] != []


def changed(path: str, value: Any) -> dict[str, Any]:
    whole = report()
    at: Any = whole
    *parents, last = path.split(".")
    for name in parents:
        at = at[int(name) if name.isdigit() else name]
    if last.isdigit():
        at[int(last)] = value
        return whole
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return whole


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("surprise", 1),
        ("items.0.surprise", 1),
        ("report_id", "0" * 8),
        ("report_id", "not-an-id"),
        ("language", "English please"),
        ("kinds", []),
        ("kinds", ["known", "known"]),
        ("kinds", ["other"]),
        ("urgency", {"urgent": True}),
        ("urgency.urgent", "yes"),
        ("locations.0.ip", "999.1.1.1"),
        ("locations.0.port", 0),
        ("locations.0.port", 70000),
        ("locations.0.at", "2026-03-01T10:00:00"),
        ("issuance.issued_at", 5),
        ("items.0.sha256", "2" * 64 + "\n"),
        ("items.0.sha256", "2" * 63 + "G"),
        ("items.0.pdq.0.quality", 101),
        ("provider.name", ""),
        ("provider.name", "x" * 301),
        ("provider.name", "\0"),
        ("provider.name", "   "),
        ("third_country", {"reported": True}),
        ("user_decision", {"decided": True}),
        ("removal", ...),
        ("geography.0.latitude", ...),
        ("users.0", {}),
        ("provider", ...),
        ("schema_version", "2"),
        ("items.0", {"item_id": "00000000-0000-0000-0000-000000000005", "kind": "image"}),
    ],
)
def test_a_wrong_field_is_refused_and_named(path: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        read(changed(path, value))
    problem = from_validation(caught.value, request_id="r-1")
    assert problem.status == 422
    assert problem.errors
    assert "999.1.1.1" not in problem.to_bytes().decode()
    top = path.split(".")[0]
    assert any(error.field.split(".")[0] in (top, "") for error in problem.errors)


def test_new_material_and_solicitation_need_a_human_being() -> None:
    for kind in ("new", "solicitation"):
        value = report() | {"kinds": [kind]}
        del value["confirmation"]
        with pytest.raises(ValidationError, match="confirmation is required"):
            read(value)


def test_a_field_given_twice_is_refused() -> None:
    text = json.dumps(report())
    with pytest.raises(NotJsonError):
        Report.from_bytes(text.replace("{", '{"language": "fr", ', 1).encode())


def test_a_bare_report_says_what_would_help() -> None:
    bare = report()
    for name in ("locations", "users", "victims", "geography", "confirmation", "items"):
        del bare[name]
    paths = [missing.path for missing in missing_fields(read(bare))]
    assert paths == ["locations", "users", "victims", "items", "geography", "confirmation", "urgency"]
    assert all(missing.code.text for missing in missing_fields(read(bare)))


def test_a_receipt_stands_for_exactly_one_report() -> None:
    mine, keys = read(report()), trusted_keys([KEY.public_key()])
    envelope = issue_receipt(mine, received_at=MOMENT, centre="Centre", key=KEY)
    assert check_receipt(envelope, mine, keys).received_at == MOMENT
    edited = read(changed("urgency.reason", "another"))
    with pytest.raises(ReceiptForAnotherReportError):
        check_receipt(envelope, edited, keys)
    with pytest.raises(ContextMismatchError):
        check_receipt(sign(mine.to_bytes(), REPORT_CONTEXT, KEY), mine, keys)


def test_answers_without_action_say_why() -> None:
    base = {"at": MOMENT, "centre": "Centre", "feedback_id": report_id(2), "report_id": report_id()}
    assert Feedback.model_validate({**base, "kind": "received"})
    with pytest.raises(ValidationError, match="needs a reason"):
        Feedback.model_validate({**base, "kind": "not_relevant"})
    base = {
        "outcome_id": report_id(2),
        "referral_id": report_id(3),
        "at": MOMENT,
        "authority": "A",
        "release": "provider",
    }
    assert Outcome.model_validate({**base, "kind": "victim_identified"})
    with pytest.raises(ValidationError, match="needs a reason"):
        Outcome.model_validate({**base, "kind": "no_action"})


def test_identifiers_are_version_seven_and_sort_by_time() -> None:
    ids = [uuid7() for _ in range(50)]
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    assert len(set(ids)) == 50
    assert uuid7(MOMENT).int >> 80 == int(MOMENT.timestamp() * 1000)
    assert network()["ip"] == "192.0.2.7"
