"""Statements for the transparency database: every rule, batches, and the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.takedown import transparency_schema as schema
from tutela.exchange.takedown.transparency_database import (
    AnswerUnreadableError,
    Result,
    StatementInvalidError,
    answer,
    batches,
    known_puid,
    prepare,
    puid_of,
    validate,
)

PAYLOAD: dict[str, Any] = {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
    "illegal_content_legal_ground": "National law transposing Directive 2011/93/EU, Art. 5",
    "illegal_content_explanation": "The item was assessed by two analysts.",
    "content_type": ["CONTENT_TYPE_IMAGE"],
    "category": "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
    "category_specification": ["KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"],
    "territorial_scope": list(schema.TERRITORY),
    "content_date": "2026-02-09",
    "application_date": "2026-02-11",
    "decision_facts": "Notice of a trusted flagger of 10 February 2026; verified by the provider.",
    "source_type": "SOURCE_TRUSTED_FLAGGER",
    "source_identity": "Example Hotline",
    "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "puid": "EX-2026-000123-1",
}


def paths(change: dict[str, Any]) -> set[str]:
    return {one.path for one in validate(PAYLOAD | change)}


def test_the_example_is_valid() -> None:
    assert not validate(PAYLOAD)
    assert prepare(PAYLOAD) == PAYLOAD
    assert len(schema.TERRITORY) == 30
    assert set(schema.SUBJECT_KEYWORDS) < set(schema.KEYWORDS)
    assert len(set(schema.KEYWORDS)) == len(schema.KEYWORDS) == 69


@pytest.mark.parametrize("field", [name for name, (need, _check) in schema.FIELDS.items() if need == "required"])
def test_required_fields(field: str) -> None:
    assert field in {one.path for one in validate({name: PAYLOAD[name] for name in PAYLOAD if name != field})}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"decision_visibility": []}, "decision_visibility"),
        ({"decision_visibility": ["REMOVED"]}, "decision_visibility[0]"),
        ({"decision_visibility": ["DECISION_VISIBILITY_OTHER"]}, "decision_visibility_other"),
        ({"decision_monetary": "DECISION_MONETARY_OTHER"}, "decision_monetary_other"),
        ({"decision_provision": "x"}, "decision_provision"),
        ({"decision_account": "x"}, "decision_account"),
        ({"account_type": "x"}, "account_type"),
        ({"decision_ground": "x"}, "decision_ground"),
        ({"decision_ground": schema.INCOMPATIBLE}, "incompatible_content_ground"),
        ({"decision_ground": schema.INCOMPATIBLE}, "incompatible_content_explanation"),
        ({"illegal_content_legal_ground": "x" * 501}, "illegal_content_legal_ground"),
        ({"illegal_content_explanation": "x" * 2001}, "illegal_content_explanation"),
        ({"illegal_content_explanation": ""}, "illegal_content_explanation"),
        ({"incompatible_content_illegal": True}, "incompatible_content_illegal"),
        ({"decision_ground_reference_url": "x"}, "decision_ground_reference_url"),
        ({"decision_ground_reference_url": "https://a.example/" + "x" * 500}, "decision_ground_reference_url"),
        ({"content_type": []}, "content_type"),
        ({"content_type": ["CONTENT_TYPE_OTHER"]}, "content_type_other"),
        ({"category": "STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE"}, "category"),
        ({"category_addition": ["x"]}, "category_addition[0]"),
        ({"category_specification": ["KEYWORD_DANGEROUS_TOYS"]}, "category_specification[0]"),
        ({"territorial_scope": ["EL"]}, "territorial_scope[0]"),
        ({"content_language": "en"}, "content_language"),
        ({"content_date": "1999-12-31"}, "content_date"),
        ({"content_date": "2026-2-9"}, "content_date"),
        ({"application_date": "2038-01-02"}, "application_date"),
        ({"end_date_visibility_restriction": "2026-02-10"}, "end_date_visibility_restriction"),
        ({"decision_facts": "x" * 5001}, "decision_facts"),
        ({"decision_facts": "Sent by user@mail.example."}, "decision_facts"),
        ({"source_type": "x"}, "source_type"),
        ({"automated_detection": "yes"}, "automated_detection"),
        ({"automated_decision": "x"}, "automated_decision"),
        ({"puid": "a.b"}, "puid"),
        ({"puid": "x" * 501}, "puid"),
        ({"content_id": {"EAN-13": "1"}}, "content_id.EAN-13"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_every_broken_rule_is_found_by_its_field(change: dict[str, Any], path: str) -> None:
    assert path in paths(change)


def test_all_errors_are_found_at_once() -> None:
    with pytest.raises(StatementInvalidError) as refused:
        prepare(PAYLOAD | {"puid": "!", "category": "x", "content_date": ""})
    assert {one.path for one in refused.value.findings} == {"puid", "category", "content_date"}


def test_fields_that_the_database_drops_are_left_out() -> None:
    extra = {
        "decision_visibility_other": "a",
        "decision_monetary_other": "a",
        "content_type_other": "a",
        "incompatible_content_ground": "a",
        "incompatible_content_illegal": "No",
        "end_date_account_restriction": None,
    }
    assert prepare(PAYLOAD | extra) == PAYLOAD
    assert "source_identity" not in prepare(PAYLOAD | {"source_type": "SOURCE_VOLUNTARY"})
    mixed = prepare(PAYLOAD | {"content_type": ["CONTENT_TYPE_VIDEO", "CONTENT_TYPE_IMAGE", "CONTENT_TYPE_VIDEO"]})
    assert mixed["content_type"] == ["CONTENT_TYPE_IMAGE", "CONTENT_TYPE_VIDEO"]


def test_batches_have_at_most_100_statements() -> None:
    found = [json.loads(one)["statements"] for one in batches(PAYLOAD | {"puid": f"p-{n}"} for n in range(201))]
    assert [len(one) for one in found] == [100, 100, 1]


def test_one_bad_statement_refuses_its_batch() -> None:
    bad = [PAYLOAD | {"puid": f"p-{n}"} for n in range(99)] + [PAYLOAD | {"puid": "p-1"}]
    with pytest.raises(StatementInvalidError, match=r"statement_99\.puid"):
        list(batches(bad))
    with pytest.raises(StatementInvalidError, match=r"statement_0\.category"):
        list(batches([PAYLOAD | {"category": "x"}]))


def test_a_puid_is_derived_from_the_reference() -> None:
    assert puid_of("EX-2026-000123", 1) == "EX-2026-000123-1"
    assert puid_of("EX/1", 1) != puid_of("EX:1", 1)
    for reference in ("EX/2026:1", "x" * 600, "ü"):
        assert not validate(PAYLOAD | {"puid": puid_of(reference, 7)})


def test_answers_are_read() -> None:
    stored = {"puid": "p-1", "uuid": "u-1"}
    one = answer(201, json.dumps(PAYLOAD | stored).encode())
    assert (one.result, one.uuids) == (Result.STORED, {"p-1": "u-1"})
    assert answer(201, json.dumps({"statements": [stored]}).encode()).uuids == {"p-1": "u-1"}
    existing = answer(422, json.dumps({"message": "m", "errors": {"puid": ["x"]}, "existing": stored}).encode())
    assert (existing.result, existing.uuids) == (Result.EXISTING, {"p-1": "u-1"})
    refused = answer(422, json.dumps({"errors": {"statement_3": {"puid": ["is wrong"]}, "category": ["no"]}}).encode())
    assert [(one.path, one.reason) for one in refused.findings] == [
        ("statement_3.puid", "is wrong"),
        ("category", "no"),
    ]
    assert answer(401, b"").result is Result.TOKEN
    assert {answer(status, b"<html>").result for status in (200, 302, 429, 500, 503)} == {Result.FAILED}
    assert (known_puid(302), known_puid(404)) == (True, False)
    with pytest.raises(AnswerUnreadableError):
        known_puid(200)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"statements": 1}', b'{"statements": [{}]}', b"[" * 100_000])
def test_an_answer_that_cannot_be_read_is_not_taken_for_stored(body: bytes) -> None:
    with pytest.raises(AnswerUnreadableError):
        answer(201, body)


@given(st.dictionaries(st.sampled_from(sorted(schema.FIELDS)), st.none() | st.text(max_size=5) | st.lists(st.text())))
def test_any_change_is_valid_or_named(change: dict[str, Any]) -> None:
    try:
        payload = prepare(PAYLOAD | change)
    except StatementInvalidError as error:
        payload, named = None, {one.path.split("[")[0] for one in error.findings}
    assert payload is not None or named <= set(schema.FIELDS)
    assert payload is None or not validate(payload)
