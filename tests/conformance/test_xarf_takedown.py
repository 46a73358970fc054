"""What we generate and accept as XARF is valid by the schemas that XARF publishes, in both modes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.xarf_documents import CSAM, CSEM, piece
from tutela.exchange.takedown.json_checks import Level
from tutela.exchange.takedown.xarf import Evidence, generate, validate
from tutela.exchange.takedown.xarf.schema import TYPES, VERSION

schema_validator = pytest.importorskip("xarf.schema_validator").schema_validator
registry = pytest.importorskip("xarf.schema_registry").get_registry()

STRICT = {"target_brand": "none", "ncmec_report_id": "none", "evidence": [piece(b"log")]}
RICH = CSEM | {name: CSAM[name] for name in CSAM if name not in ("type", "classification", "detection_method")}
VALUES = st.sampled_from(
    [
        "",
        "x",
        "a.example",
        "https://host.example/",
        "2026-02-10T14:05:00Z",
        "baseline",
        "NL",
        0,
        1,
        443,
        0.5,
        True,
        None,
    ]
)


def foreign(document: dict[str, Any], *, strict: bool) -> list[Any]:
    return list(schema_validator.validate(document, strict=strict))


def ours(document: dict[str, Any], *, strict: bool) -> list[Any]:
    return [one for one in validate(document, strict=strict) if one.level is Level.ERROR]


def test_the_version_and_the_pairs_are_those_of_the_package() -> None:
    assert {(category, kind) for category in TYPES for kind in TYPES[category]} == {
        (category, kind) for category, kinds in registry.get_all_types().items() for kind in kinds
    }
    assert pytest.importorskip("xarf").SPEC_VERSION == VERSION


@pytest.mark.parametrize("document", [CSAM, CSEM])
def test_generated_documents_fit_the_schemas_in_the_standard_mode(document: dict[str, Any]) -> None:
    made = json.loads(generate(document, [Evidence(b"GET /x/1", "Log line")]))
    assert not foreign(made, strict=False)


@pytest.mark.parametrize("document", [CSAM, CSEM | {"domain": "provider.example", "source_port": 443}])
def test_complete_documents_fit_the_schemas_in_the_strict_mode(document: dict[str, Any]) -> None:
    extra = {name: CSAM[name] for name in ("verified_at", "verification_method", "evidence_source", "confidence")}
    values = document | extra | {"target_brand": "none"}
    values |= {"ncmec_report_id": "none"} if document is CSAM else {}
    made = json.loads(generate(values, [Evidence(b"GET /x/1", "Log line")], strict=True))
    assert not foreign(made, strict=True)


@pytest.mark.parametrize("document", [CSAM | STRICT, RICH | STRICT | {"detection_method": "user_report"}])
@pytest.mark.parametrize("strict", [False, True])
def test_a_missing_field_is_one_for_both(document: dict[str, Any], strict: bool) -> None:
    for name in document:
        left = {key: value for key, value in document.items() if key != name}
        if name in ("type", "category"):
            continue
        refused = {one.path for one in ours(left, strict=strict)} - {one.path for one in ours(document, strict=strict)}
        assert bool(foreign(left, strict=strict)) == bool(refused), name


@given(st.sampled_from([CSAM, CSEM]), st.data(), st.booleans())
def test_what_we_accept_they_accept(document: dict[str, Any], data: st.DataObject, strict: bool) -> None:
    changed = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(document)))
        value = changed.get(name)
        if isinstance(value, dict) and data.draw(st.booleans()):
            value[data.draw(st.sampled_from(sorted(value)))] = data.draw(VALUES)
        else:
            changed[name] = data.draw(VALUES)
    if not ours(changed, strict=strict):
        assert not foreign(changed, strict=strict)
