"""Statements of reasons: every element of Article 17(3), and a payload without locations."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from tutela.exchange.message.problem import in_words
from tutela.exchange.takedown.statement_of_reasons import StatementOfReasons, database_payload
from tutela.exchange.takedown.transparency_database import StatementInvalidError, validate

STATEMENT: dict[str, Any] = {
    "reference": "EX-2026-000123",
    "language": "en",
    "decisions": ["DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_ACCOUNT_SUSPENDED"],
    "locations": ["https://host.example/x/1"],
    "territorial_scope": ["AT", "BE", "GR"],
    "applied_at": "2026-02-11T10:00:00Z",
    "facts": "A trusted flagger sent a notice on 10 February 2026.",
    "source": "SOURCE_TRUSTED_FLAGGER",
    "automated_detection": False,
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "illegal": {"provision": "Directive 2011/93/EU, Art. 5", "explanation": "The item was assessed by two analysts."},
    "redress": [
        {"kind": "internal_complaint", "how": "Write to the desk.", "until": "2026-08-11T10:00:00Z"},
        {"kind": "out_of_court", "how": "Ask a certified body."},
        {"kind": "court", "how": "Ask the court of your country."},
    ],
}


def read(value: dict[str, Any]) -> StatementOfReasons:
    return StatementOfReasons.from_bytes(json.dumps(value).encode())


def test_a_complete_statement_gives_a_valid_payload_without_locations() -> None:
    payload = database_payload(read(STATEMENT), content_types=["CONTENT_TYPE_IMAGE"], content_date=date(2026, 2, 9))
    assert not validate(payload)
    assert "host.example" not in json.dumps(payload)
    assert (payload["decision_account"], payload["puid"]) == ("DECISION_ACCOUNT_SUSPENDED", "EX-2026-000123-1")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"decisions": []}, "decisions"),
        ({"territorial_scope": ["EL"]}, "territorial_scope"),
        ({"illegal": None}, "illegal or incompatible"),
        ({"notifier": "Example Hotline"}, "notifier_named_because"),
        ({"ends_at": "2026-02-10T10:00:00Z"}, "ends_at"),
        ({"redress": STATEMENT["redress"][:1]}, "court, out_of_court"),
        ({"facts": "Sent by user@mail.example."}, "facts"),
        ({"locations": ["x"]}, "locations.0"),
    ],
)
def test_a_refusal_names_field_and_reason(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(STATEMENT | change)
    assert reason in in_words(refused.value)


def test_only_the_name_of_a_trusted_flagger_goes_to_the_database() -> None:
    named = STATEMENT | {"notifier": "Example Hotline", "notifier_named_because": "The user asked a court."}
    for source, expected in (("SOURCE_TRUSTED_FLAGGER", "Example Hotline"), ("SOURCE_ARTICLE_16", None)):
        payload = database_payload(
            read(named | {"source": source}), content_types=["CONTENT_TYPE_IMAGE"], content_date=date(2026, 2, 9)
        )
        assert payload.get("source_identity") == expected


def test_terms_of_service_are_a_ground_of_their_own() -> None:
    change = {"illegal": None, "incompatible": {"provision": "Terms, section 4", "explanation": "Not allowed here."}}
    payload = database_payload(
        read(STATEMENT | change), content_types=["CONTENT_TYPE_TEXT"], content_date=date(2026, 2, 9)
    )
    assert payload["incompatible_content_ground"] == "Terms, section 4"
    with pytest.raises(StatementInvalidError, match="content_type"):
        database_payload(read(STATEMENT), content_types=[], content_date=date(2026, 2, 9))
