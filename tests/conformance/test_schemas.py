"""The published schemas are those of the code, and a foreign validator agrees with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.exchange_reports import AT, report, report_id
from tutela.exchange.json_schemas.json_schemas import MESSAGES, schema_text
from tutela.exchange.referral.referral import Referral
from tutela.exchange.report.report import Report

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas"


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8")))


def referral() -> dict[str, Any]:
    return {
        "referral_id": report_id(9),
        "case_number": "C-1",
        "centre": "Centre",
        "authority": "Authority",
        "created_at": AT,
        "reports": [report()],
        "assessment": {
            "relevant": True,
            "relevance_reason": "token",
            "urgent": False,
            "completeness": 80,
            "missing": [],
            "assessed_by": "analyst-1",
            "assessed_at": AT,
        },
        "jurisdiction": {"country": "IT", "ground": "place_of_offence", "facts": ["token"]},
    }


@pytest.mark.parametrize("name", MESSAGES)
def test_published_schemas_are_in_step(name: str) -> None:
    published = (PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8")
    assert published == schema_text(name), "run: python -m tutela.exchange.json_schemas.json_schemas docs/schemas/"
    Draft202012Validator.check_schema(json.loads(published))


def test_nothing_else_is_published() -> None:
    assert {path.name for path in PUBLISHED.iterdir()} == {f"{name}.schema.json" for name in MESSAGES}


def test_a_full_report_and_referral_fit_their_schemas() -> None:
    validator("report").validate(report())
    validator("report").validate(json.loads(Report.from_bytes(json.dumps(report()).encode()).to_bytes()))
    validator("referral").validate(referral())
    package = Referral.from_bytes(json.dumps(referral()).encode())
    validator("referral").validate(json.loads(package.to_bytes()))


@pytest.mark.parametrize("change", [{"surprise": 1}, {"kinds": []}, {"language": "!"}, {"report_id": 5}])
def test_the_schema_refuses_what_the_model_refuses(change: dict[str, Any]) -> None:
    assert not validator("report").is_valid(report() | change)
