"""Orders of the DSA: every mandatory element, and the effect if and when."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from tutela.exchange.message.base import Wire
from tutela.exchange.message.problem import in_words
from tutela.exchange.takedown.order import ContentOrder, EffectGiven, InformationOrder

AUTHORITY = {"name": "Example Authority", "country": "IT", "contact": "desk@authority.example"}
COMMON: dict[str, Any] = {
    "reference": "IT-2026-9",
    "authority": AUTHORITY,
    "provider": "Example Hosting",
    "service": "Example Albums",
    "legal_basis": {"act": "Regulation (EU) 2022/2065, Art. 9", "provisions": ["Criminal Code, Art. 1"]},
    "reasons": "The information is illegal under the provision cited.",
    "redress": {
        "court": "Court of Example",
        "time_limit": "30 days",
        "for_provider": "Appeal to the court.",
        "for_recipient": "Appeal to the court.",
    },
    "effect_to": AUTHORITY,
    "language": "en",
    "issued_at": "2026-02-10T14:05:00Z",
}
CONTENT = COMMON | {
    "locations": [{"url": "https://host.example/x/1"}],
    "territorial_scope": ["IT"],
    "scope_reason": "The provision applies in Italy.",
}
INFORMATION = COMMON | {"recipients": ["user-4711"], "information": ["time of the last login"], "purpose": "File 9."}
EFFECT = {
    "reference": "IT-2026-9",
    "received_at": "2026-02-10T15:00:00Z",
    "effect": "given",
    "given_at": "2026-02-10T16:00:00Z",
}


def refusal(model: type[Wire], value: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        model.from_bytes(json.dumps(value).encode())
    return in_words(refused.value)


@pytest.mark.parametrize(("model", "value"), [(ContentOrder, CONTENT), (InformationOrder, INFORMATION)])
def test_every_mandatory_element_is_required(model: type[Wire], value: dict[str, Any]) -> None:
    found = model.from_bytes(json.dumps(value).encode())
    assert model.from_bytes(found.to_bytes()) == found
    for name in value:
        assert name in refusal(model, {key: one for key, one in value.items() if key != name})


def test_an_order_names_provisions_and_exact_addresses() -> None:
    assert "provisions" in refusal(ContentOrder, CONTENT | {"legal_basis": {"act": "x", "provisions": []}})
    assert "locations" in refusal(ContentOrder, CONTENT | {"locations": []})
    assert "twice" in refusal(ContentOrder, CONTENT | {"locations": CONTENT["locations"] * 2})
    assert "for_recipient" in refusal(ContentOrder, CONTENT | {"redress": {"court": "x"}})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"given_at": None}, "given_at"),
        ({"effect": "not_given"}, "given_at"),
        ({"effect": "partly_given"}, "reason"),
        ({"given_at": "2026-02-10T14:00:00Z"}, "before"),
        ({"locations": ["https://host.example/x/1"]}, "in part"),
        ({"effect": "partly_given", "reason": "x", "locations": []}, "locations"),
    ],
)
def test_effect_is_given_if_and_when(change: dict[str, Any], reason: str) -> None:
    assert EffectGiven.from_bytes(json.dumps(EFFECT).encode()).given_at is not None
    assert reason in refusal(EffectGiven, EFFECT | change)
